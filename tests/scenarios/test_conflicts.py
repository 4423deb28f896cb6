"""Clashes and how they are decided, as callers see them (rules §4 and §5; situations)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Place, Sandbox, lines, shares, usd


@pytest.fixture
def contested(sandbox: Sandbox) -> Sandbox:
    """Northwind holds acme.example with deal D-1, Contoso waits behind it with deal D-2, and D-1 is worth 100,000."""
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    sandbox.register("contoso", deal=sandbox.linked("D-2"), value=usd("60000.00"))
    return sandbox


def case_of(sandbox: Sandbox, kind: str = "same_account") -> str:
    """The id of the only case of a kind."""
    [case] = sandbox.by("sales").get("/v1/conflicts", kind=kind)["items"]
    id: str = case["id"]  # noqa: A001 - as in the contract
    return id


def test_a_case_takes_six_steps_each_with_who_and_when(contested: Sandbox) -> None:
    """Identified by the service; then by people, in order; a step out of order is refused."""
    case, manager = case_of(contested), contested.by("partner_manager")
    path = f"/v1/conflicts/{case}"
    decision = {"outcome": "uphold", "rule": "Who is first (rules §3)", "reason": "Registered earlier."}
    messages = {
        "messages": [{"party": "northwind", "text": "It is yours."}, {"party": "contoso", "text": "It is not."}]
    }
    prevention = {"no_change": "The rules worked."}
    assert manager.refused("POST", f"{path}/decide", decision) == (409, "STEP_OUT_OF_ORDER")
    contested.investigate(case)
    assert manager.refused("POST", f"{path}/communicate", messages) == (409, "STEP_OUT_OF_ORDER")
    manager.post(f"{path}/mediate", {"summary": "They did not agree."})
    contested.move_clock(timedelta(hours=1))
    manager.post(f"{path}/decide", decision)
    assert manager.refused("POST", f"{path}/prevent", prevention) == (409, "STEP_OUT_OF_ORDER")
    manager.post(f"{path}/communicate", messages)
    closed = manager.post(f"{path}/prevent", prevention)
    assert closed["status"] == "closed"
    assert closed["decision"]["outcome"] == "uphold" and not closed["decision"]["overrides_priority"]
    steps = [step["step"] for step in closed["steps"]]
    assert steps == ["identified", "investigated", "mediated", "decided", "communicated", "prevented"]
    assert closed["steps"][2]["at"] == "2026-01-01T09:00:00.000000Z"
    assert closed["steps"][3]["at"] == "2026-01-01T10:00:00.000000Z"
    by = [step["by"] for step in closed["steps"]]
    assert by[1] != by[2] == by[3] == by[4] == by[5]


def test_after_a_reassignment_the_other_cases_go_on_against_the_new_holder(contested: Sandbox) -> None:
    """Staff sees whom each is against today; the others keep their order, and nobody's partner learns of it (§4)."""
    contested.enrol("tailspin")
    first = case_of(contested)
    behind = contested.register("tailspin")["conflict"]
    manager, path = contested.by("partner_manager"), f"/v1/conflicts/{behind}"

    def sides() -> list[tuple[str, int | None]]:
        return [(one["partner"], one["rank"]) for one in manager.get(path)["registrations"]]

    assert sides() == [("northwind", 1), ("tailspin", 3)]
    contested.decide(first, "reassign")
    assert sides() == [("contoso", 1), ("northwind", 2), ("tailspin", 3)]
    own = contested.by("partner", "tailspin").get(path)["registrations"]
    assert [one["partner"] for one in own] == ["tailspin"]
    contested.decide(behind, "reassign")
    assert sides() == [("tailspin", 1), ("contoso", 2), ("northwind", 3)]


def test_upheld_the_holder_keeps_it_and_the_challenger_is_rejected(contested: Sandbox) -> None:
    contested.decide(case_of(contested), "uphold")
    assert [one["partner"] for one in contested.queue()["queue"]] == ["northwind"]
    statuses = {r["partner"]: r["status"] for r in registrations(contested)}
    assert statuses == {"northwind": "approved", "contoso": "rejected"}


