"""Folding a whole programme: the same accounts, the same credits, and queues that do not contradict themselves."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import assume, given

from domain.account.evolve import AccountEvent
from domain.account.state import Account
from domain.accounts_ledger import QueueContradicted
from domain.commission.outcomes import OutcomeChange, outcome_changes
from domain.deal_registration.aggregate import WithdrawRegistration
from domain.deal_registration.events import RegistrationApproved
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import AccountId, AdjustmentId, PartnerId, Position, RegistrationId
from domain.ledger import Ledger
from domain.money import Money
from domain.programme.terms import Terms
from domain.recorded import Recorded
from tests.domain.scenario import Scenario
from tests.domain.tales import LAWS, TALES, TERMS, Move, told

NOTHING = Account(id=AccountId("acc_acme"))


def folded(story: Scenario, history: Iterable[Recorded[AccountEvent]]) -> Ledger:
    """A ledger of the story's programme and partners, and of these events on its account."""
    ledger = Ledger()
    ledger.programme = story.programme
    ledger.partners.update(story.partners)
    for recorded in history:
        ledger.apply(recorded)
    return ledger


@LAWS
@given(TALES, TERMS)
def test_the_ledger_is_what_the_commands_led_to(tale: list[Move], terms: Terms) -> None:
    """The same account, no queue that contradicts itself, and the outcomes that the credits view keeps."""
    stories = list(told(tale, terms))
    assume(stories)
    story = stories[-1]
    ledger = folded(story, story.history)
    assert ledger.accounts[story.account.id] == story.account
    assert ledger.decided_to == story.history[-1].position
    changes = outcome_changes(NOTHING, story.history, story.programme)
    for partner in story.partners:
        inputs = ledger.inputs_of(partner, ledger.decided_to)
        known = {change.outcome for change in changes.values() if partner in change.credited}
        assert set(inputs.outcomes) == known
        assert (inputs.partner, inputs.programme, inputs.closed) == (story.partners[partner], story.programme, ())


@LAWS
@given(TALES, TERMS)
def test_outcomes_do_not_depend_on_how_the_log_is_cut(tale: list[Move], terms: Terms) -> None:
    """Event by event gives the last word that reading it in one go gives."""
    for story in told(tale[:8], terms):
        whole = outcome_changes(NOTHING, story.history, story.programme)
        pieces: dict[RegistrationId, OutcomeChange] = {}
        for place, recorded in enumerate(story.history):
            before = folded(story, story.history[:place]).accounts.get(story.account.id)
            pieces |= outcome_changes(before or NOTHING, [recorded], story.programme)
        assert {name: (one.position, one.outcome) for name, one in pieces.items()} == {
            name: (one.position, one.outcome) for name, one in whole.items()
        }


def test_a_deal_that_was_taken_away_leads_to_nothing_and_stays_with_whom_it_credited() -> None:
    """What once credited a partner still matters to statements that were closed meanwhile."""
    story = Scenario()
    story.register("A")
    story.register("B", "core")
    story.won("A")
    story.relink("A", "B")
    ledger = folded(story, story.history)
    (gone,) = ledger.inputs_of(PartnerId("A"), ledger.decided_to).outcomes
    assert (gone.registration, gone.credits) == ("A", ())
    (credited,) = ledger.inputs_of(PartnerId("B"), ledger.decided_to).outcomes
    assert credited.partners == ("B",)
    story.decide("A", WithdrawRegistration(reason="it went elsewhere"))
    assert folded(story, story.history).inputs_of(PartnerId("A"), ledger.decided_to).outcomes == (gone,)


def approved(story: Scenario, name: str) -> Recorded[AccountEvent]:
    """An approval that nobody decided."""
    last = story.history[-1]
    event = RegistrationApproved(
        registration=story.registration(name).id,
        account=story.account.id,
        products=story.registration(name).products,
        protected_from=last.recorded_at,
        protected_until=last.recorded_at,
        automatic=True,
        terms_version=1,
    )
    return replace(last, position=Position(last.position + 1), event=event)


def test_a_forged_approval_makes_two_holders() -> None:
    """A queue has one."""
    story = Scenario()
    story.register("A")
    story.register("B")
    with pytest.raises(QueueContradicted) as contradicted:
        folded(story, [*story.history, approved(story, "B")])
    assert (contradicted.value.expected, contradicted.value.found) == ("one holder", "A, B")


def test_a_forged_approval_where_nobody_holds_contradicts_the_timeline() -> None:
    """Who holds is noted when it begins: a promotion does that, an approval does not."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.suspend("B")
    story.later(days=40)
    story.catch_up()
    assert story.holder() is None
    with pytest.raises(QueueContradicted) as contradicted:
        folded(story, [*story.history, approved(story, "B")])
    assert (contradicted.value.expected, contradicted.value.found) == ("B", "nobody")


def test_what_was_entered_for_a_partner_is_among_what_its_statements_follow_from() -> None:
    story = Scenario()
    story.register("A")
    ledger = folded(story, story.history)
    event = AdjustmentEntered(
        partner=PartnerId("A"),
        adjustment=AdjustmentId("adj_1"),
        kind="manual",
        amount=Money(amount_minor=500, currency="USD"),
        reason="So.",
        period=None,
        line=None,
        dispute=None,
        evidence=(),
    )
    position = Position(ledger.decided_to + 1)
    recorded = Recorded(position=position, recorded_at=story.now, actor="finance", event=event)
    ledger.apply(recorded)
    assert ledger.inputs_of(PartnerId("A"), position).entered == (recorded,)
    assert ledger.decided_to == position
