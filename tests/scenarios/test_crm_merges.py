"""Records that the CRM merges: two accounts are one customer, two deals one opportunity; nobody's place moves."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.scenarios.test_matching import INTACT, partners_of, replayed
from tests.support.api import Sandbox, lines, shares, usd, wanted


def of_crm(sandbox: Sandbox, partner: str, account: str, crm_id: str, **changes: Any) -> Any:
    """The CRM registers a deal of one of its accounts, called `D-<partner>`."""
    body = wanted(account, partner=partner, deal=sandbox.linked(f"D-{partner}"), **changes)
    body["account"]["crm_id"] = crm_id
    return sandbox.by("crm").post("/v1/registrations", body)


def merged(sandbox: Sandbox, into: str, *crm_ids: str, **changes: Any) -> Any:
    """What the CRM is answered when it tells of a merge of accounts."""
    body = sandbox.webhook("account.merged", {"crm_ids": crm_ids, "into": into}, **changes)
    return sandbox.deliver(body).json()


def test_accounts_that_the_crm_merged_are_one_and_whoever_was_first_is_first(sandbox: Sandbox) -> None:
    """The survivor is a new id; the younger account's holder waits from now on, and a case says so."""
    first = of_crm(sandbox, "northwind", "acme", "1A")
    second = of_crm(sandbox, "contoso", "globex", "2B")
    assert (first["status"], second["status"]) == ("approved", "approved")
    answer = merged(sandbox, "3C", "2B", "1A")
    assert (answer["outcome"], answer["reason"]) == ("applied", None)
    assert partners_of(sandbox.queue("globex")) == partners_of(sandbox.queue("acme")) == ["northwind", "contoso"]
    assert sandbox.registration(second["id"])["status"] == "waiting"
    assert sandbox.case(sandbox.registration(second["id"])["conflict"])["kind"] == "same_account"
    account = sandbox.by("sales").get(f"/v1/accounts/{sandbox.queue()['account']}")
    assert {f"{sandbox.source}/{one}" for one in ("1A", "2B", "3C")} == set(account["crm_ids"])
    assert merged(sandbox, "3C", "1A", "2B")["outcome"] == "ignored"
    assert merged(sandbox, "2B", "3C")["outcome"] == "ignored"
    assert replayed(sandbox) == INTACT


def test_it_makes_no_difference_whether_the_merge_or_the_registrations_arrive_first(sandbox: Sandbox) -> None:
    """Ids that nobody has used yet lead to one account from then on, by any way of one into another."""
    assert merged(sandbox, "2B", "1A")["outcome"] == "applied"
    assert merged(sandbox, "4D", "3C")["outcome"] == "applied"
    assert merged(sandbox, "4D", "2B")["outcome"] == "applied"
    of_crm(sandbox, "northwind", "acme", "1A")
    second = of_crm(sandbox, "contoso", "globex", "3C")
    assert second["status"] == "waiting"
    assert partners_of(sandbox.queue("globex")) == ["northwind", "contoso"]
    assert replayed(sandbox) == INTACT


def test_a_merge_of_accounts_that_cannot_be_applied_changes_nothing(sandbox: Sandbox) -> None:
    """Malformed is refused field by field; what is dated in the future waits for its day."""
    of_crm(sandbox, "northwind", "acme", "1A")
    second = of_crm(sandbox, "contoso", "globex", "2B")
    for into, crm_ids in (("1A", ("1A",)), ("1A", ()), ("1A", ("2B", "2B"))):
        answer = merged(sandbox, into, *crm_ids)
        assert (answer["outcome"], answer["reason"]) == ("refused", "MALFORMED")
        assert answer["errors"][0]["field"].startswith("data")
    answer = merged(sandbox, "1A", "2B", at="2026-01-02T09:00:00Z")
    assert (answer["outcome"], answer["reason"], answer["position"]) == ("parked", "FUTURE_DATED", None)
    assert sandbox.registration(second["id"])["status"] == "approved"
    sandbox.move_clock("2026-01-02T10:00:00+00:00")
    assert sandbox.registration(second["id"])["status"] == "waiting"
    assert replayed(sandbox) == INTACT