def test_reassigned_the_challenger_goes_first_with_protection_from_the_decision(contested: Sandbox) -> None:
    """The others keep their order, and their cases go on against the new holder."""
    contested.enrol("fabrikam")
    third = contested.register("fabrikam")
    contested.move_clock("2026-01-05T09:00:00+00:00")
    [case] = [c for c in contested.by("sales").get("/v1/conflicts")["items"] if c["id"] != third["conflict"]]
    decided = contested.decide(case["id"], "reassign")
    assert decided["decision"]["overrides_priority"]
    assert [one["partner"] for one in contested.queue()["queue"]] == ["contoso", "northwind", "fabrikam"]
    first = contested.queue()["queue"][0]["protection"]
    assert first == {"from": "2026-01-05T09:00:00.000000Z", "until": "2026-02-04T09:00:00.000000Z"}
    others = contested.by("sales").get("/v1/conflicts", status="identified")["items"]
    assert {side["partner"] for other in others for side in other["registrations"]} >= {"northwind", "fabrikam"}


def test_void_ends_the_challenge(contested: Sandbox) -> None:
    contested.decide(case_of(contested), "void")
    assert contested.case(case_of(contested))["decision"]["outcome"] == "void"


def test_split_both_go_on_as_one_opportunity_and_share_the_win(contested: Sandbox) -> None:
    """The holder's place and protection cover both; whichever deal is won, each is credited with its part."""
    case = case_of(contested)
    contested.enrol("fabrikam")
    contested.register("fabrikam")
    alone = shares(northwind=10000)
    contested.investigate(case)
    contested.by("partner_manager").post(f"/v1/conflicts/{case}/mediate", {"skipped": "They will share."})
    decision = {"outcome": "split", "rule": "Both worked (rules §4)", "reason": "Both met the buyer."}
    decide = f"/v1/conflicts/{case}/decide"
    by = contested.by("partner_manager")
    assert by.refused("POST", decide, decision | {"shares": alone}) == (422, "MALFORMED")
    assert by.refused("POST", decide, decision) == (422, "MALFORMED")
    stranger = decision | {"shares": shares(northwind=6000, tailspin=4000)}
    assert by.refused("POST", decide, stranger) == (422, "UNKNOWN_PARTNER")
    decided = by.post(decide, decision | {"shares": shares(northwind=6000, contoso=4000)})
    assert decided["decision"]["shares"] == shares(northwind=6000, contoso=4000)
    assert decided["decision"]["overrides_priority"]
    queue = contested.queue()
    assert [(one["partner"], one["status"]) for one in queue["queue"]] == [
        ("northwind", "approved"),
        ("contoso", "approved"),
        ("fabrikam", "waiting"),
    ]
    assert queue["queue"][1]["co_sells_with"] == queue["queue"][0]["registration"]
    contested.won("D-2")
    for partner, commission in (("northwind", "5400.00"), ("contoso", "3600.00")):
        assert lines(contested.statement(partner, "2026-Q1")) == [("D-2", commission, [])]


def test_a_split_names_active_partners_only(contested: Sandbox) -> None:
    contested.by("partner_manager").post("/v1/partners/contoso/suspend", {"reason": "late"})
    contested.investigate(case_of(contested))
    by, path = contested.by("partner_manager"), f"/v1/conflicts/{case_of(contested)}"
    by.post(f"{path}/mediate", {"skipped": "They will share."})
    decision = {"outcome": "split", "rule": "§4", "reason": "Both.", "shares": shares(northwind=6000, contoso=4000)}
    assert by.refused("POST", f"{path}/decide", decision) == (409, "PARTNER_NOT_ACTIVE")


def test_split_after_a_win_the_credit_is_shared_at_the_facts_of_the_win(contested: Sandbox) -> None:
    contested.won("D-1")
    contested.move_clock("2026-04-02T09:00:00+00:00")
    contested.decide(case_of(contested), "split", shares=shares(northwind=5000, contoso=5000))
    for partner in ("northwind", "contoso"):
        [line] = contested.statement(partner, "2026-Q1")["lines"]
        assert (line["won_on"], line["share_basis_points"], line["commission"]) == ("2026-01-01", 5000, usd("7500.00"))


