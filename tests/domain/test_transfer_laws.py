"""A transfer moves nobody and loses nothing, whatever happened before (service/decisions/0009; style, 24)."""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from domain.commission.calculation import CALCULATION, lines_of
from domain.commission.statement import StatementInputs, open_periods
from domain.commission_period.aggregate import ClosePeriod, close
from domain.commission_period.events import CommissionPeriodClosed
from domain.deal_registration.events import RegistrationPromoted
from domain.ids import PartnerId
from domain.ledger import Ledger
from domain.programme.terms import Terms
from domain.refusal import Refusal
from tests.domain.scenario import Scenario
from tests.domain.tales import LAWS, TALES, TERMS, Move, told


def bought(tale: list[Move], terms: Terms, by: str) -> Scenario:
    """An account on which anything has happened, whose partner A can be bought."""
    stories = list(told(tale, terms))
    assume(stories)
    story = stories[-1]
    story.catch_up()
    assume(story.partners[PartnerId("A")].termination is None and story.partners[PartnerId(by)].is_active)
    return story


@pytest.mark.parametrize("by", ["B", "E"])
@LAWS
@given(tale=TALES, terms=TERMS)
def test_a_transfer_changes_no_rank_and_no_end_of_protection(by: str, tale: list[Move], terms: Terms) -> None:
    """Unless it lets somebody be first who was skipped while suspended; and no order changes ever."""
    story = bought(tale, terms, by)
    before, order, cases = story.places(), story.account.order, set(story.account.cases)
    story.acquire("A", by)
    promoted = {e.product for e in story.happened if isinstance(e, RegistrationPromoted)}
    after = story.places()
    assert (story.account.order, after.keys()) == (order, before.keys())
    assert {key: at for key, at in after.items() if key[1] not in promoted} == {
        key: at for key, at in before.items() if key[1] not in promoted
    }
    assert set(story.account.cases) == cases or promoted


def closings(ledger: Ledger, story: Scenario, name: str) -> tuple[StatementInputs, list[CommissionPeriodClosed]]:
    """What a partner's statements follow from, after every period with something to state was closed."""
    inputs = ledger.inputs_of(PartnerId(name), ledger.decided_to)
    closed: list[CommissionPeriodClosed] = []
    for period, _ in open_periods(inputs):
        inputs = replace(inputs, closed=tuple(closed))
        command = ClosePeriod(inputs=inputs, period=period, now=story.now, read_to=ledger.decided_to, forced=True)
        closed += close(command)
    return inputs, closed


@LAWS
@given(tale=TALES, terms=TERMS, later=TALES)
def test_closed_and_open_are_recomputed_through_a_transfer(tale: list[Move], terms: Terms, later: list[Move]) -> None:
    """Of the bought partner and of the buyer: what was closed before stays, what changed since is an adjustment."""
    story = bought(tale, terms, "E")
    ledger = Ledger()
    for recorded in story.log:
        ledger.apply(recorded)
    closed = {name: closings(ledger, story, name)[1] for name in "AE"}
    heard = len(story.log)
    story.acquire("A", "E")
    for move in later:
        try:
            move(story)
        except Refusal:
            continue
    for recorded in story.log[heard:]:
        ledger.apply(recorded)
    for name in "AE":
        inputs = replace(ledger.inputs_of(PartnerId(name), ledger.decided_to), closed=tuple(closed[name]))
        own = [c for outcome in inputs.outcomes for c in outcome.credits if c.partner == name]
        stated = [closing.statement for closing in closed[name]]
        settled = sum(s.totals.commission_minor + s.totals.adjustments_minor - s.totals.held_minor for s in stated)
        opened = sum(s.totals.commission_minor + s.totals.adjustments_minor for _, s in open_periods(inputs))
        computed = lines_of(inputs.programme, inputs.partner, own, CALCULATION)
        assert settled + opened == sum(one.line.commission_minor for one in computed)