def one_deal(sandbox: Sandbox, into: str, *deal_ids: str, **changes: Any) -> Any:
    """What the CRM is answered when it tells of a merge of deals."""
    body = sandbox.webhook("deal.merged", {"deal_ids": deal_ids, "into": into}, **changes)
    return sandbox.deliver(body).json()


def rivals(sandbox: Sandbox, **second: Any) -> tuple[Any, Any]:
    """Northwind registers D-1, and Contoso one second later D-2, of one customer unless said."""
    first = sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.move_clock(timedelta(seconds=1))
    account = second.pop("account_name", "acme")
    return first, sandbox.register("contoso", account, deal=sandbox.linked("D-2"), **second)


def merged_cases(sandbox: Sandbox) -> Any:
    """The cases about merged deals, oldest first."""
    return sandbox.by("sales").get("/v1/conflicts", kind="merged_deals")["items"]


def credited(sandbox: Sandbox, period: str = "2026-Q1") -> dict[str, Any]:
    """Each partner's lines of the open period."""
    return {partner: lines(sandbox.statement(partner, period)) for partner in sandbox.partners}


def test_two_merged_deals_are_one_opportunity_and_a_case_in_the_order_of_registration(sandbox: Sandbox) -> None:
    """The survivor is a new id: facts of all three ids are one deal's, credited to whoever registered first."""
    first, second = rivals(sandbox)
    [clash] = sandbox.by("sales").get("/v1/conflicts", kind="same_account")["items"]
    sandbox.fact("value_changed", "D-2", value=usd("90000.00"))
    position = sandbox.position()
    answer = one_deal(sandbox, "D-3", "D-2", "D-1")
    assert (answer["outcome"], answer["registration"]) == ("applied", first["id"])
    [case] = merged_cases(sandbox)
    events = sandbox.admin.ask("GET", "/v1/audit/events", query={"after": position}).text.splitlines()
    assert {json.loads(event)["cause"].split(":")[2] for event in events[:-1]} == {answer["delivery"]}
    assert [json.loads(event)["type"] for event in events[:2]] == [
        "crm_deal.merged.v1",
        "deal_registration.deal_led_elsewhere.v1",
    ]
    assert [(one["id"], one["rank"]) for one in case["registrations"]] == [(first["id"], 1), (second["id"], 2)]
    assert sandbox.case(clash["id"])["status"] == "moot"
    told = [one["what"] for one in sandbox.registration(first["id"])["history"]]
    assert "In the CRM D-1, D-2, D-3 are one deal, which leads here." in told
    assert sandbox.registration(second["id"])["conflict"] == case["id"]
    assert sandbox.won("D-3")["registration"] == first["id"]
    sandbox.fact("refunded", "D-2", refund_id="R-1", amount=usd("10000.00"), refunded_on="2026-01-01")
    assert credited(sandbox) == {"northwind": [("D-1", "12000.00", [])], "contoso": []}
    sandbox.investigate(case["id"])
    assert credited(sandbox)["northwind"] == [("D-1", "12000.00", ["CONFLICT_OPEN"])]
    sandbox.decide(case["id"], "uphold")
    assert credited(sandbox) == {"northwind": [("D-1", "12000.00", [])], "contoso": []}
    assert sandbox.registration(second["id"])["status"] == "rejected"
    assert replayed(sandbox) == INTACT


def test_merges_chain_and_circle_and_come_before_or_after_what_they_are_about(sandbox: Sandbox) -> None:
    """Only that ids are one deal matters; one that nobody has registered yet is registered under all of them."""
    assert one_deal(sandbox, "D-3", "D-1")["registration"] is None
    assert one_deal(sandbox, "D-5", "D-4")["outcome"] == "applied"
    waiting = sandbox.won("D-5")
    assert (waiting["outcome"], waiting["reason"]) == ("parked", "UNKNOWN_DEAL")
    assert one_deal(sandbox, "D-4", "D-3")["outcome"] == "applied"
    for into, other in (("D-5", "D-1"), ("D-1", "D-5"), ("D-3", "D-4")):
        assert one_deal(sandbox, into, other)["outcome"] == "ignored"
    first = sandbox.register("northwind", deal=sandbox.linked("D-1"))
    assert first["deal"]["id"] == "D-1"
    assert sandbox.registration(first["id"])["status"] == "won"
    for deal in ("D-3", "D-4", "D-5"):
        assert sandbox.fact("paid", deal, amount=usd("1.00"), paid_on="2026-01-01")["registration"] == first["id"]
        taken = wanted("globex", deal=sandbox.linked(deal))
        refused = sandbox.by("partner", "contoso").refused("POST", "/v1/registrations", taken)
        assert refused == (409, "DEAL_ALREADY_LINKED")
    assert credited(sandbox)["northwind"] == [("D-1", "19000.00", [])]
    assert replayed(sandbox) == INTACT