def test_distinct_the_challenger_has_an_opportunity_of_its_own(contested: Sandbox) -> None:
    """Approved with its own original time; both win for themselves."""
    contested.move_clock("2026-01-05T09:00:00+00:00")
    decided = contested.decide(case_of(contested), "distinct")
    assert not decided["decision"]["overrides_priority"]
    queue = contested.queue()
    assert [(one["partner"], one["rank"], one["opportunity"]) for one in queue["queue"]] == [
        ("northwind", 1, 1),
        ("contoso", 1, 2),
    ]
    assert queue["queue"][1]["protection"]["until"] == "2026-02-04T09:00:00.000000Z"
    assert queue["timeline"][1]["from"] == "2026-01-01T09:00:00.000000Z"
    contested.won("D-2")
    contested.won("D-1")
    assert lines(contested.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", [])]
    assert lines(contested.statement("contoso", "2026-Q1")) == [("D-2", "9000.00", [])]
    assert contested.by("auditor").post("/v1/audit/replay")["first_disagreement"] is None


@pytest.mark.parametrize("outcome", ["reassign", "split", "distinct"])
def test_an_outcome_that_makes_no_sense_is_refused_with_the_reason(sandbox: Sandbox, outcome: str) -> None:
    """A late registration is about one partner's own win."""
    sandbox.move_clock("2026-01-10T09:00:00+00:00")
    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.won("D-1", "2026-01-09", at="2026-01-10T09:00:00Z")
    case, by = case_of(sandbox, "late_registration"), sandbox.by("partner_manager")
    sandbox.investigate(case)
    by.post(f"/v1/conflicts/{case}/mediate", {"skipped": "Nobody to talk to."})
    body: dict[str, Any] = {"outcome": outcome, "rule": "§5", "reason": "So it is."}
    if outcome == "split":
        body["shares"] = shares(northwind=5000, contoso=5000)
    answer = by.ask("POST", f"/v1/conflicts/{case}/decide", body).json()
    assert (answer["status"], answer["code"]) == (409, "WRONG_STATE")
    assert "It is decided as uphold or void." in answer["detail"]


def test_a_decision_that_overrides_strict_priority_is_visible_as_that_for_ever(contested: Sandbox) -> None:
    """In the case, in both registrations' histories, and in the timeline of the queue, whatever comes later."""
    case = case_of(contested)
    contested.decide(case, "reassign")
    contested.move_clock("2026-03-10T09:00:00+00:00")
    contested.won("D-2")
    assert contested.case(case)["decision"]["overrides_priority"]
    for one in registrations(contested):
        words = [event["what"] for event in contested.registration(str(one["id"]))["history"]]
        assert f"Conflict case {case} decided: reassign, overriding strict priority." in words
    [ruling] = contested.queue()["decisions"]
    assert (ruling["case"], ruling["outcome"], ruling["overrides_priority"]) == (case, "reassign", True)
    assert contested.queue()["timeline"][0]["ended_by"] == "reassigned"
    assert contested.queue(as_of="2025-12-31T00:00:00Z")["decisions"] == []


def test_a_case_is_moot_when_its_challenger_or_its_holder_is_gone(contested: Sandbox) -> None:
    """Nobody decides what time has settled."""
    contested.move_clock("2026-01-31T09:00:00+00:00")
    case = contested.case(case_of(contested))
    assert (case["status"], case["steps"][-1]["step"]) == ("moot", "moot")
    body = {"findings": [{"party": "sales", "fact": "Too late."}]}
    refused = contested.by("sales").refused("POST", f"/v1/conflicts/{case['id']}/investigate", body)
    assert refused in [(409, "WRONG_STATE"), (409, "STEP_OUT_OF_ORDER")]


def test_a_win_is_held_only_once_somebody_investigates(place: Place) -> None:
    """`hold_contested = investigated`: nobody can freeze another's pay by registering behind it."""
    sandbox = place.sandbox()
    sandbox.enrol("northwind", "contoso")
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    case = sandbox.register("contoso")["conflict"]
    sandbox.won("D-1")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", [])]
    sandbox.investigate(case)
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", ["CONFLICT_OPEN"])]
    sandbox.decide(case, "uphold")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", [])]


def test_with_the_setting_open_every_win_with_an_open_case_is_held(sandbox: Sandbox) -> None:
    sandbox.terms(hold_contested="open")
    sandbox.register("northwind", deal=sandbox.linked("D-1"), value=usd("100000.00"))
    sandbox.register("contoso")
    sandbox.won("D-1")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", ["CONFLICT_OPEN"])]


def test_a_win_on_the_deal_of_a_waiting_registration_is_the_holders_and_held(contested: Sandbox) -> None:
    """Credited is the holder, until the waiting registration's case is decided."""
    contested.won("D-2")
    assert lines(contested.statement("northwind", "2026-Q1")) == [("D-2", "9000.00", ["CONFLICT_OPEN"])]
    assert contested.statement("contoso", "2026-Q1")["lines"] == []
    contested.decide(case_of(contested), "uphold")
    assert lines(contested.statement("northwind", "2026-Q1")) == [("D-2", "9000.00", [])]


def test_reassigned_after_a_win_the_credit_moves_with_its_day(contested: Sandbox) -> None:
    contested.won("D-1")
    contested.move_clock("2026-04-02T09:00:00+00:00")
    contested.decide(case_of(contested), "reassign")
    assert contested.statement("northwind", "2026-Q1")["lines"] == []
    [line] = contested.statement("contoso", "2026-Q1")["lines"]
    assert (line["won_on"], line["commission"], line["state"]) == ("2026-01-01", usd("15000.00"), "earned")


@pytest.mark.parametrize(("outcome", "left"), [("uphold", [("D-1", "19000.00", [])]), ("void", [])])
def test_a_win_before_the_registration_is_held_until_it_is_reviewed(
    sandbox: Sandbox, outcome: str, left: list[object]
) -> None:
    """`WON_BEFORE_REGISTERED`, a `late_registration` case: `uphold` releases, `void` ends the credit."""
    sandbox.move_clock("2026-01-10T09:00:00+00:00")
    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.won("D-1", "2026-01-09", at="2026-01-10T09:00:00Z")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "19000.00", ["WON_BEFORE_REGISTERED"])]
    sandbox.decide(case_of(sandbox, "late_registration"), outcome)
    assert lines(sandbox.statement("northwind", "2026-Q1")) == left


