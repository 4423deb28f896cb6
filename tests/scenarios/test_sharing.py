"""Shares that every party agrees, over HTTP: who sees what of a proposal, and what comes of it (rules §5)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Caller, Sandbox, shares

THREE = shares(northwind=5000, contoso=3000, fabrikam=2000)


@pytest.fixture
def shared(sandbox: Sandbox) -> Sandbox:
    """A programme with a third partner and one who has no part in anything."""
    sandbox.enrol("fabrikam", "tailspin")
    return sandbox


def propose(caller: Caller, registration: str, parts: list[dict[str, Any]]) -> Any:
    """Shares are proposed."""
    return caller.post(f"/v1/registrations/{registration}/share-proposals", {"shares": parts})


def accept(sandbox: Sandbox, partner: str, proposal: str) -> Any:
    """A partner accepts."""
    return sandbox.by("partner", partner).post(f"/v1/share-proposals/{proposal}/accept")


def test_shares_that_all_accepted_split_the_win(shared: Sandbox) -> None:
    """Proposed by the lead, accepted by two others, credited at the win; replay and views say the same."""
    registration = shared.register("northwind", deal=shared.linked("D-1"))
    proposal = propose(shared.by("partner", "northwind"), registration["id"], THREE)
    assert (proposal["status"], proposal["registration"]) == ("open", registration["id"])
    assert accept(shared, "fabrikam", proposal["id"])["status"] == "open"
    assert accept(shared, "contoso", proposal["id"])["status"] == "agreed"
    assert shared.registration(registration["id"])["shares"] == THREE
    shared.won("D-1")
    credited = [shared.statement(partner, "2026-Q1")["lines"] for partner in ("northwind", "contoso", "fabrikam")]
    assert [line["share_basis_points"] for (line,) in credited] == [5000, 3000, 2000]
    agreed_at = [
        one["position"] for one in shared.registration(registration["id"])["history"] if "hares" in one["what"]
    ]
    assert len(agreed_at) == 4
    assert set(agreed_at) <= set(credited[1][0]["evidence"])
    verdict = shared.by("auditor").post("/v1/audit/replay")
    assert verdict["first_disagreement"] is None, verdict


def test_a_partner_that_is_named_sees_its_own_part_and_nothing_else(shared: Sandbox) -> None:
    """The account, the products, the lead's name, its own share: no other partner, no registration, no value."""
    registration = shared.register("northwind", deal=shared.linked("D-77"), notes="Ours.")
    proposal = propose(shared.by("partner", "northwind"), registration["id"], THREE)["id"]
    accept(shared, "fabrikam", proposal)
    caller = shared.by("partner", "contoso")
    shown = caller.get(f"/v1/share-proposals/{proposal}")
    assert shown == {
        "id": proposal,
        "status": "open",
        "closed_because": None,
        "account": {"name": "Acme GmbH", "country": "DE"},
        "products": ["edge"],
        "lead": "Northwind Ltd",
        "own": {"basis_points": 3000, "answer": "open"},
        "proposed_at": "2026-01-01T09:00:00.000000Z",
        "expires_at": "2026-01-15T09:00:00.000000Z",
        "registration": None,
        "shares": None,
    }
    assert caller.get("/v1/share-proposals")["items"] == [shown]
    text = caller.ask("GET", "/v1/share-proposals").text + accept_text(caller, proposal)
    for secret in ("fabrikam", "Fabrikam", "120000", "D-77", "Ours", registration["id"], "acme.example"):
        assert secret not in text
    assert caller.refused("GET", f"/v1/registrations/{registration['id']}") == (404, "NOT_FOUND")
    assert caller.get("/v1/registrations")["items"] == []


def accept_text(caller: Caller, proposal: str) -> str:
    """What accepting answers."""
    return caller.ask("POST", f"/v1/share-proposals/{proposal}/accept").text


def test_who_declined_is_for_the_lead_and_staff_to_know(shared: Sandbox) -> None:
    """To the other partners the proposal is just over."""
    registration = shared.register("northwind")
    lead = shared.by("partner", "northwind")
    proposal = propose(lead, registration["id"], THREE)["id"]
    path = f"/v1/share-proposals/{proposal}"
    shared.by("partner", "fabrikam").post(f"{path}/decline", {"reason": "We do the whole delivery."})
    told = {
        partner: (answer["status"], answer["closed_because"])
        for partner in ("northwind", "contoso", "fabrikam")
        for answer in [shared.by("partner", partner).get(path)]
    }
    assert told == {
        "northwind": ("closed", "declined"),
        "contoso": ("closed", None),
        "fabrikam": ("closed", "declined"),
    }
    answers = {part["partner"]: part["answer"] for part in lead.get(path)["shares"]}
    assert answers == {"northwind": "accepted", "contoso": "open", "fabrikam": "declined"}
    assert shared.by("partner", "contoso").refused("POST", f"{path}/accept") == (409, "WRONG_STATE")


