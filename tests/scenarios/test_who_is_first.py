"""Who is first, as callers see it (rules §2 and §3; situations)."""

from datetime import timedelta

import pytest

from tests.support.api import Place, Sandbox, usd, wanted


def place_of(registration: dict[str, object]) -> tuple[object, object]:
    """Status and ranks of a registration."""
    standing = registration["standing"]
    assert isinstance(standing, list)
    return registration["status"], [one["rank"] for one in standing]


def test_of_two_at_nearly_the_same_time_the_first_accepted_holds_and_the_second_waits(place: Place) -> None:
    """A at 10:00:00Z holds #1; B a second later is accepted as #2, never dropped; the case is marked."""
    sandbox = place.sandbox(clock="2026-11-21T10:00:00Z")
    sandbox.enrol("northwind", "contoso")
    first = sandbox.register("northwind")
    sandbox.move_clock(timedelta(seconds=1))
    second = sandbox.register("contoso")
    assert place_of(first) == ("approved", [1])
    assert first["protection"] == {"from": "2026-11-21T10:00:00.000000Z", "until": "2026-12-21T10:00:00.000000Z"}
    assert place_of(second) == ("waiting", [2])
    assert (second["protection"], second["standing"][0]["holder"]) == (None, False)
    assert second["conflict"] == second["standing"][0]["conflict"]
    case = sandbox.case(second["conflict"])
    assert (case["kind"], case["status"], case["near_simultaneous"]) == ("same_account", "identified", True)
    assert [side["id"] for side in case["registrations"]] == [first["id"], second["id"]]
    assert case["steps"][0]["position"] == second["position"]
    assert [one["registration"] for one in sandbox.queue()["queue"]] == [first["id"], second["id"]]


def test_a_challenge_after_more_than_five_seconds_is_not_marked(sandbox: Sandbox) -> None:
    """`near_simultaneous_seconds` is 5."""
    sandbox.register("northwind")
    sandbox.move_clock(timedelta(seconds=6))
    assert not sandbox.case(sandbox.register("contoso")["conflict"])["near_simultaneous"]


def test_a_receipt_is_the_events_place_and_hash_in_the_log(sandbox: Sandbox) -> None:
    """The receipt is of the registered event itself; `position` is later."""
    registered = sandbox.register("northwind")
    lines = sandbox.by("auditor").ask("GET", "/v1/audit/events").text.splitlines()
    position, proof = registered["receipt"]["position"], registered["receipt"]["hash"]
    assert f'"position":{position},' in lines[position - 1] and proof in lines[position - 1]
    assert "deal_registration.registered.v1" in lines[position - 1]
    assert registered["position"] == sandbox.position() > position


def test_nobody_approves_past_the_holder_and_a_rejection_promotes_at_that_instant(sandbox: Sandbox) -> None:
    """First but not yet approved keeps the place without protection; when it is rejected, the next is first."""
    sandbox.terms(approval="manual")
    first, second = sandbox.register("northwind"), sandbox.register("contoso")
    assert (first["status"], first["protection"], second["status"]) == ("under_review", None, "waiting")
    manager = sandbox.by("partner_manager")
    assert manager.refused("POST", f"/v1/registrations/{second['id']}/approve") == (409, "NOT_FIRST")
    sandbox.move_clock(timedelta(hours=3))
    manager.post(f"/v1/registrations/{first['id']}/reject", {"reason": "Not a deal yet."})
    promoted = sandbox.registration(second["id"])
    assert (place_of(promoted), promoted["protection"]) == (("under_review", [1]), None)
    approved = manager.post(f"/v1/registrations/{second['id']}/approve")
    assert approved["protection"]["from"] == "2026-01-01T12:00:00.000000Z"
    assert sandbox.case(second["conflict"])["status"] == "moot"


