"""How conflict cases are worked: deadlines, precedents, and what each party sees (rules §4)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.api import Sandbox, problem, shares

DEADLINES: dict[str, Any] = {"case_investigation_hours": 48, "case_mediation_hours": 24, "case_decision_hours": 120}


@pytest.fixture
def hurried(sandbox: Sandbox) -> Sandbox:
    """Northwind holds acme.example, Contoso waits behind it, and cases have deadlines."""
    sandbox.terms(**DEADLINES)
    sandbox.register("northwind")
    sandbox.register("contoso")
    return sandbox


def only_case(sandbox: Sandbox, **wanted: Any) -> Any:
    """The only case there is, as staff sees it."""
    [case] = sandbox.by("sales").get("/v1/conflicts", **wanted)["items"]
    return case


def ids(caller: Any, **wanted: Any) -> list[str]:
    """The cases of a list."""
    return [case["id"] for case in caller.get("/v1/conflicts", **wanted)["items"]]


def test_a_case_shows_by_when_its_next_step_is_due_and_is_escalated_when_that_has_passed(hurried: Sandbox) -> None:
    """The escalation is an event of its own, at its instant, and is found in a list."""
    case = only_case(hurried)
    assert (case["due_at"], case["overdue"]) == ("2026-01-03T09:00:00.000000Z", False)
    hurried.move_clock(timedelta(hours=47, minutes=59))
    assert ids(hurried.by("sales"), overdue=True) == []
    assert ids(hurried.by("sales"), overdue=False) == [case["id"]]
    before = hurried.position()
    hurried.move_clock(timedelta(days=1))
    late = only_case(hurried, overdue=True)
    assert (late["overdue"], late["status"]) == (True, "identified")
    [step] = late["steps"][1:]
    assert step | {"by": ""} == {
        "step": "escalated",
        "at": "2026-01-04T08:59:00.000000Z",
        "by": "",
        "position": before + 2,
        "awaited": "investigated",
        "due_at": "2026-01-03T09:00:00.000000Z",
    }
    hurried.investigate(case["id"])
    after = hurried.case(case["id"])
    assert (after["due_at"], after["overdue"]) == ("2026-01-05T08:59:00.000000Z", False)
    assert [one["step"] for one in after["steps"]] == ["identified", "escalated", "investigated"]
    assert hurried.by("auditor").post("/v1/audit/replay")["first_disagreement"] is None


def test_a_closed_case_is_due_no_more(hurried: Sandbox) -> None:
    case, by = only_case(hurried)["id"], hurried.by("partner_manager")
    hurried.decide(case, "uphold")
    by.post(f"/v1/conflicts/{case}/communicate", {"messages": [{"party": "contoso", "text": "No."}]})
    by.post(f"/v1/conflicts/{case}/prevent", {"no_change": "The rules worked."})
    hurried.move_clock(timedelta(days=20))
    closed = hurried.case(case)
    assert (closed["due_at"], closed["overdue"], closed["status"]) == (None, False, "closed")


def test_how_such_cases_were_decided_before_is_found(sandbox: Sandbox) -> None:
    """By rule, outcome, account, and whether strict priority was overridden."""
    by = sandbox.by("sales")
    decided: list[str] = []
    for account, outcome, rule in (
        ("acme", "uphold", "Who is first (rules §3)"),
        ("globex", "reassign", "Incumbent  partner"),
        ("initech", "uphold", "incumbent PARTNER"),
        ("umbrella", "split", "Both worked on it"),
    ):
        sandbox.register("northwind", account)
        case = sandbox.register("contoso", account)["conflict"]
        parted = {"shares": shares(northwind=5000, contoso=5000)} if outcome == "split" else {}
        sandbox.decide(case, outcome, rule=rule, **parted)
        decided.append(case)
    sandbox.register("northwind", "hooli")
    still_open = sandbox.register("contoso", "hooli")["conflict"]
    acme, globex, initech, umbrella = decided
    assert ids(by, rule="incumbent partner") == [globex, initech]
    assert ids(by, rule="Incumbent partner", outcome="uphold") == [initech]
    assert ids(by, outcome="uphold") == [acme, initech]
    assert ids(by, account="globex.example") == ids(by, account="Globex GmbH") == [globex]
    assert ids(by, account="hooli.example", decided=True) == []
    assert ids(by, decided=False) == [still_open]
    assert ids(by, overrides_priority=True) == [globex, umbrella]
    assert ids(by, overrides_priority=False) == [acme, initech]
    assert ids(by, rule="of thumb") == ids(by, account="nobody.example") == []
    first = by.get("/v1/conflicts", decided=True, limit=3)
    assert ids(by, decided=True, limit=3, after=first["next"]) == [umbrella]
    assert by.refused("GET", "/v1/conflicts", query={"outcome": "thrown-dice"}) == (422, "MALFORMED")


def test_a_partner_sees_its_own_side_only(hurried: Sandbox) -> None:
    """Facts of its own and messages to it; not by whom, not the others' and not how many, nor how the case is run."""
    case, by = only_case(hurried)["id"], hurried.by("partner_manager")
    path = f"/v1/conflicts/{case}"
    hurried.investigate(case)
    for party in ("northwind", "contoso", "northwind"):
        by.post(f"{path}/investigate", {"findings": [{"party": party, "fact": f"Says {party}.", "evidence": "Mail."}]})
    hurried.move_clock(timedelta(days=2))
    by.post(f"{path}/mediate", {"summary": "Northwind would not hear of it."})
    reason = {"reason": "Northwind met the buyer in 2024."}
    by.post(f"{path}/decide", {"outcome": "uphold", "rule": "Who is first (rules §3)", **reason})
    messages = [{"party": "northwind", "text": "It is yours."}, {"party": "contoso", "text": "It is not."}]
    by.post(f"{path}/communicate", {"messages": messages})
    by.post(f"{path}/prevent", {"change": "Northwind is told earlier."})
    caller = hurried.by("partner", "contoso")
    seen = caller.get(path)
    assert "northwind" not in caller.ask("GET", path).text.lower()
    assert [one["step"] for one in seen["steps"]] == [
        "identified",
        "investigated",
        "investigated",
        "mediated",
        "decided",
        "communicated",
        "prevented",
    ]
    assert [one.get("findings") for one in seen["steps"][1:3]] == [
        [],
        [{"party": "contoso", "fact": "Says contoso.", "evidence": "Mail."}],
    ]
    assert seen["steps"][5]["messages"] == messages[1:]
    assert {one["by"] for one in seen["steps"]} == {None}
    assert (seen["due_at"], seen["overdue"], seen["near_simultaneous"]) == (None, None, None)
    assert (seen["decision"]["rule"], seen["decision"]["reason"]) == ("Who is first (rules §3)", None)
    assert [side["partner"] for side in seen["registrations"]] == ["contoso"]
    for role in ("sales", "partner_manager", "auditor", "finance"):
        whole = hurried.by(role).get(path)
        assert [one["step"] for one in whole["steps"]].count("investigated") == 4
        assert "escalated" in [one["step"] for one in whole["steps"]]
        assert len(whole["registrations"]) == 2 and whole["decision"]["reason"] == reason["reason"]