def test_a_merge_of_deals_that_cannot_be_applied_changes_nothing(sandbox: Sandbox) -> None:
    """Malformed, in two currencies, too many ids, dated in the future: the log stands where it stood."""
    rivals(sandbox, value={"amount": "1000.00", "currency": "EUR"})
    sandbox.fact(
        "refunded", "D-2", refund_id="R-1", amount={"amount": "1.00", "currency": "EUR"}, refunded_on="2026-01-01"
    )
    position = sandbox.position()
    for into, deal_ids in (("D-1", ["D-1"]), ("D-1", []), ("D-1", ["D-2", "D-2"])):
        assert one_deal(sandbox, into, *deal_ids)["reason"] == "MALFORMED"
    assert one_deal(sandbox, "D-1", "D-2")["reason"] == "CURRENCY_MISMATCH"
    for start in (10, 60):
        assert one_deal(sandbox, "E", *(f"E-{number}" for number in range(start, start + 50)))["outcome"] == (
            "applied" if start == 10 else "refused"
        )
    assert sandbox.position() == position + 1
    opened = {"opportunity_id": "O-1", "account": wanted("initech")["account"], "products": ["edge"]}
    assert sandbox.deliver(sandbox.webhook("account.direct_opened", opened)).json()["outcome"] == "applied"
    assert one_deal(sandbox, "D-1", "O-1")["reason"] == "DIRECT_DEAL"
    tomorrow = one_deal(sandbox, "D-8", "D-1", at="2026-01-02T09:00:00Z")
    assert (tomorrow["outcome"], tomorrow["reason"]) == ("parked", "FUTURE_DATED")
    assert sandbox.won("D-8")["reason"] == "UNKNOWN_DEAL"
    sandbox.move_clock("2026-01-02T10:00:00+00:00")
    assert sandbox.won("D-8", "2026-01-01")["outcome"] == "applied"
    assert merged_cases(sandbox) == []


def test_distinct_deals_have_again_what_was_said_under_their_ids(sandbox: Sandbox) -> None:
    """Two opportunities after all: each has its own queue and facts; the new id stays with whoever was first."""
    first, second = rivals(sandbox)
    one_deal(sandbox, "D-3", "D-1", "D-2")
    sandbox.won("D-2", value=usd("50000.00"))
    sandbox.won("D-3", value=usd("20000.00"))
    assert credited(sandbox) == {"northwind": [("D-1", "3000.00", [])], "contoso": []}
    [case] = merged_cases(sandbox)
    sandbox.decide(case["id"], "distinct")
    assert [sandbox.registration(one["id"])["status"] for one in (first, second)] == ["won", "won"]
    assert credited(sandbox) == {"northwind": [("D-1", "3000.00", [])], "contoso": [("D-2", "7500.00", [])]}
    said = {deal: sandbox.fact("value_changed", deal, value=usd("30000.00")) for deal in ("D-1", "D-2", "D-3")}
    assert [one["registration"] for one in said.values()] == [first["id"], second["id"], first["id"]]
    assert one_deal(sandbox, "D-3", "D-1", "D-2", at=sandbox.now - timedelta(seconds=1))["outcome"] == "ignored"
    assert merged_cases(sandbox) == [{**merged_cases(sandbox)[0], "status": "decided"}]
    sandbox.move_clock(timedelta(hours=1))
    assert one_deal(sandbox, "D-2", "D-1")["outcome"] == "applied"
    assert [one["status"] for one in merged_cases(sandbox)].count("identified") == 1
    assert credited(sandbox)["contoso"] == []
    assert replayed(sandbox) == INTACT


