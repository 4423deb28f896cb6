"""The parties to a conflict case are heard, and each of them is told how it was decided (rules §4)."""

import pytest

from domain.account.evolve import evolve
from domain.conflict_case.commands import CommunicateCase, DecideCase, InvestigateCase, MediateCase, PreventCase
from domain.conflict_case.events import CaseCommunicated, Duplicate, Finding, Message
from domain.ids import AccountId, PartnerId, Position, RegistrationId
from domain.recorded import Recorded
from tests.domain.scenario import Scenario, queue_of, refused

PREVENT = PreventCase(change=None, no_change="the rule is clear")


def told(*parties: str) -> CommunicateCase:
    """A message to each."""
    return CommunicateCase(messages=tuple(Message(party=party, text="so it is") for party in parties))


def said_by(*parties: str, doubles: tuple[str, ...] = ()) -> InvestigateCase:
    """A fact of each; `doubles`: whose registrations led to the other accounts."""
    findings = tuple(Finding(party=party, fact="so it is", evidence=None) for party in parties)
    return InvestigateCase(findings=findings, doubles_partners=tuple(PartnerId(double) for double in doubles))


@pytest.fixture
def decided() -> Scenario:
    """A holds, B waited and C waits; the case of B is decided."""
    story = queue_of("A", "B", "C")
    story.settle(story.case("B"), "uphold")
    return story


def test_a_case_is_communicated_once_every_party_was_told(decided: Scenario) -> None:
    """In several messages or in one; until then it is decided, and the next step is out of order."""
    case = decided.case("B")
    decided.step(case, told("B"))
    assert decided.case("B").status == "decided"
    with refused("STEP_OUT_OF_ORDER"):
        decided.step(case, PREVENT)
    decided.step(case, told("A"))
    assert decided.case("B").status == "communicated"
    decided.step(case, PREVENT)
    assert decided.case("B").status == "closed"


def test_each_telling_says_whom_nobody_told_yet(decided: Scenario) -> None:
    """In the order of the case: challenger, holder."""
    for party, left in (("sales", ("B", "A")), ("A", ("B",)), ("B", ())):
        decided.step(decided.case("B"), told(party))
        [event] = [event for event in decided.happened if isinstance(event, CaseCommunicated)]
        assert event.still_to_tell == left


def test_the_same_message_again_changes_nothing_while_others_are_still_to_tell(decided: Scenario) -> None:
    """As with any step; a further message to the same party is recorded, and stands for nobody else."""
    recorded = []
    for command in (told("A"), told("A"), told("A", "A")):
        decided.step(decided.case("B"), command)
        recorded.append(len(decided.happened))
    assert recorded == [1, 0, 1]
    assert decided.case("B").status == "decided"


def test_what_was_recorded_before_says_that_everybody_was_told(decided: Scenario) -> None:
    """Events are permanent: a case that one message made communicated, when one was enough, stays so."""
    case = decided.case("B")
    event = CaseCommunicated(case=case.id, account=decided.account.id, messages=told("B").messages)
    recorded = Recorded(position=Position(99), recorded_at=decided.now, actor="test", event=event)
    assert evolve(decided.account, recorded).cases[case.id].status == "communicated"


@pytest.mark.parametrize("stranger", ["C", "Z", "legal"])
def test_a_message_to_nobody_of_the_case_is_refused(decided: Scenario, stranger: str) -> None:
    """Neither another partner, though it waits in the same queue, nor who does not exist; nothing of it is recorded."""
    with refused("MALFORMED") as facts:
        decided.step(decided.case("B"), told("A", stranger))
    assert facts["field"] == "messages.1.party"
    assert decided.case("B").status == "decided"


@pytest.mark.parametrize("stranger", ["C", "Z", "legal"])
def test_a_fact_of_nobody_in_the_case_is_refused(stranger: str) -> None:
    """A case is not investigated by what a stranger is said to have said."""
    story = queue_of("A", "B", "C")
    with refused("MALFORMED") as facts:
        story.step(story.case("B"), said_by("A", "B", stranger))
    assert facts["field"] == "findings.2.party"
    assert story.case("B").status == "identified"


@pytest.mark.parametrize("party", ["A", "B", "vendor", "sales", "partner_manager", "finance", "crm", "customer"])
def test_the_partners_the_vendor_and_the_customer_are_heard(party: str) -> None:
    """Each of them may know how it was."""
    story = queue_of("A", "B", "C")
    story.step(story.case("B"), said_by(party))
    assert story.case("B").status == "investigating"


def test_whoever_holds_now_is_heard_too() -> None:
    """After another case's decision, this one goes on against the new holder (§4)."""
    story = queue_of("A", "B", "C")
    story.settle(story.case("B"), "reassign")
    story.step(story.case("C"), said_by("A", "B", "C"))
    story.step(story.case("C"), MediateCase(summary=None, skipped="no need"))
    story.step(story.case("C"), DecideCase(outcome="uphold", rule="§3.4", reason="B was chosen"))
    story.step(story.case("C"), told("C", "A"))
    assert story.case("C").status == "decided"
    story.step(story.case("C"), told("B"))
    assert story.case("C").status == "communicated"


def test_who_registered_the_other_account_is_heard_of_a_possible_double() -> None:
    """It knows that account best. How the case ends is told to the newcomer alone."""
    alike = Duplicate(account=AccountId("acc_1"), registration=RegistrationId("X"), rule="similar_name", score=95)
    story = Scenario()
    story.register("A", duplicates=(alike,))
    [case] = story.cases("possible_duplicate")
    with refused("MALFORMED"):
        story.step(case, said_by("X"))
    story.step(case, said_by("A", "X", doubles=("X",)))
    story.settle(case, "distinct")
    with refused("MALFORMED"):
        story.step(case, told("X"))
    story.step(case, told("A"))
    assert story.case_now(case).status == "communicated"


def test_a_buyer_is_told_in_place_of_the_partner_that_it_bought(decided: Scenario) -> None:
    """The claims went over, and the case with them."""
    decided.step(decided.case("B"), told("B"))
    decided.acquire("A", "E")
    with refused("MALFORMED"):
        decided.step(decided.case("B"), told("A"))
    decided.step(decided.case("B"), told("E"))
    assert decided.case("B").status == "communicated"