def test_a_partner_learns_nothing_by_filtering(hurried: Sandbox) -> None:
    """Only its own cases are ever listed, and whether one is late is the programme's own affair."""
    hurried.enrol("fabrikam")
    mine = hurried.register("fabrikam")["conflict"]
    caller = hurried.by("partner", "fabrikam")
    hurried.move_clock(timedelta(days=5))
    assert ids(caller, overdue=True) == ids(caller, overdue=False) == ids(caller) == [mine]
    assert ids(caller, account="acme.example") == [mine]
    hurried.decide(ids(hurried.by("sales"))[0], "uphold")
    assert ids(caller, decided=True) == ids(caller, outcome="uphold") == []
    assert problem(caller.ask("POST", f"/v1/conflicts/{mine}/investigate", {})) == (403, "FORBIDDEN")


def test_each_co_seller_of_a_split_sees_its_own_share_in_the_case(hurried: Sandbox) -> None:
    """Its registration says with whom it sells, as that of every co-seller does."""
    hurried.enrol("fabrikam")
    third = hurried.register("fabrikam")["conflict"]
    [first, _] = ids(hurried.by("sales"))
    hurried.decide(first, "split", shares=shares(northwind=6000, contoso=4000))
    hurried.decide(third, "split", shares=shares(northwind=5000, contoso=3000, fabrikam=2000))
    seen = hurried.by("partner", "contoso").get(f"/v1/conflicts/{third}")
    assert seen["decision"]["shares"] == shares(contoso=3000)
    assert [side["partner"] for side in seen["registrations"]] == ["contoso"]
    assert len(hurried.case(third)["registrations"]) == 3
