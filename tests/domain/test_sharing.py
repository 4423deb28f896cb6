"""Shares that every party agrees: proposed, accepted by each, agreed with the last of them (rules §5)."""

import pytest

from domain.account.evolve import fold
from domain.account.passing_of_time import next_due
from domain.deal_registration.aggregate import AcceptShares, DeclineShares, ProposeShares, WithdrawRegistration
from domain.deal_registration.events import SharesAgreed
from domain.deal_registration.share_events import (
    ProposedSharesAccepted,
    ProposedSharesDeclined,
    ShareProposalExpired,
    SharesProposed,
)
from domain.deal_registration.share_proposal import ShareProposal
from domain.ids import PartnerId, Share, ShareProposalId
from tests.domain.scenario import Scenario, refused

HALVES = {"A": 5_000, "B": 5_000}
THREE = {"A": 5_000, "B": 3_000, "C": 2_000}


def propose(story: Scenario, shares: dict[str, int], name: str = "p", *, by: str | None = "A", of: str = "A") -> None:
    """Shares of a registration are proposed, by its lead or (None) by staff."""
    parts = tuple(Share(partner=PartnerId(partner), basis_points=points) for partner, points in shares.items())
    sharing = tuple(story.partners[PartnerId(partner)] for partner in shares)
    command = ProposeShares(
        proposal=ShareProposalId(name), shares=parts, sharing=sharing, by=None if by is None else PartnerId(by)
    )
    story.decide(of, command)


def accept(story: Scenario, partner: str, name: str = "p") -> None:
    """A partner accepts."""
    made = proposal(story, name)
    sharing = tuple(story.partners[known] for known in made.partners)
    command = AcceptShares(proposal=made.id, partner=PartnerId(partner), sharing=sharing)
    story.decide(made.registration, command)


def decline(story: Scenario, partner: str, name: str = "p") -> None:
    """A partner declines."""
    made = proposal(story, name)
    story.decide(made.registration, DeclineShares(proposal=made.id, partner=PartnerId(partner), reason=None))


def proposal(story: Scenario, name: str = "p") -> ShareProposal:
    """A proposal as it stands."""
    return story.account.share_proposals[ShareProposalId(name)]


def agreed(story: Scenario, registration: str = "A") -> dict[str, int]:
    """The shares of a registration as they are agreed."""
    return {share.partner: share.basis_points for share in story.registration(registration).shares}


@pytest.fixture
def story() -> Scenario:
    """A has registered and holds, with everything to itself."""
    story = Scenario()
    story.register("A")
    return story


def test_shares_are_agreed_in_the_transaction_of_the_last_acceptance(story: Scenario) -> None:
    """The lead accepts by proposing; until everybody has, nothing is agreed."""
    propose(story, THREE)
    assert [type(event) for event in story.happened] == [SharesProposed]
    accept(story, "C")
    assert (agreed(story), proposal(story).status) == ({"A": 10_000}, "open")
    accept(story, "B")
    assert [type(event) for event in story.happened] == [ProposedSharesAccepted, SharesAgreed]
    assert (agreed(story), proposal(story).status) == (THREE, "agreed")
    assert proposal(story).accepted == ("A", "C", "B")


def test_every_step_of_the_agreement_is_evidence_of_the_shares(story: Scenario) -> None:
    """§9: statement line → credit → shares → who proposed and who accepted."""
    propose(story, HALVES)
    accept(story, "B")
    steps = [r.position for r in story.history if isinstance(r.event, SharesProposed | ProposedSharesAccepted)]
    assert len(steps) == 2
    assert set(steps) <= set(story.registration("A").evidence)


def test_the_lead_answers_like_everybody_else_to_what_staff_proposes(story: Scenario) -> None:
    """Staff speaks for nobody."""
    propose(story, HALVES, by=None)
    accept(story, "B")
    assert proposal(story).status == "open"
    accept(story, "A")
    assert agreed(story) == HALVES


def test_accepting_again_changes_nothing(story: Scenario) -> None:
    """Before the agreement and after it."""
    propose(story, THREE)
    accept(story, "B")
    accept(story, "B")
    assert story.happened == ()
    accept(story, "C")
    accept(story, "C")
    assert story.happened == ()


def test_one_no_ends_a_proposal(story: Scenario) -> None:
    """Also from a partner that had accepted; said again, it changes nothing, and nobody can accept any more."""
    propose(story, THREE)
    accept(story, "B")
    decline(story, "B")
    assert [type(event) for event in story.happened] == [ProposedSharesDeclined]
    assert (proposal(story).status, proposal(story).closed_because) == ("closed", "declined")
    decline(story, "B")
    assert story.happened == ()
    with refused("WRONG_STATE"):
        accept(story, "C")
    with refused("WRONG_STATE"):
        accept(story, "B")
    with refused("WRONG_STATE"):
        decline(story, "C")
    assert agreed(story) == {"A": 10_000}


def test_a_new_proposal_replaces_the_open_one(story: Scenario) -> None:
    """Whoever accepted the old one has to accept the new one."""
    propose(story, HALVES)
    propose(story, THREE, "q")
    assert (proposal(story).status, proposal(story).closed_because) == ("closed", "replaced")
    with refused("WRONG_STATE"):
        accept(story, "B")
    accept(story, "B", "q")
    accept(story, "C", "q")
    assert agreed(story) == THREE


