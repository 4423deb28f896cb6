"""Manual approval: the queue of a reviewer, reasons, returns (rules §3; situations; issue 3)."""

from datetime import timedelta

import pytest

from tests.support.api import Place, Sandbox, usd


@pytest.fixture
def reviewed(sandbox: Sandbox) -> Sandbox:
    """A programme in which a person approves."""
    sandbox.terms(approval="manual")
    return sandbox


def queue(sandbox: Sandbox, **query: object) -> list[tuple[str, str, bool]]:
    """The review queue: which account, whose turn, overdue or not."""
    found = sandbox.by("partner_manager").get("/v1/reviews", at_least=sandbox.position(), **query)
    return [
        (item["registration"]["account"]["domain"].split(".")[0], item["waits_for"], item["overdue"])
        for item in found["items"]
    ]


def test_the_queue_says_how_long_whose_turn_and_what_is_overdue(place: Place) -> None:
    """The longest first; a target of 48 hours; promoted by time alone counts from that instant."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind", "fabrikam")
    sandbox.terms(approval="manual", review_target_hours=48)
    sandbox.register("northwind", "acme")
    sandbox.register("contoso", "fabrikam")
    sandbox.move_clock(timedelta(hours=47))
    later = sandbox.register("contoso", "globex")
    assert queue(sandbox) == [("acme", "reviewer", False), ("globex", "reviewer", False)]
    sandbox.move_clock(timedelta(hours=1))
    sandbox.by("sales").post(
        f"/v1/registrations/{later['id']}/return", {"reason": "State the value per year.", "fields": ["value"]}
    )
    assert queue(sandbox) == [("acme", "reviewer", True), ("globex", "partner", False)]
    first = sandbox.by("sales").get("/v1/reviews", at_least=sandbox.position(), limit=1)
    item = first["items"][0]
    assert (item["age_seconds"], item["due_at"]) == (48 * 3600, "2026-01-03T09:00:00.000000Z")
    second = sandbox.by("sales").get("/v1/reviews", limit=1, after=first["next"])
    assert [one["registration"]["id"] for one in second["items"]] == [later["id"]]
    assert second["next"] is None
    sandbox.move_clock("2026-01-31T09:00:00+00:00")
    assert queue(sandbox) == [("acme", "reviewer", True), ("fabrikam", "reviewer", False)]
    assert queue(sandbox, partner="contoso") == [("fabrikam", "reviewer", False)]
    assert queue(sandbox, waits_for="partner") == []


def test_a_partner_sees_its_own_reviews_and_no_others(reviewed: Sandbox) -> None:
    """Not even that there are any."""
    reviewed.register("northwind", "acme")
    own = reviewed.register("contoso", "globex")
    contoso = reviewed.by("partner", "contoso")
    found = contoso.get("/v1/reviews", at_least=reviewed.position())
    assert [item["registration"]["id"] for item in found["items"]] == [own["id"]]
    assert contoso.get("/v1/reviews", partner="northwind")["items"] == []
    assert reviewed.by("crm").refused("GET", "/v1/reviews") == (403, "FORBIDDEN")


def test_a_rejection_names_its_kind_of_reason_to_the_partner(reviewed: Sandbox) -> None:
    """From the list, beside the words; anything else is malformed, and words alone are enough."""
    first, second = reviewed.register("northwind", "acme"), reviewed.register("northwind", "globex")
    manager = reviewed.by("partner_manager")
    reject = f"/v1/registrations/{first['id']}/reject"
    wrong = {"reason": "Ours.", "reason_code": "because"}
    assert manager.refused("POST", reject, wrong) == (422, "MALFORMED")
    manager.post(reject, {"reason": "A customer since 2019.", "reason_code": "existing_customer"})
    manager.post(f"/v1/registrations/{second['id']}/reject", {"reason": "No."})
    partner = reviewed.by("partner", "northwind")
    shown = [partner.get(f"/v1/registrations/{one['id']}") for one in (first, second)]
    assert [one["rejection"] for one in shown] == [
        {"reason_code": "existing_customer", "reason": "A customer since 2019."},
        {"reason_code": None, "reason": "No."},
    ]
    assert shown[0]["history"][-1]["what"] == "Rejected (existing_customer): A customer since 2019."


def test_only_what_was_returned_may_be_changed_and_only_in_time(reviewed: Sandbox) -> None:
    """Five days; then the claim ends by itself and whoever waits is first from that instant."""
    first, second = reviewed.register("northwind"), reviewed.register("contoso")
    path, partner = f"/v1/registrations/{first['id']}", reviewed.by("partner", "northwind")
    manager = reviewed.by("partner_manager")
    nothing = {"reason": "Another customer?", "fields": ["account.domain"]}
    assert manager.refused("POST", f"{path}/return", nothing) == (422, "MALFORMED")
    returned = manager.post(f"{path}/return", {"reason": "Per year, please.", "fields": ["value"]})
    assert returned["returned"] == {
        "reason": "Per year, please.",
        "fields": ["value"],
        "until": "2026-01-06T09:00:00.000000Z",
    }
    other = {"engagement": "co_sell", "value": usd("1.00")}
    assert partner.refused("POST", f"{path}/resubmit", other) == (409, "WRONG_STATE")
    reviewed.move_clock("2026-01-06T08:59:59.999999+00:00")
    answered = partner.post(f"{path}/resubmit", {"value": usd("9000.00")})
    assert (answered["status"], answered["returned"], answered["value"]) == ("under_review", None, usd("9000.00"))
    assert answered["standing"][0]["rank"] == 1
    manager.post(f"{path}/return", {"reason": "And the date?", "fields": ["expected_close_on"]})
    reviewed.move_clock("2026-01-11T08:59:59.999999+00:00")
    assert partner.refused("POST", f"{path}/resubmit", {"expected_close_on": "2026-03-01"}) == (409, "RETURN_LAPSED")
    assert reviewed.registration(first["id"])["status"] == "expired"
    promoted = reviewed.registration(second["id"])
    assert (promoted["status"], promoted["standing"][0]["rank"]) == ("under_review", 1)
    lapsed, held = reviewed.queue()["timeline"]
    assert (lapsed["ended_by"], lapsed["until"], held["from"]) == (
        "return_lapsed",
        "2026-01-11T08:59:59.999999Z",
        "2026-01-11T08:59:59.999999Z",
    )
