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
    messages = [{"party": "contoso", "text": "No."}, {"party": "northwind", "text": "Yes."}]
    by.post(f"/v1/conflicts/{case}/communicate", {"messages": messages})
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


def test_a_case_is_communicated_once_every_party_was_told(hurried: Sandbox) -> None:
    """In as many messages as it takes; staff sees who is still to tell, a partner what it was told itself."""
    case, by = only_case(hurried)["id"], hurried.by("partner_manager")
    hurried.decide(case, "uphold")
    path = f"/v1/conflicts/{case}"
    to_one = {"messages": [{"party": "contoso", "text": "Another was first."}]}
    told = by.post(f"{path}/communicate", to_one)
    assert (told["status"], told["steps"][-1]["still_to_tell"]) == ("decided", ["northwind"])
    assert by.post(f"{path}/communicate", to_one)["position"] is None
    assert by.refused("POST", f"{path}/prevent", {"no_change": "So it is."}) == (409, "STEP_OUT_OF_ORDER")
    contoso, northwind = hurried.by("partner", "contoso"), hurried.by("partner", "northwind")
    step = contoso.get(path)["steps"][-1]
    assert (step["step"], step["messages"], "still_to_tell" in step) == ("communicated", to_one["messages"], False)
    assert northwind.get(path)["steps"][-1]["step"] == "decided"
    told = by.post(f"{path}/communicate", {"messages": [{"party": "northwind", "text": "It is yours."}]})
    assert (told["status"], told["steps"][-1]["still_to_tell"]) == ("communicated", [])
    assert northwind.get(path)["steps"][-1]["messages"] == [{"party": "northwind", "text": "It is yours."}]
    assert by.post(f"{path}/prevent", {"no_change": "So it is."})["status"] == "closed"
    assert hurried.by("auditor").post("/v1/audit/replay")["first_disagreement"] is None


def test_whoever_is_no_party_neither_says_nor_is_told_anything(hurried: Sandbox) -> None:
    """Not even a partner that waits on the same account; the answer names the member and the parties."""
    hurried.enrol("fabrikam")
    hurried.register("fabrikam")
    [case, _] = ids(hurried.by("sales"))
    by, path = hurried.by("partner_manager"), f"/v1/conflicts/{case}"
    findings = [{"party": "contoso", "fact": "So."}, {"party": "fabrikam", "fact": "Not so."}]
    before = hurried.position()
    answer = by.ask("POST", f"{path}/investigate", {"findings": findings})
    assert problem(answer) == (422, "MALFORMED")
    [error] = answer.json()["errors"]
    assert error["field"] == "findings.1.party"
    assert "Its parties are contoso, northwind, vendor, sales" in error["message"]
    assert (hurried.position(), hurried.case(case)["status"]) == (before, "identified")
    hurried.decide(case, "uphold")
    messages = {"messages": [{"party": "nobody-at-all", "text": "So it is."}]}
    answer = by.ask("POST", f"{path}/communicate", messages)
    assert (problem(answer), answer.json()["errors"][0]["field"]) == ((422, "MALFORMED"), "messages.0.party")


def test_who_registered_the_other_account_is_heard_of_a_possible_double(sandbox: Sandbox) -> None:
    """Whether the two accounts are one, it knows best; how the case ends is the newcomer's."""
    sandbox.enrol("fabrikam")
    sandbox.register("northwind", account={"name": "Acme GmbH", "country": "DE", "domain": "acme.example"})
    alike = {"name": "Acme Deutschland", "country": "DE", "domain": "acme.de"}
    case = sandbox.register("contoso", account=alike)["conflict"]
    path, by = f"/v1/conflicts/{case}", sandbox.by("partner_manager")
    findings = [{"party": party, "fact": "They are two companies."} for party in ("contoso", "northwind")]
    assert by.post(f"{path}/investigate", {"findings": findings})["status"] == "investigating"
    stranger = {"findings": [{"party": "fabrikam", "fact": "So."}]}
    assert by.refused("POST", f"{path}/investigate", stranger) == (422, "MALFORMED")


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