def test_what_is_proposed_already_is_not_proposed_again(story: Scenario) -> None:
    """By the lead, or by staff; but staff's proposal becomes the lead's when the lead makes it, too."""
    propose(story, HALVES, by=None)
    propose(story, HALVES, "q", by=None)
    assert story.happened == ()
    propose(story, HALVES, "r")
    assert proposal(story).closed_because == "replaced"
    propose(story, HALVES, "s")
    assert story.happened == ()
    accept(story, "B", "r")
    with refused("WRONG_STATE"):
        propose(story, HALVES, "t")


def test_staff_that_states_shares_at_once_ends_the_open_proposal(story: Scenario) -> None:
    """What staff states is agreed by its word; the proposal is replaced by it."""
    propose(story, HALVES)
    story.agree_shares("A", {"A": 9_000, "D": 1_000})
    assert proposal(story).closed_because == "replaced"
    assert agreed(story) == {"A": 9_000, "D": 1_000}


def test_a_lead_may_agree_with_itself_to_have_everything_again(story: Scenario) -> None:
    """A proposal that names the lead alone waits for nobody."""
    propose(story, HALVES)
    accept(story, "B")
    propose(story, {"A": 10_000}, "q")
    assert agreed(story) == {"A": 10_000}


def test_a_proposal_expires_at_the_instant_and_not_before() -> None:
    """§2: half-open, calendar days in the programme's zone, by comparison of instants whoever asks."""
    story = Scenario(zone="America/New_York", now="2026-03-01T12:00", share_proposal_days=14)
    story.register("A")
    propose(story, HALVES)
    assert proposal(story).expires_at == story.instant("2026-03-15T16:00:00Z")
    story.at("2026-03-15T12:00")
    story.later(microseconds=-1)
    story.catch_up()
    assert proposal(story).is_open
    story.later(microseconds=1)
    with refused("WRONG_STATE"):
        accept(story, "B")
    story.later(days=3)
    story.catch_up()
    (expired,) = story.happened
    assert isinstance(expired, ShareProposalExpired)
    assert expired.at == story.instant("2026-03-15T16:00:00Z")
    assert (proposal(story).status, proposal(story).closed_because) == ("closed", "expired")


def test_an_acceptance_in_the_last_microsecond_counts(story: Scenario) -> None:
    """And what is agreed does not expire."""
    propose(story, HALVES)
    story.now = proposal(story).expires_at
    story.later(microseconds=-1)
    accept(story, "B")
    story.later(days=1)
    story.catch_up()
    assert (agreed(story), proposal(story).status) == (HALVES, "agreed")


def test_a_proposal_is_due_when_it_expires(story: Scenario) -> None:
    """So that time writes it like everything else."""
    story.publish(share_proposal_days=7)
    propose(story, HALVES)
    due = next_due(story.account)
    assert due is not None
    assert (due.at, due.proposal) == (proposal(story).expires_at, "p")


def test_after_the_win_nobody_proposes_and_nobody_accepts(story: Scenario) -> None:
    """The shares are those agreed at the win; a reopened deal can be agreed on again."""
    propose(story, HALVES)
    story.won("A")
    with refused("ALREADY_WON"):
        accept(story, "B")
    with refused("ALREADY_WON"):
        propose(story, THREE, "q")
    assert story.credited("A") == ("A",)
    story.reopened("A")
    accept(story, "B")
    assert agreed(story) == HALVES


def test_nothing_is_agreed_on_a_registration_that_is_over(story: Scenario) -> None:
    """And whoever asks does not learn how it ended."""
    propose(story, HALVES)
    story.decide("A", WithdrawRegistration(reason="no budget"))
    with refused("WRONG_STATE"):
        accept(story, "B")
    with refused("WRONG_STATE"):
        propose(story, THREE, "q")
    decline(story, "B")
    assert proposal(story).closed_because == "declined"


@pytest.mark.parametrize("ends", ["suspend", "terminate"])
def test_only_active_partners_agree(story: Scenario, ends: str) -> None:
    """Named in a proposal, accepting, and with the last acceptance all of them."""
    propose(story, THREE)
    accept(story, "B")
    getattr(story, ends)("B")
    with refused("PARTNER_NOT_ACTIVE"):
        accept(story, "C")
    with refused("PARTNER_NOT_ACTIVE"):
        propose(story, HALVES, "q")
    assert agreed(story) == {"A": 10_000}


def test_a_share_that_the_rules_do_not_know_is_not_proposed(story: Scenario) -> None:
    """They sum to 10,000 and the lead is among them."""
    with refused("MALFORMED"):
        propose(story, {"A": 5_000, "B": 4_000})
    with refused("MALFORMED"):
        propose(story, {"B": 10_000})


def test_replay_gives_the_same_proposals(story: Scenario) -> None:
    """§9: from the events alone."""
    story.register("B")
    propose(story, HALVES)
    propose(story, THREE, "q")
    accept(story, "B", "q")
    propose(story, {"B": 9_000, "D": 1_000}, "r", by="B", of="B")
    story.later(days=15)
    story.catch_up()
    assert fold(story.history) == story.account


def test_a_decision_to_split_replaces_what_was_proposed(story: Scenario) -> None:
    """Shares that staff decided in a conflict case count, whoever would still have accepted others (§4)."""
    story.register("B")
    propose(story, {"A": 9_000, "C": 1_000})
    story.settle(story.case("B"), "split", HALVES)
    assert (agreed(story), agreed(story, "B")) == (HALVES, HALVES)
    assert proposal(story).closed_because == "replaced"
    with refused("WRONG_STATE"):
        accept(story, "C")