@pytest.mark.parametrize(
    ("outcome", "credits_of"),
    [
        ("uphold", {"northwind": [("D-1", "17000.00", [])], "contoso": []}),
        ("reassign", {"northwind": [], "contoso": [("D-2", "17000.00", [])]}),
        ("split", {"northwind": [("D-1", "8250.00", [])], "contoso": [("D-2", "8250.00", [])]}),
        ("distinct", {"northwind": [], "contoso": [("D-2", "17000.00", [])]}),
        ("void", {"northwind": [], "contoso": []}),
    ],
)
@pytest.mark.parametrize("products", [["edge"], ["core"]], ids=["of one product", "of two products"])
def test_each_outcome_lets_a_merged_deal_lead_where_it_says(
    sandbox: Sandbox, products: list[str], outcome: str, credits_of: dict[str, Any]
) -> None:
    """Decided before the win: Contoso waited for Northwind, or held another product; D-2 is won afterwards."""
    first, second = rivals(sandbox, products=products)
    one_deal(sandbox, "D-1", "D-2")
    [case] = merged_cases(sandbox)
    assert case["product"] == ("edge" if products == ["edge"] else None)
    stated = {"shares": shares(northwind=5000, contoso=5000)} if outcome == "split" else {}
    sandbox.decide(case["id"], outcome, **stated)
    assert len(merged_cases(sandbox)) == 1
    sandbox.won("D-2", value=usd("110000.00"))
    assert credited(sandbox) == credits_of
    statuses = [sandbox.registration(one["id"])["status"] for one in (first, second)]
    assert statuses[1] == {"uphold": "rejected", "void": "rejected"}.get(outcome, statuses[1])
    assert replayed(sandbox) == INTACT


def test_after_a_closing_a_merge_moves_the_credit_by_adjustments(sandbox: Sandbox) -> None:
    """Contoso was paid for D-2; it turns out to be Northwind's deal: −15,000.00 and +15,000.00 in the open period."""
    rivals(sandbox, products=["core"])
    sandbox.won("D-2", value=usd("100000.00"))
    sandbox.move_clock("2026-04-02T09:00:00+00:00")
    sandbox.close("2026-Q1")
    one_deal(sandbox, "D-2", "D-1")
    for partner, amount in (("northwind", "15000.00"), ("contoso", "-15000.00")):
        [adjustment] = sandbox.statement(partner, "2026-Q2")["adjustments"]
        assert (adjustment["period"], adjustment["amount"]["amount"]) == ("2026-Q1", amount)
    assert replayed(sandbox) == INTACT


def test_deals_of_two_accounts_that_are_merged_ask_whether_these_are_one(sandbox: Sandbox) -> None:
    """A deal has one customer: nothing but the deal moves by itself; upheld, the accounts are one."""
    first, second = rivals(sandbox, account_name="globex")
    sandbox.won("D-2", value=usd("20000.00"))
    assert credited(sandbox) == {"northwind": [], "contoso": [("D-2", "3000.00", [])]}
    one_deal(sandbox, "D-3", "D-1", "D-2")
    assert credited(sandbox) == {"northwind": [("D-1", "3000.00", [])], "contoso": []}
    [case] = sandbox.by("sales").get("/v1/conflicts", kind="possible_duplicate")["items"]
    [duplicate] = case["duplicates"]
    assert (duplicate["registration"], duplicate["rule"]) == (first["id"], "merged_deals")
    assert sandbox.registration(second["id"])["status"] == "approved"
    sandbox.decide(case["id"], "uphold")
    assert sandbox.queue("globex")["account"] == sandbox.queue("acme")["account"]
    [case] = merged_cases(sandbox)
    sandbox.decide(case["id"], "reassign")
    assert credited(sandbox) == {"northwind": [], "contoso": [("D-2", "3000.00", [])]}
    assert replayed(sandbox) == INTACT


def test_deals_of_two_customers_are_parted_again(sandbox: Sandbox) -> None:
    """Decided as distinct, each customer's registration has its own deal, with what was said of it."""
    first, _ = rivals(sandbox, account_name="globex")
    one_deal(sandbox, "D-3", "D-1", "D-2")
    sandbox.won("D-2", value=usd("20000.00"))
    assert credited(sandbox) == {"northwind": [("D-1", "3000.00", [])], "contoso": []}
    [case] = sandbox.by("sales").get("/v1/conflicts", kind="possible_duplicate")["items"]
    sandbox.decide(case["id"], "distinct")
    assert credited(sandbox) == {"northwind": [], "contoso": [("D-2", "3000.00", [])]}
    assert sandbox.registration(first["id"])["status"] == "approved"
    assert sandbox.won("D-3", value=usd("10000.00"))["registration"] == first["id"]
    assert replayed(sandbox) == INTACT