def communicated(sandbox: Sandbox) -> str:
    """A case that only waits for what was changed."""
    sandbox.register("northwind")
    case: str = sandbox.register("contoso")["conflict"]
    sandbox.decide(case, "uphold")
    messages = [{"party": party, "text": "Northwind was first."} for party in ("northwind", "contoso")]
    sandbox.by("partner_manager").post(f"/v1/conflicts/{case}/communicate", {"messages": messages})
    return case


def by_terms(day: str, **settings: Any) -> dict[str, Any]:
    """A prevention that publishes terms."""
    return {"change": "Two claims are near for a minute.", "terms": {"effective_from": day, "terms": settings}}


def test_what_was_changed_can_be_new_terms_published_with_the_step(sandbox: Sandbox) -> None:
    """The case names the version, the version names the case; said again, nothing happens twice."""
    case = communicated(sandbox)
    before, path = sandbox.position(), f"/v1/conflicts/{case}/prevent"
    closed = sandbox.admin.post(path, by_terms("2026-01-01", near_simultaneous_seconds=60))
    assert (closed["status"], closed["position"]) == ("closed", before + 2)
    assert (closed["steps"][-1]["change"], closed["steps"][-1]["terms_version"]) == (
        "Two claims are near for a minute.",
        2,
    )
    versions = sandbox.by("auditor").get("/v1/programme/terms")["items"]
    assert [(one["version"], one["case"], one["position"]) for one in versions] == [(1, None, 1), (2, case, before + 1)]
    assert sandbox.admin.get("/v1/programme")["terms"]["near_simultaneous_seconds"] == 60
    again = sandbox.admin.post(path, by_terms("2026-01-01", near_simultaneous_seconds=60))
    assert (again["position"], sandbox.position()) == (None, before + 2)
    partner = sandbox.by("partner", "contoso").get(f"/v1/conflicts/{case}")["steps"][-1]
    assert "change" not in partner and "terms_version" not in partner
    assert sandbox.by("auditor").post("/v1/audit/replay")["first_disagreement"] is None


def test_only_the_admin_prevents_by_terms(sandbox: Sandbox) -> None:
    """Whoever may not publish terms may not do it through a case either."""
    path, before = f"/v1/conflicts/{communicated(sandbox)}/prevent", sandbox.position()
    manager = sandbox.by("partner_manager")
    assert manager.refused("POST", path, by_terms("2026-01-01", protection_days=40)) == (403, "FORBIDDEN")
    body = {"no_change": "None."} | {"terms": by_terms("2026-01-01", protection_days=40)["terms"]}
    assert sandbox.admin.refused("POST", path, body) == (422, "MALFORMED")
    assert sandbox.position() == before
    manager.post(path, {"change": "The reviewers look twice."})


def test_a_refused_prevention_changes_neither_terms_nor_case(sandbox: Sandbox) -> None:
    """Out of order, into a closed period, malformed for the currency, or nothing to change at all."""
    sandbox.register("northwind", "globex")
    early = sandbox.register("contoso", "globex")["conflict"]
    case = communicated(sandbox)
    path, admin = f"/v1/conflicts/{case}/prevent", sandbox.admin
    sandbox.move_clock("2026-04-02T09:00:00+00:00")
    sandbox.register("northwind", "initech", deal=sandbox.linked("D-1"))
    sandbox.won("D-1", "2026-03-30")
    sandbox.close("2026-Q1")
    before = sandbox.position()
    assert admin.refused("POST", path, by_terms("2026-03-31", protection_days=40)) == (409, "PERIOD_CLOSED")
    assert admin.refused("POST", path, by_terms("2026-05-01", minimum_value="1.005")) == (422, "MALFORMED")
    other = f"/v1/conflicts/{early}/prevent"
    assert admin.refused("POST", other, by_terms("2026-05-01", protection_days=40)) == (409, "STEP_OUT_OF_ORDER")
    nowhere = "/v1/conflicts/cft_0/prevent"
    assert admin.refused("POST", nowhere, by_terms("2026-05-01", protection_days=40)) == (404, "NOT_FOUND")
    assert (sandbox.position(), sandbox.case(case)["status"]) == (before, "communicated")
    assert len(admin.get("/v1/programme/terms")["items"]) == 1
    sandbox.terms("2026-05-01", protection_days=40)
    assert admin.refused("POST", path, by_terms("2026-05-01", protection_days=40)) == (409, "WRONG_STATE")
