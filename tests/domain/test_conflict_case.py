"""A clash is worked in six steps, and its decision says who goes first or is credited (rules §4)."""

import pytest

from domain.conflict_case.commands import (
    CaseCommand,
    CommunicateCase,
    DecideCase,
    InvestigateCase,
    MediateCase,
    PreventCase,
)
from domain.conflict_case.events import CaseDecided, CasePrevented, Finding, Message
from domain.deal_registration.aggregate import RejectRegistration, WithdrawRegistration
from tests.domain.scenario import Scenario, refused

INVESTIGATE = InvestigateCase(findings=(Finding(party="A", fact="met the customer", evidence="minutes.pdf"),))
MEDIATE = MediateCase(summary=None, skipped="both refuse to talk")
DECIDE = DecideCase(outcome="uphold", rule="§3.1", reason="A was first")
COMMUNICATE = CommunicateCase(messages=(Message(party="A", text="yours"), Message(party="B", text="A was first")))
PREVENT = PreventCase(change=None, no_change="the rule is clear")
SIX_STEPS: list[CaseCommand] = [INVESTIGATE, MEDIATE, DECIDE, COMMUNICATE, PREVENT]


def clash(*others: str, **settings: object) -> Scenario:
    """A holds; B and the others wait."""
    story = Scenario(**settings)  # type: ignore[arg-type]  # each test names real settings
    for partner in ("A", "B", *others):
        story.register(partner)
        story.later(seconds=60)
    return story


def test_a_case_goes_through_six_steps() -> None:
    """Identified by the service; then investigated, mediated, decided, communicated, prevented."""
    story = clash()
    seen = [story.case("B").status]
    for step in SIX_STEPS:
        story.step(story.case("B"), step)
        seen.append(story.case("B").status)
    assert seen == ["identified", "investigating", "mediating", "decided", "communicated", "closed"]
    assert [step.actor for step in story.case("B").steps] == ["test"] * 6


@pytest.mark.parametrize("step", range(1, 5))
def test_no_step_is_left_out(step: int) -> None:
    """Mediation may be skipped with a reason, but not passed over in silence."""
    story = clash()
    for before in SIX_STEPS[: step - 1]:
        story.step(story.case("B"), before)
    with refused("STEP_OUT_OF_ORDER"):
        story.step(story.case("B"), SIX_STEPS[step])


def test_facts_may_be_added_until_the_case_is_mediated() -> None:
    """Each party is heard."""
    story = clash()
    story.step(story.case("B"), INVESTIGATE)
    story.step(story.case("B"), INVESTIGATE)
    assert len(story.case("B").steps) == 3
    story.step(story.case("B"), MEDIATE)
    with refused("STEP_OUT_OF_ORDER"):
        story.step(story.case("B"), INVESTIGATE)


def test_the_same_step_said_again_changes_nothing() -> None:
    """And said otherwise, it is out of order."""
    story = clash()
    for step in SIX_STEPS[:3]:
        story.step(story.case("B"), step)
    story.step(story.case("B"), DECIDE)
    assert story.happened == ()
    with refused("STEP_OUT_OF_ORDER"):
        story.step(story.case("B"), DecideCase(outcome="reassign", rule="§3.1", reason="A was first"))


def test_a_moot_case_takes_no_more_steps() -> None:
    """The clash is gone."""
    story = clash()
    story.decide("A", WithdrawRegistration(reason="no more"))
    with refused("STEP_OUT_OF_ORDER"):
        story.step(story.case("B"), INVESTIGATE)


def test_time_passes_before_a_step_is_taken() -> None:
    """The holder's protection ended before anybody decided: the case was moot from then on."""
    story = clash()
    case = story.case("B")
    story.later(days=31)
    with refused("STEP_OUT_OF_ORDER"):
        story.step(case, INVESTIGATE)


def test_uphold_keeps_the_holder_and_rejects_the_challenger() -> None:
    """§4."""
    story = clash("C")
    story.settle(story.case("B"), "uphold")
    assert (story.queue(), story.status("B")) == (["A", "C"], "rejected")
    assert story.case("C").status == "identified"
    decision = story.case("B").decision
    assert decision is not None and not decision.overrides_priority
    assert (decision.against, decision.rule, decision.reason) == ("A", "§3.4", "it was so")


