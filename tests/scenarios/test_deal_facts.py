"""What the CRM says about deals, as signed webhooks (rules §5; api.md, Webhooks in; situations)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Sandbox, lines, problem, shares, usd, wanted


@pytest.fixture
def dealing(sandbox: Sandbox) -> Sandbox:
    """Northwind holds acme.example with deal D-1, worth 100,000, at 2026-01-10T12:00Z."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    sandbox.move_clock("2026-01-10T12:00:00+00:00")
    return sandbox


def stated(sandbox: Sandbox, partner: str = "northwind") -> list[tuple[str, str, object]]:
    return [*lines(sandbox.statement(partner, "2026-Q1"))]


def test_a_change_of_value_that_happened_before_the_win_counts_though_it_arrives_after(dealing: Sandbox) -> None:
    """120k → 90k at 10:05, won at 10:10, arrived the other way round: facts fold by when they happened."""
    dealing.won("D-1", at="2026-01-10T10:10:00Z")
    dealing.fact("value_changed", "D-1", at="2026-01-10T10:05:00Z", value=usd("90000.00"))
    assert stated(dealing) == [("D-1", "13500.00", [])]
    dealing.fact("value_changed", "D-1", at="2026-01-10T10:01:00Z", value=usd("50000.00"))
    assert stated(dealing) == [("D-1", "13500.00", [])]


def test_a_delivery_that_comes_twice_is_answered_the_same_but_for_duplicate(dealing: Sandbox) -> None:
    """Same id, same body: no new event, signed anew or not."""
    body = dealing.webhook("deal.won", {"deal_id": "D-1", "won_on": "2026-01-10"})
    first = dealing.deliver(body, "msg_won").json()
    head = dealing.position()
    again = dealing.deliver(body, "msg_won")
    assert again.status_code == 200
    assert first["outcome"] == "applied" and first["position"] == head and first["registration"].startswith("reg_")
    assert again.json() == first | {"outcome": "duplicate"}
    assert dealing.position() == head


def test_the_same_id_with_another_body_is_refused_and_kept_beside_the_first(dealing: Sandbox) -> None:
    """Same id, other content: 409; people can see both."""
    first = dealing.webhook("deal.won", {"deal_id": "D-1", "won_on": "2026-01-10"})
    other = dealing.webhook("deal.won", {"deal_id": "D-1", "won_on": "2026-01-09"})
    dealing.deliver(first, "msg_won")
    head = dealing.position()
    assert problem(dealing.deliver(other, "msg_won")) == (409, "DELIVERY_ID_REUSED")
    assert problem(dealing.deliver(other, "msg_won")) == (409, "DELIVERY_ID_REUSED")
    assert dealing.position() == head
    shown = dealing.by("auditor").get(f"/v1/deliveries/{dealing.source}/msg_won")
    assert (shown["body"], [rival["body"] for rival in shown["rivals"]]) == (first.decode(), [other.decode()])


def test_a_refund_counts_once_whatever_its_delivery_is_called(dealing: Sandbox) -> None:
    """A second delivery with the same `refund_id` is ignored."""
    dealing.won("D-1")
    refund: dict[str, Any] = {"refund_id": "R-1", "amount": usd("30000.00"), "refunded_on": "2026-01-10"}
    assert dealing.fact("refunded", "D-1", **refund)["outcome"] == "applied"
    again = dealing.fact("refunded", "D-1", **refund)
    assert (again["outcome"], again["position"]) == ("ignored", None)
    assert stated(dealing) == [("D-1", "10500.00", [])]


def test_a_refund_before_its_win_counts_and_a_reopening_drops_it(dealing: Sandbox) -> None:
    """Any well-formed fact of a known deal is applied, whatever the order; a reopening drops refunds before it."""
    refund: dict[str, Any] = {"refund_id": "R-1", "amount": usd("100000.00"), "refunded_on": "2026-01-10"}
    assert dealing.fact("refunded", "D-1", at="2026-01-10T11:00:00Z", **refund)["outcome"] == "applied"
    dealing.won("D-1", at="2026-01-10T10:00:00Z")
    assert stated(dealing) == [("D-1", "0.00", [])]
    dealing.fact("reopened", "D-1", at="2026-01-10T11:30:00Z")
    assert stated(dealing) == []
    dealing.won("D-1", at="2026-01-10T11:45:00Z")
    assert stated(dealing) == [("D-1", "15000.00", [])]


