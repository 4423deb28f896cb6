"""Clashes and how they are decided, as callers see them (rules §4 and §5; situations)."""

from datetime import timedelta

import pytest

from tests.support.api import Place, Sandbox, lines, usd


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