def test_only_the_lead_and_the_partner_manager_propose_and_only_who_is_named_answers(shared: Sandbox) -> None:
    """What does not concern a partner is not there for it; staff answers for nobody."""
    registration = shared.register("northwind")["id"]
    where = f"/v1/registrations/{registration}/share-proposals"
    body = {"shares": THREE}
    assert shared.by("partner", "contoso").refused("POST", where, body) == (404, "NOT_FOUND")
    assert shared.by("sales").refused("POST", where, body) == (403, "FORBIDDEN")
    proposal = propose(shared.by("partner_manager"), registration, THREE)
    assert {part["answer"] for part in proposal["shares"]} == {"open"}
    path = f"/v1/share-proposals/{proposal['id']}"
    stranger = shared.by("partner", "tailspin")
    assert stranger.refused("GET", path) == (404, "NOT_FOUND")
    assert stranger.refused("POST", f"{path}/accept") == (404, "NOT_FOUND")
    assert stranger.refused("POST", f"{path}/decline", {}) == (404, "NOT_FOUND")
    assert stranger.get("/v1/share-proposals")["items"] == []
    assert shared.admin.refused("POST", f"{path}/accept") == (403, "FORBIDDEN")
    assert shared.by("sales").get(path)["id"] == proposal["id"]


def test_a_proposal_that_time_has_ended_is_over_for_everybody_at_that_instant(shared: Sandbox) -> None:
    """Half-open: the terms' days later to the microsecond, whether or not it has been written."""
    shared.terms(share_proposal_days=7)
    registration = shared.register("northwind")["id"]
    proposal = propose(shared.by("partner", "northwind"), registration, THREE)
    path = f"/v1/share-proposals/{proposal['id']}"
    assert proposal["expires_at"] == "2026-01-08T09:00:00.000000Z"
    shared.move_clock("2026-01-08T08:59:59.999999+00:00")
    assert shared.by("partner", "contoso").get("/v1/share-proposals", status="open")["items"] != []
    accept(shared, "contoso", proposal["id"])
    shared.move_clock(timedelta(microseconds=1))
    assert shared.by("partner", "fabrikam").refused("POST", f"{path}/accept") == (409, "WRONG_STATE")
    shown = shared.by("partner", "fabrikam").get(path)
    assert (shown["status"], shown["closed_because"]) == ("closed", "expired")
    manager = shared.by("partner_manager")
    assert [one["id"] for one in manager.get("/v1/share-proposals", status="closed")["items"]] == [proposal["id"]]
    assert manager.get("/v1/share-proposals", status="open")["items"] == []
    history = shared.registration(registration)["history"]
    assert history[-1]["what"] == "The proposal of shares expired at 2026-01-08T09:00:00.000000Z."


def test_after_the_win_and_without_all_being_active_nothing_is_agreed(shared: Sandbox) -> None:
    """`ALREADY_WON`; `PARTNER_NOT_ACTIVE`, the same for a partner that is suspended and one that nobody knows."""
    registration = shared.register("northwind", deal=shared.linked("D-1"))["id"]
    lead = shared.by("partner", "northwind")
    proposal = propose(lead, registration, THREE)["id"]
    shared.by("partner_manager").post("/v1/partners/fabrikam/suspend", {"reason": "Papers are missing."})
    fabrikam = shared.by("partner", "fabrikam")
    assert fabrikam.refused("POST", f"/v1/share-proposals/{proposal}/accept") == (409, "PARTNER_NOT_ACTIVE")
    where = f"/v1/registrations/{registration}/share-proposals"
    for nobody in ("fabrikam", "nobody"):
        answer = lead.ask("POST", where, {"shares": shares(northwind=9000, **{nobody: 1000})})
        assert answer.status_code == 409
        assert answer.json()["detail"] == f"{nobody}, named in the shares, is not active in the programme."
    unknown = {"shares": shares(northwind=9000, nobody=1000)}
    assert shared.by("partner_manager").refused("POST", where, unknown) == (422, "UNKNOWN_PARTNER")
    shared.won("D-1")
    assert shared.by("partner", "contoso").refused("POST", f"/v1/share-proposals/{proposal}/accept") == (
        409,
        "ALREADY_WON",
    )
    assert lead.refused("POST", where, {"shares": THREE}) == (409, "ALREADY_WON")


def test_proposals_are_listed_in_pages(shared: Sandbox) -> None:
    """Oldest first, each once."""
    lead = shared.by("partner", "northwind")
    made = [
        propose(lead, shared.register("northwind", account)["id"], THREE)["id"]
        for account in ("acme", "globex", "initech")
    ]
    caller = shared.by("partner", "contoso")
    first = caller.get("/v1/share-proposals", limit=2)
    second = caller.get("/v1/share-proposals", limit=2, after=first["next"])
    assert [one["id"] for one in first["items"] + second["items"]] == made
    assert second["next"] is None