def test_uphold_on_one_product_leaves_the_others_alone() -> None:
    """The challenger keeps what it holds elsewhere."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "edge", "core")
    story.settle(story.case("B"), "uphold")
    assert (story.status("B"), story.queue("edge"), story.queue("core")) == ("approved", ["A"], ["B"])


def test_reassign_puts_the_challenger_first_with_a_protection_from_the_decision() -> None:
    """The others keep their order and their cases go on against the new holder (§4)."""
    story = clash("C", "D")
    story.later(days=5)
    story.settle(story.case("C"), "reassign")
    assert story.queue() == ["C", "A", "B", "D"]
    assert story.protected_until("C") == "2026-03-27T12:04Z"
    assert (story.status("C"), story.status("A")) == ("approved", "waiting")
    decided = next(event for event in story.happened if isinstance(event, CaseDecided))
    assert decided.overrides_priority
    assert [(c.challenger, c.status) for c in story.cases()] == [
        ("B", "identified"),
        ("C", "decided"),
        ("D", "identified"),
    ]
    story.settle(story.case("D"), "reassign")
    assert story.queue() == ["D", "C", "A", "B"]


def test_whoever_was_displaced_waits_under_the_decided_case_and_comes_back_when_its_turn_is() -> None:
    """The clash of the two is decided; it needs no second case."""
    story = clash()
    story.settle(story.case("B"), "reassign")
    assert len(story.cases()) == 1
    assert story.timeline() == [
        ("A", "2026-02-20T12:00Z", "2026-02-20T12:02Z", "reassigned"),
        ("B", "2026-02-20T12:02Z", None, None),
    ]
    story.decide("B", WithdrawRegistration(reason="no more"))
    assert (story.holder(), story.case("B").status) == ("A", "decided")


def test_reassign_protects_under_manual_approval_too() -> None:
    """A person has decided; nobody has to approve once more."""
    story = clash(approval="manual")
    story.settle(story.case("B"), "reassign")
    assert (story.status("B"), story.status("A")) == ("approved", "waiting")


def test_void_ends_both_claims_and_promotes_the_next() -> None:
    """Neither of the two goes on."""
    story = clash("C")
    story.settle(story.case("B"), "void")
    assert (story.status("A"), story.status("B"), story.queue()) == ("rejected", "rejected", ["C"])


def test_a_case_against_nobody_can_be_decided() -> None:
    """The holder is gone, the challenger's partner suspended: there is nobody left to stand against."""
    story = clash()
    story.suspend("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert story.holder() is None
    story.settle(story.case("B"), "reassign")
    assert story.holder() == "B"
    other = clash()
    other.suspend("B")
    other.decide("A", WithdrawRegistration(reason="no more"))
    other.settle(other.case("B"), "void")
    assert other.status("B") == "rejected"


def test_a_skipped_claim_may_be_put_first_again() -> None:
    """It kept its place before whoever holds meanwhile."""
    story = clash("C")
    story.suspend("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    story.reinstate("B")
    assert story.queue() == ["C", "B"]
    story.settle(story.case("B"), "reassign")
    assert story.queue() == ["B", "C"]


def test_every_challenger_and_product_has_its_own_case() -> None:
    """§3.4: one for each challenging registration and product."""
    story = Scenario()
    story.register("A", "edge", "core")
    story.register("B", "edge", "core")
    story.register("C", "core")
    assert [(case.challenger, case.product) for case in story.cases()] == [
        ("B", "edge"),
        ("B", "core"),
        ("C", "core"),
    ]
    story.decide("B", RejectRegistration(reason="no"))
    assert [case.status for case in story.cases()] == ["moot", "moot", "identified"]


def test_what_was_changed_may_be_a_version_of_the_terms() -> None:
    """The step names it."""
    story = clash()
    for step in SIX_STEPS[:4]:
        story.step(story.case("B"), step)
    story.step(story.case("B"), PreventCase(change="longer protection", no_change=None, terms_version=2))
    last = story.case("B").steps[-1].event
    assert isinstance(last, CasePrevented)
    assert (last.change, last.terms_version, story.case("B").status) == ("longer protection", 2, "closed")