def test_an_incomplete_request_leaves_no_claim_and_names_the_field(sandbox: Sandbox) -> None:
    """A first but incomplete, B complete, A completes later: B is first."""
    before = sandbox.position()
    body = wanted()
    del body["value"]
    answer = sandbox.by("partner", "northwind").ask("POST", "/v1/registrations", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["value"]
    assert sandbox.position() == before
    assert sandbox.register("contoso")["status"] == "approved"
    assert sandbox.register("northwind")["status"] == "waiting"


def test_protection_ends_at_the_same_wall_clock_time_across_a_change_of_the_clocks(place: Place) -> None:
    """Approved 2026-02-20 12:00 New York, 30 days: ends 2026-03-22 16:00Z, not 17:00Z."""
    sandbox = place.sandbox(clock="2026-02-20T17:00:00Z", time_zone="America/New_York")
    sandbox.enrol("northwind")
    assert sandbox.register("northwind")["protection"]["until"] == "2026-03-22T16:00:00.000000Z"


def test_a_rival_at_the_exact_end_of_protection_is_first_and_one_just_before_it_waits(sandbox: Sandbox) -> None:
    """Intervals are half-open; expiry is a comparison of instants in the command."""
    sandbox.register("northwind", "acme")
    sandbox.register("northwind", "globex")
    sandbox.move_clock("2026-01-31T08:59:59.999999+00:00")
    assert sandbox.register("contoso", "acme")["status"] == "waiting"
    sandbox.move_clock("2026-01-31T09:00:00+00:00")
    late = sandbox.register("contoso", "globex")
    assert place_of(late) == ("approved", [1])
    assert late["protection"]["from"] == "2026-01-31T09:00:00.000000Z"


def test_an_extension_is_asked_for_before_the_end_and_only_once(sandbox: Sandbox) -> None:
    """Day 29: thirty days more. Again: none left. After the end: lapsed, register again."""
    registered = sandbox.register("northwind")
    extend, evidence = f"/v1/registrations/{registered['id']}/extend", {"evidence": "Proof of concept signed."}
    partner = sandbox.by("partner", "northwind")
    sandbox.move_clock("2026-01-30T09:00:00+00:00")
    assert partner.post(extend, evidence)["protection"]["until"] == "2026-03-02T09:00:00.000000Z"
    assert partner.refused("POST", extend, evidence) == (409, "NO_EXTENSION_LEFT")
    sandbox.move_clock("2026-03-02T09:00:00+00:00")
    assert partner.refused("POST", extend, evidence) == (409, "PROTECTION_LAPSED")
    assert sandbox.registration(registered["id"])["status"] == "expired"


def test_whoever_waits_is_promoted_before_a_renewal_is_considered(sandbox: Sandbox) -> None:
    """A registers again the minute its protection lapses: B holds from that instant, A is behind."""
    sandbox.register("northwind")
    waiting = sandbox.register("contoso")
    sandbox.move_clock("2026-01-31T09:01:00+00:00")
    again = sandbox.register("northwind")
    assert place_of(again) == ("waiting", [2])
    promoted = sandbox.registration(waiting["id"])
    assert place_of(promoted) == ("approved", [1])
    assert promoted["protection"] == {"from": "2026-01-31T09:00:00.000000Z", "until": "2026-03-02T09:00:00.000000Z"}
    assert [(one["partner"], one["from"], one["until"], one["ended_by"]) for one in sandbox.queue()["timeline"]] == [
        ("northwind", "2026-01-01T09:00:00.000000Z", "2026-01-31T09:00:00.000000Z", "expired"),
        ("contoso", "2026-01-31T09:00:00.000000Z", None, None),
    ]


def test_who_was_first_can_be_asked_for_any_instant(sandbox: Sandbox) -> None:
    """`as_of=T` is everything recorded at or before T, with the promotions due at T."""
    first = sandbox.register("northwind")
    sandbox.move_clock("2026-01-10T09:00:00+00:00")
    second = sandbox.register("contoso")
    sandbox.move_clock("2026-03-30T09:00:00+00:00")

    def holders(as_of: str) -> list[str]:
        return [one["registration"] for one in sandbox.queue(as_of=as_of)["queue"]]

    assert holders("2026-01-01T08:59:59.999999Z") == []
    assert holders("2026-01-09T00:00:00Z") == [first["id"]]
    assert holders("2026-01-31T08:59:59.999999Z") == [first["id"], second["id"]]
    assert holders("2026-01-31T09:00:00Z") == [second["id"]]
    assert holders("2026-03-30T09:00:00Z") == []


@pytest.mark.parametrize(
    ("name", "country", "domain", "status"),
    [
        ("ACME G.m.b.H.", "DE", None, "waiting"),
        ("acme", "DE", None, "waiting"),
        ("Acme GmbH", "AT", None, "under_review"),
        ("Other Ltd", "DE", "WWW.acme.example", "waiting"),
        ("Other Ltd", None, "sales.acme.example", "waiting"),
        ("Other Ltd", "DE", "acme.de", "approved"),
    ],
)
def test_accounts_are_the_same_by_domain_or_by_name_and_country(
    sandbox: Sandbox, name: str, country: str | None, domain: str | None, status: str
) -> None:
    """Rules §3, matching accounts: case, accents, punctuation and the legal form do not count."""
    sandbox.register("northwind")
    account = {"name": name, "country": country, "domain": domain}
    assert sandbox.register("contoso", account=account)["status"] == status


def test_free_mail_domains_sites_and_a_partners_crm_id_never_make_two_accounts_one(sandbox: Sandbox) -> None:
    """Free mail never counts; stated sites that differ are two accounts; a partner's CRM id is evidence only."""

    def status(partner: str, **account: str) -> object:
        return sandbox.register(partner, account=account)["status"]

    assert status("northwind", name="One Ltd", country="GB", domain="gmail.com") == "approved"
    assert status("contoso", name="Two Ltd", country="GB", domain="gmail.com") == "approved"
    assert status("northwind", name="Big AG", country="CH", domain="big.example", site="Bern") == "approved"
    assert status("contoso", name="Big AG", country="CH", domain="big.example", site="Basel") == "approved"
    assert status("northwind", name="Three Ltd", country="GB", crm_id="001") == "approved"
    assert status("contoso", name="Four Ltd", country="GB", crm_id="001") == "approved"


def test_an_equal_crm_id_from_the_staff_is_the_same_account(sandbox: Sandbox) -> None:
    """Rules §3: the same account is an equal CRM id, where staff or the CRM states it."""
    manager = sandbox.by("partner_manager")
    found = []
    for partner, name in (("northwind", "Three Ltd"), ("contoso", "Four Ltd")):
        body = wanted(partner=partner, account={"name": name, "country": "GB", "crm_id": "001"})
        found.append(manager.post("/v1/registrations", body)["status"])
    assert found == ["approved", "waiting"]


def test_a_clash_on_one_product_is_a_clash_on_that_product_only(sandbox: Sandbox) -> None:
    """Disjoint products are both granted; the rest of an overlapping registration is granted too."""
    sandbox.register("northwind", products=["edge"])
    assert sandbox.register("contoso", products=["core", "edge"])["status"] == "approved"
    both = sandbox.queue(product="core")["queue"], sandbox.queue(product="edge")["queue"]
    assert [[one["partner"] for one in queue] for queue in both] == [["contoso"], ["northwind", "contoso"]]


def test_a_partner_does_not_compete_with_itself(sandbox: Sandbox) -> None:
    """An overlap with a live claim of the same partner is refused as a whole, with the id and the products."""
    first = sandbox.register("northwind", products=["edge"])
    answer = sandbox.by("partner", "northwind").ask("POST", "/v1/registrations", wanted(products=["edge", "core"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_REGISTERED")
    assert (answer.json()["registration"], answer.json()["products"]) == (first["id"], ["edge"])


def test_a_withdrawal_promotes_the_first_waiting_claim_of_an_active_partner(sandbox: Sandbox) -> None:
    """A suspended partner's claim is skipped and keeps its place."""
    sandbox.enrol("fabrikam")
    first, second, third = (sandbox.register(partner) for partner in ("northwind", "contoso", "fabrikam"))
    sandbox.by("partner_manager").post("/v1/partners/contoso/suspend", {"reason": "Unpaid fees."})
    body = {"reason": "The customer has no budget."}
    withdrawn = sandbox.by("partner", "northwind").post(f"/v1/registrations/{first['id']}/withdraw", body)
    assert withdrawn["status"] == "withdrawn"
    assert place_of(sandbox.registration(third["id"])) == ("approved", [1])
    assert sandbox.registration(second["id"])["status"] == "waiting"
    sandbox.by("partner_manager").post("/v1/partners/contoso/reinstate", {"reason": "Paid."})
    sandbox.by("partner", "fabrikam").post(f"/v1/registrations/{third['id']}/withdraw", body)
    assert place_of(sandbox.registration(second["id"])) == ("approved", [1])


def test_a_returned_registration_keeps_its_place(sandbox: Sandbox) -> None:
    """Only the fields that were asked for are changed; then it is under review again."""
    sandbox.terms(approval="manual")
    first = sandbox.register("northwind")
    manager, partner = sandbox.by("partner_manager"), sandbox.by("partner", "northwind")
    body = {"reason": "State the value again.", "fields": ["value"]}
    assert manager.post(f"/v1/registrations/{first['id']}/return", body)["status"] == "returned"
    assert sandbox.register("contoso")["status"] == "waiting"
    again = partner.post(f"/v1/registrations/{first['id']}/resubmit", {"value": usd("90000.00")})
    assert (place_of(again), again["value"]) == (("under_review", [1]), usd("90000.00"))


def test_a_win_ends_the_queue_and_a_reopening_brings_the_claim_back_to_its_place(sandbox: Sandbox) -> None:
    """Rules §3.9: a later registration starts a new queue; after the reopening it is behind, with a case."""
    first = sandbox.register("northwind", deal=sandbox.linked("D-1"))
    waiting = sandbox.register("contoso")
    sandbox.won("D-1")
    assert sandbox.registration(first["id"])["status"] == "won"
    assert place_of(sandbox.registration(waiting["id"])) == ("waiting", [None])
    sandbox.enrol("fabrikam")
    sandbox.move_clock(timedelta(days=1))
    later = sandbox.register("fabrikam")
    assert place_of(later) == ("approved", [1])
    sandbox.move_clock(timedelta(days=1))
    sandbox.fact("reopened", "D-1")
    assert place_of(sandbox.registration(first["id"])) == ("approved", [1])
    assert sandbox.registration(first["id"])["protection"] == first["protection"]
    behind = sandbox.registration(later["id"])
    assert (behind["status"], behind["standing"][0]["conflict"] is None) == ("waiting", False)
    assert [one["partner"] for one in sandbox.queue()["queue"]] == ["northwind", "contoso", "fabrikam"]


def test_a_registration_tells_its_history_in_words(sandbox: Sandbox) -> None:
    """`GET /v1/registrations/{id}` has the events with their positions, and what is kept beside the log."""
    registered = sandbox.register("northwind", sales_owner="a.meyer", notes="Met at the fair.")
    shown = sandbox.registration(registered["id"])
    assert [one["position"] for one in shown["history"]] == [registered["receipt"]["position"], registered["position"]]
    assert (shown["sales_owner"], shown["notes"]) == ("a.meyer", "Met at the fair.")
    log = sandbox.by("auditor").ask("GET", "/v1/audit/events").text
    assert "a.meyer" not in log and "Met at the fair" not in log


def test_registrations_are_found_by_partner_status_account_and_end(sandbox: Sandbox) -> None:
    """The filters of the list."""
    acme, globex = sandbox.register("northwind", "acme"), sandbox.register("contoso", "globex")
    behind = sandbox.register("contoso", "acme")
    at_least = sandbox.position()

    def found(**query: object) -> list[str]:
        items = sandbox.by("sales").get("/v1/registrations", at_least=at_least, **query)["items"]
        return [one["id"] for one in items]

    assert found() == [acme["id"], globex["id"], behind["id"]]
    assert found(partner="contoso") == [globex["id"], behind["id"]]
    assert found(status="waiting") == [behind["id"]]
    assert found(account="acme.example") == [acme["id"], behind["id"]]
    assert found(expiring_within_days=29) == []
    assert found(expiring_within_days=31) == [acme["id"], globex["id"]]