def test_when_the_first_is_over_a_merged_deal_leads_to_the_next(sandbox: Sandbox) -> None:
    """Northwind withdraws: whoever waited is first, and the deal under all its ids is that one's."""
    first, second = rivals(sandbox)
    one_deal(sandbox, "D-3", "D-1", "D-2")
    sandbox.fact("value_changed", "D-3", value=usd("20000.00"))
    sandbox.by("partner", "northwind").post(f"/v1/registrations/{first['id']}/withdraw", {"reason": "Not ours."})
    assert sandbox.won("D-1")["registration"] == second["id"]
    assert credited(sandbox) == {"northwind": [], "contoso": [("D-2", "3000.00", [])]}
    [case] = merged_cases(sandbox)
    assert case["status"] == "moot"
    assert replayed(sandbox) == INTACT


def test_staff_links_a_merged_deal_under_any_of_its_ids(sandbox: Sandbox) -> None:
    """The whole deal goes to the registration, with what was said of it; and leaves it as a whole."""
    rivals(sandbox)
    one_deal(sandbox, "D-3", "D-1", "D-2")
    sandbox.fact("value_changed", "D-2", value=usd("20000.00"))
    third = sandbox.register("northwind", "globex")
    sales = sandbox.by("sales")
    linked = sales.post(f"/v1/registrations/{third['id']}/deal", sandbox.linked("D-2"))
    assert (linked["deal"]["id"], linked["value"]) == ("D-2", usd("20000.00"))
    for deal in ("D-1", "D-2", "D-3"):
        assert sandbox.fact("reopened", deal)["registration"] == third["id"]
    fourth = sandbox.register("contoso", "initech", deal=sandbox.linked("E-1"))
    one_deal(sandbox, "E-2", "E-1")
    sales.post(f"/v1/registrations/{fourth['id']}/deal", sandbox.linked("E-9"))
    assert sandbox.won("E-2")["outcome"] == "parked"
    assert sandbox.won("E-9")["registration"] == fourth["id"]
    assert replayed(sandbox) == INTACT


def test_parties_of_a_merged_deal_see_their_own_side_alone(sandbox: Sandbox) -> None:
    """Neither partner reads the other's id, name or deal anywhere; both keep the deal's id that they know."""
    first, second = rivals(sandbox, products=["core"])
    one_deal(sandbox, "D-77", "D-1", "D-2")
    sandbox.won("D-2", value=usd("20000.00"))
    [case] = merged_cases(sandbox)
    position = sandbox.position()
    for partner, own, others in (("northwind", first, (second, "contoso")), ("contoso", second, (first, "northwind"))):
        caller = sandbox.by("partner", partner)
        seen = json.dumps(
            [
                caller.get(f"/v1/registrations/{own['id']}", at_least=position),
                caller.get("/v1/conflicts"),
                caller.get(f"/v1/conflicts/{case['id']}"),
                caller.get(f"/v1/statements/{partner}/2026-Q1", at_least=position),
            ]
        )
        deal = "D-2" if partner == "northwind" else "D-1"
        for secret in (others[0]["id"], others[1], f'"{deal}"', "D-77"):
            assert secret not in seen, (partner, secret)
        assert caller.get(f"/v1/registrations/{own['id']}")["deal"] == own["deal"]


def test_an_account_that_nobody_registered_joins_one_with_a_proposal_of_shares(sandbox: Sandbox) -> None:
    """The CRM spoke of it before anybody; the views are rebuilt with it."""
    assert merged(sandbox, "2B", "1A")["outcome"] == "applied"
    first = of_crm(sandbox, "northwind", "acme", "9Z")
    path = f"/v1/registrations/{first['id']}/share-proposals"
    sandbox.by("partner", "northwind").post(path, {"shares": shares(northwind=5000, contoso=5000)})
    assert merged(sandbox, "2B", "9Z")["outcome"] == "applied"
    assert replayed(sandbox) == INTACT