def test_won_reopened_and_won_again_there_is_one_line_on_the_second_day(dealing: Sandbox) -> None:
    """Never two live credits for one deal."""
    dealing.won("D-1", at="2026-01-10T10:00:00Z")
    dealing.fact("reopened", "D-1", at="2026-01-10T11:00:00Z")
    dealing.move_clock("2026-01-20T12:00:00+00:00")
    dealing.won("D-1", value=usd("80000.00"))
    [line] = dealing.statement("northwind", "2026-Q1")["lines"]
    assert (line["won_on"], line["commission"]["amount"]) == ("2026-01-20", "12000.00")


def test_a_lost_deal_credits_nobody_and_frees_the_account(dealing: Sandbox) -> None:
    behind = dealing.register("contoso")
    dealing.won("D-1", at="2026-01-10T10:00:00Z")
    assert dealing.fact("lost", "D-1", reason="Chose another vendor.")["outcome"] == "applied"
    assert stated(dealing) == []
    assert dealing.registration(behind["id"])["status"] == "approved"


def test_a_fact_of_an_unknown_deal_waits_and_is_applied_when_the_deal_becomes_known(sandbox: Sandbox) -> None:
    """Parked as `UNKNOWN_DEAL`; applied in the transaction that makes the deal known."""
    sandbox.move_clock("2026-01-10T12:00:00+00:00")
    registered = sandbox.register("northwind", value=usd("100000.00"))
    head = sandbox.position()
    body = sandbox.webhook("deal.won", {"deal_id": "D-1", "won_on": "2026-01-10"})
    waiting = sandbox.deliver(body, "msg_won").json()
    expected = {"outcome": "parked", "reason": "UNKNOWN_DEAL", "position": None, "registration": None}
    assert waiting == {"delivery": "msg_won"} | expected
    assert sandbox.deliver(body, "msg_won").json() == waiting | {"outcome": "duplicate"}
    assert sandbox.position() == head
    linked = sandbox.by("crm").post(f"/v1/registrations/{registered['id']}/deal", sandbox.linked("D-1"))
    assert sandbox.position() == linked["position"] + 1
    assert stated(sandbox) == [("D-1", "15000.00", [])]
    shown = sandbox.by("auditor").get(f"/v1/deliveries/{sandbox.source}/msg_won")
    assert (shown["outcome"], shown["registration"]) == ("applied", registered["id"])
    assert [event["type"] for event in shown["caused"]] == ["deal_registration.won.v1"]
    duplicate = sandbox.deliver(body, "msg_won").json()
    assert (duplicate["outcome"], duplicate["position"]) == ("duplicate", shown["position"])


def test_a_fact_from_the_future_waits_for_its_day(dealing: Sandbox) -> None:
    """Dated beyond 5 minutes, or won after today: parked, and applied when its time comes."""
    waiting = dealing.won("D-1", at="2026-01-10T12:05:00.000001Z")
    assert (waiting["outcome"], waiting["reason"], waiting["position"]) == ("parked", "FUTURE_DATED", None)
    assert stated(dealing) == []
    dealing.move_clock("2026-01-10T12:00:01+00:00")
    assert stated(dealing) == [("D-1", "15000.00", [])]


def test_clocks_that_differ_by_five_minutes_are_tolerated(dealing: Sandbox) -> None:
    assert dealing.won("D-1", at="2026-01-10T12:05:00Z")["outcome"] == "applied"


def test_a_win_on_a_day_to_come_waits_for_that_day(dealing: Sandbox) -> None:
    assert dealing.won("D-1", "2026-01-11")["reason"] == "FUTURE_DATED"
    dealing.move_clock("2026-01-10T23:59:59.999999+00:00")
    assert stated(dealing) == []
    dealing.move_clock("2026-01-11T00:00:00+00:00")
    assert stated(dealing) == [("D-1", "15000.00", [])]