def test_a_deal_won_too_soon_after_its_registration_is_held(sandbox: Sandbox) -> None:
    """`late_registration_hours`."""
    sandbox.terms(late_registration_hours=24)
    sandbox.register("northwind", deal=sandbox.linked("D-1"))
    sandbox.move_clock(timedelta(hours=23))
    sandbox.won("D-1")
    assert lines(sandbox.statement("northwind", "2026-Q1")) == [("D-1", "19000.00", ["LATE_REGISTRATION"])]
    assert case_of(sandbox, "late_registration")


def test_a_win_told_after_the_holder_changed_is_the_earlier_holders_and_held(contested: Sandbox) -> None:
    """`HOLDER_CHANGED`: the holder at the win is not the one when it is recorded; a case decides."""
    contested.move_clock("2026-02-10T09:00:00+00:00")
    assert contested.queue()["queue"][0]["partner"] == "contoso"
    contested.won("D-1", "2026-01-20", at="2026-01-20T09:00:00Z")
    assert lines(contested.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", ["HOLDER_CHANGED"])]
    contested.decide(case_of(contested, "holder_changed"), "uphold")
    assert lines(contested.statement("northwind", "2026-Q1")) == [("D-1", "15000.00", [])]


def test_a_later_holder_may_be_credited_by_decision(contested: Sandbox) -> None:
    """`reassign` moves the credit of a `holder_changed` case to the holder of now."""
    contested.move_clock("2026-02-10T09:00:00+00:00")
    contested.won("D-1", "2026-01-20", at="2026-01-20T09:00:00Z")
    contested.decide(case_of(contested, "holder_changed"), "reassign")
    assert contested.statement("northwind", "2026-Q1")["lines"] == []
    assert lines(contested.statement("contoso", "2026-Q1")) == [("D-1", "15000.00", [])]


def test_cases_are_listed_by_kind_and_status(contested: Sandbox) -> None:
    sales, case = contested.by("sales"), case_of(contested)
    assert [one["id"] for one in sales.get("/v1/conflicts", status="identified")["items"]] == [case]
    assert sales.get("/v1/conflicts", status="decided")["items"] == []
    assert sales.get("/v1/conflicts", kind="holder_changed")["items"] == []


def registrations(sandbox: Sandbox) -> list[dict[str, object]]:
    found: list[dict[str, object]] = sandbox.by("sales").get("/v1/registrations", at_least=sandbox.position())["items"]
    return found