def test_a_fact_from_too_long_ago_is_applied_only_when_a_person_says_so(dealing: Sandbox) -> None:
    """`oldest_fact_days` (400): parked as `TOO_OLD`, until the admin retries it."""
    waiting = dealing.fact("value_changed", "D-1", at="2024-12-01T00:00:00Z", value=usd("1.00"))
    assert (waiting["outcome"], waiting["reason"]) == ("parked", "TOO_OLD")
    path = f"/v1/deliveries/{dealing.source}/{waiting['delivery']}/retry"
    assert dealing.by("auditor").refused("POST", path) == (403, "FORBIDDEN")
    applied = dealing.admin.post(path)
    assert (applied["outcome"], applied["position"]) == ("applied", dealing.position())
    assert dealing.admin.refused("POST", path) == (409, "WRONG_STATE")


def test_a_refund_in_another_currency_than_the_values_is_refused(dealing: Sandbox) -> None:
    head = dealing.position()
    amount = {"amount": "10.00", "currency": "EUR"}
    answer = dealing.fact("refunded", "D-1", refund_id="R-1", amount=amount, refunded_on="2026-01-10")
    assert (answer["outcome"], answer["reason"], answer["position"]) == ("refused", "CURRENCY_MISMATCH", None)
    assert dealing.position() == head


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("deal.won", {"deal_id": "D-1"}, "data.won_on"),
        ("deal.won", {"deal_id": "D-1", "won_on": "10 January"}, "data.won_on"),
        ("deal.won", {"deal_id": 1, "won_on": "2026-01-10"}, "data.deal_id"),
        (
            "deal.refunded",
            {"deal_id": "D-1", "refund_id": "R", "amount": usd("0.001"), "refunded_on": "2026-01-10"},
            "",
        ),
        ("deal.value_changed", {"deal_id": "D-1", "value": {"amount": 100, "currency": "USD"}}, "data.value.amount"),
        ("deal.lost", {"deal_id": "D-1", "why": "?"}, "data.why"),
        ("deal.registered", {"deal_id": "D-9"}, "data.account"),
    ],
)
def test_data_that_does_not_fit_its_type_is_refused_with_what_is_wrong(
    dealing: Sandbox, kind: str, data: dict[str, object], field: str
) -> None:
    """`MALFORMED` with `errors`, in a 200: the sender did deliver it."""
    head = dealing.position()
    answer = dealing.deliver(dealing.webhook(kind, data))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["outcome"], told["reason"], told["position"]) == ("refused", "MALFORMED", None)
    assert any(error["field"].startswith(field) for error in told["errors"]), told
    assert dealing.position() == head


def test_what_is_nothing_to_us_is_ignored_and_answered_with_200(dealing: Sandbox) -> None:
    """An unknown type, a body without our form: never a 4xx, or the sender would try for ever."""
    head = dealing.position()
    ignored = dealing.deliver(dealing.webhook("contact.created", {"id": 5})).json()
    assert (ignored["outcome"], ignored["reason"], ignored["position"]) == ("ignored", None, None)
    refused = dealing.deliver(b"[1, 2]").json()
    assert (refused["outcome"], refused["reason"]) == ("refused", "MALFORMED")
    assert dealing.position() == head


def test_a_registration_by_webhook_is_one_like_any_other(sandbox: Sandbox) -> None:
    """`deal.registered`: the CRM's time moves nobody in the queue; a rule's no is the outcome's reason."""

    def registered(partner: str, deal: str) -> dict[str, object]:
        data = wanted(partner=partner, deal_id=deal)
        answer: dict[str, object] = sandbox.deliver(
            sandbox.webhook("deal.registered", data, at="2025-06-01T00:00:00Z")
        ).json()
        return answer

    head = sandbox.position()
    first = registered("northwind", "D-1")
    assert (first["outcome"], first["position"]) == ("applied", sandbox.position())
    assert registered("contoso", "D-2")["outcome"] == "applied"
    shown = sandbox.registration(str(first["registration"]))
    assert (shown["status"], shown["deal"]) == ("approved", sandbox.linked("D-1"))
    assert sandbox.position() > head
    assert registered("northwind", "D-3")["reason"] == "ALREADY_REGISTERED"
    assert registered("fabrikam", "D-4")["reason"] == "UNKNOWN_PARTNER"
    sandbox.move_clock("2026-01-02T12:00:00+00:00")
    assert sandbox.won("D-1")["registration"] == first["registration"]


def test_a_deal_leads_to_one_registration_and_only_staff_links_it_again(dealing: Sandbox) -> None:
    """`DEAL_ALREADY_LINKED`, the same text whoever has it."""
    other = dealing.register("contoso", "globex")
    path, body = f"/v1/registrations/{other['id']}/deal", dealing.linked("D-1")
    assert dealing.by("partner", "contoso").refused("POST", path, body) == (409, "DEAL_ALREADY_LINKED")
    assert dealing.by("crm").refused("POST", path, body) == (409, "DEAL_ALREADY_LINKED")
    assert dealing.by("sales").post(path, body)["deal"] == body
    dealing.won("D-1", value=usd("100000.00"))
    assert stated(dealing, "contoso") == [("D-1", "15000.00", [])]
    assert stated(dealing) == []


def test_a_win_under_review_is_held_and_one_on_a_withdrawn_registration_credits_nobody(sandbox: Sandbox) -> None:
    """`NOT_APPROVED`; rejected, returned or withdrawn: recorded, and credits nobody."""
    sandbox.terms(approval="manual")
    first = sandbox.register("northwind", "acme", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    second = sandbox.register("northwind", "globex", deal=sandbox.linked("D-2"))
    body = {"reason": "No budget."}
    sandbox.by("partner", "northwind").post(f"/v1/registrations/{second['id']}/withdraw", body)
    sandbox.move_clock(timedelta(hours=1))
    assert sandbox.won("D-1")["outcome"] == "applied"
    assert sandbox.won("D-2")["outcome"] == "applied"
    assert stated(sandbox) == [("D-1", "15000.00", ["NOT_APPROVED"])]
    sandbox.by("sales").post(f"/v1/registrations/{first['id']}/approve")
    assert stated(sandbox) == [("D-1", "15000.00", [])]


@pytest.mark.parametrize(
    ("setting", "found"),
    [("unclaimed", [("D-1", "15000.00", [])]), ("review", [("D-1", "15000.00", ["AFTER_EXPIRY"])]), ("never", [])],
)
def test_a_win_after_protection_ended_is_credited_by_the_setting(
    dealing: Sandbox, setting: str, found: list[object]
) -> None:
    """`credit_after_expiry`, within its 90 days and while nobody else claims."""
    dealing.terms(credit_after_expiry=setting)
    dealing.move_clock("2026-02-20T12:00:00+00:00")
    dealing.won("D-1")
    assert stated(dealing) == found


def test_shares_are_as_they_were_agreed_at_the_win(dealing: Sandbox) -> None:
    """Co-sell: both are credited; after the win the shares stand."""
    [registration] = dealing.by("sales").get("/v1/registrations", at_least=dealing.position())["items"]
    path, manager = f"/v1/registrations/{registration['id']}/shares", dealing.by("partner_manager")
    assert manager.put(path, {"shares": shares(northwind=6000, contoso=4000)})["shares"][1]["basis_points"] == 4000
    dealing.won("D-1")
    assert stated(dealing) == [("D-1", "9000.00", [])]
    assert stated(dealing, "contoso") == [("D-1", "6000.00", [])]
    assert manager.refused("PUT", path, {"shares": shares(northwind=10_000)}) == (409, "ALREADY_WON")


def test_a_delivery_is_kept_as_it_came_without_its_signature(dealing: Sandbox) -> None:
    """Evidence (rules §9): the raw body, and what it caused; the list says how each ended."""
    body = dealing.webhook("deal.won", {"deal_id": "D-1", "won_on": "2026-01-10", "value": usd("100000.00")})
    dealing.deliver(body, "msg_won")
    dealing.deliver(dealing.webhook("contact.created", {}), "msg_other")
    auditor = dealing.by("auditor")
    listed = auditor.get("/v1/deliveries", source=dealing.source)["items"]
    assert [(one["id"], one["outcome"]) for one in listed] == [("msg_won", "applied"), ("msg_other", "ignored")]
    assert [one["id"] for one in auditor.get("/v1/deliveries", outcome="ignored")["items"]] == ["msg_other"]
    shown = auditor.get(f"/v1/deliveries/{dealing.source}/msg_won")
    assert json.loads(shown["body"]) == json.loads(body) and shown["body"] == body.decode()
    assert "webhook-signature" not in shown["headers"] and shown["headers"]["webhook-id"] == "msg_won"
    assert [event["position"] for event in shown["caused"]] == [shown["position"]]


def test_a_deal_moved_between_accounts_leads_to_the_same_registration_after_a_replay(sandbox: Sandbox) -> None:
    """The later link counts, also where the account that it leads to is the older one."""
    other = sandbox.register("contoso", "globex")
    sandbox.register("northwind", "acme", deal=sandbox.linked("D-1"))
    sandbox.by("sales").post(f"/v1/registrations/{other['id']}/deal", sandbox.linked("D-1"))
    assert sandbox.by("auditor").post("/v1/audit/replay")["first_disagreement"] is None


def test_a_deal_that_a_registration_was_linked_away_from_is_unknown_again(sandbox: Sandbox) -> None:
    """A registration has one deal: what the CRM says of the former one is not about it any more."""
    registered = sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.by("sales").post(f"/v1/registrations/{registered['id']}/deal", sandbox.linked("D-2"))
    answer = sandbox.won("D-1")
    assert (answer["outcome"], answer["reason"]) == ("parked", "UNKNOWN_DEAL")
    assert stated(sandbox) == []
    assert sandbox.won("D-2")["outcome"] == "applied"


@pytest.mark.parametrize("stop", ["2026-01-11T00:00:00+00:00", None])
def test_a_fact_that_waited_is_applied_before_what_ended_later(dealing: Sandbox, stop: str | None) -> None:
    """A sandbox's clock writes what fell due in order of instant, in one move as in two: the holder had not changed."""
    dealing.register("contoso")
    dealing.won("D-1", "2026-01-11")
    if stop is not None:
        dealing.move_clock(stop)
    dealing.move_clock("2026-03-01T00:00:00+00:00")
    assert stated(dealing) == [("D-1", "15000.00", [])]
    assert [(one["partner"], one["ended_by"]) for one in dealing.queue()["timeline"]] == [("northwind", "won")]


def test_one_of_several_products_held_earns_the_whole_and_is_held_for_the_other(sandbox: Sandbox) -> None:
    """Rules §5: credited whole, held while another partner holds one of the products; decided, it is released."""
    sandbox.register("northwind", products=["edge"])
    body = {"products": ["core", "edge"], "deal": sandbox.linked("D-2"), "value": usd("100000.00")}
    both = sandbox.register("contoso", **body)
    sandbox.won("D-2")
    assert stated(sandbox, "contoso") == [("D-2", "15000.00", ["CONFLICT_OPEN"])]
    sandbox.decide(both["conflict"], "uphold")
    assert stated(sandbox, "contoso") == [("D-2", "15000.00", [])]


def test_a_sandboxs_clock_stands_still_and_moves_only_forwards(sandbox: Sandbox) -> None:
    """The same instant again changes nothing."""
    head = sandbox.position()
    assert sandbox.move_clock("2026-01-01T09:00:00+00:00")["now"] == "2026-01-01T09:00:00.000000Z"
    assert sandbox.position() == head
    body = {"now": "2026-01-01T08:59:59.999999Z"}
    assert sandbox.admin.refused("POST", "/v1/sandbox/clock", body) == (409, "CLOCK_MOVES_FORWARD")
    assert sandbox.admin.get("/v1/programme")["now"] == "2026-01-01T09:00:00.000000Z"
