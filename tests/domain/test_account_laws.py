"""What holds on every account, whatever happens on it and in whatever order (style, 24)."""

import contextlib
import itertools
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.account.evolve import fold
from domain.account.priority import opportunities, ranked, standing
from domain.account.state import Account, Ended, Waiting, is_live
from domain.accounts_ledger import require_one_holder
from domain.commission.credit import outcome_of
from domain.conflict_case.events import CaseDecided
from domain.ids import Product, RegistrationId
from domain.programme.terms import Terms
from domain.refusal import Refusal
from tests.domain.scenario import Scenario
from tests.domain.tales import FELL_DUE, HURRIED, LAWS, NUMBERS, TALES, TERMS, Move, decided, moves, told


@LAWS
@given(TALES, TERMS)
def test_replay_equals_live(tale: list[Move], terms: Terms) -> None:
    """Folding the events gives the very state that the commands led to."""
    for story in told(tale, terms):
        assert fold(story.history) == (story.account if story.history else None)


@LAWS
@given(TALES, TERMS)
def test_a_refused_command_adds_nothing_of_its_own(tale: list[Move], terms: Terms) -> None:
    """Guards first, the fact last: when it is refused it has drafted no more than what fell due (style, 8)."""
    story = Scenario(terms=terms)
    story.register("A")
    for move in tale:
        with contextlib.suppress(Refusal):
            move(story)
        assert {type(event) for event in story.dropped} <= FELL_DUE


@LAWS
@given(TALES, TERMS)
def test_a_product_has_at_most_one_holder_and_ranks_have_no_gap(tale: list[Move], terms: Terms) -> None:
    """The holder is rank 1, the others follow in the order of the queue; whatever else is live waits."""
    for story in told(tale, terms):
        account = story.account
        for product in account.order:
            for opportunity in opportunities(account, product):
                queue = list(account.queue(product, opportunity))
                holders = [r.id for r, claim in queue if not isinstance(claim.stage, Waiting)]
                assert len(holders) <= 1
                ranks = [
                    place.rank
                    for registration in ranked(account, product, opportunity)
                    for place in standing(account, registration.id)
                    if place.product == product
                ]
                assert ranks == list(range(1, len(queue) + 1))


@LAWS
@given(TALES, TERMS)
def test_a_queue_is_about_one_sale_that_somebody_has_held(tale: list[Move], terms: Terms) -> None:
    """Live claims are about the same opportunity unless a decision told them apart; all claimed was held (§3.9, §4)."""
    for story in told(tale, terms):
        account = story.account
        for product, order in account.order.items():
            together = {o for o in opportunities(account, product) if (product, o) not in account.apart}
            assert len(together) <= 1
            held = {holding.opportunity for holding in account.holdings[product]}
            assert held >= {account.registrations[name].claim_on(product).opportunity for name in order}


@LAWS
@given(TALES)
def test_nobody_active_waits_behind_nobody(tale: list[Move]) -> None:
    """A product without a holder has no waiting claim of an active partner (§3.6)."""
    for story in told(tale):
        account = story.account
        for product in account.order:
            for opportunity in opportunities(account, product):
                if account.holder(product, opportunity) is None:
                    waiting = [story.partners[r.partner] for r, _ in account.queue(product, opportunity)]
                    assert all(partner.active_from(story.now) is None for partner in waiting)


@LAWS
@given(TALES, TERMS)
def test_every_clash_has_exactly_one_case(tale: list[Move], terms: Terms) -> None:
    """Whoever waits behind another partner has one case about it, undecided or decided; nothing else is undecided."""
    for story in told(tale, terms):
        account = story.account
        undecided = [(c.challenger, c.product) for c in account.cases.values() if c.product and c.is_undecided]
        assert len(undecided) == len(set(undecided))
        for registration in account.registrations.values():
            for claim in registration.claims:
                stage, key = claim.stage, (registration.id, claim.product)
                if not isinstance(stage, Waiting):
                    assert key not in undecided
                elif stage.case is not None:
                    assert account.cases[stage.case].status != "moot"
                elif is_live(claim):
                    holder = account.holder(claim.product, claim.opportunity)
                    assert holder is None or holder[0].partner == registration.partner


@LAWS
@given(TALES, TERMS)
def test_the_timeline_of_holders_has_no_overlap_and_ends_with_the_holder(tale: list[Move], terms: Terms) -> None:
    """Each interval begins when the one before it has ended or later; only the last is open: the holder's."""
    for story in told(tale, terms):
        for product, all_holdings in story.account.holdings.items():
            for opportunity in {holding.opportunity for holding in all_holdings}:
                holdings = [holding for holding in all_holdings if holding.opportunity == opportunity]
                for one, following in itertools.pairwise(holdings):
                    assert one.until is not None and one.since <= one.until <= following.since
                holder = story.account.holder(product, opportunity)
                noted = holdings[-1].registration if holdings[-1].until is None else None
                assert noted == (None if holder is None else holder[0].id)


@settings(LAWS, max_examples=50)
@given(TALES, st.sampled_from([Terms(), HURRIED]), st.integers(min_value=1, max_value=60))
def test_time_passing_in_one_step_equals_many_steps(tale: list[Move], terms: Terms, days: int) -> None:
    """Nothing depends on when somebody looks (§2)."""
    for story in told(tale, terms):
        start, history, position = story.now, list(story.history), story.position
        before = story.account
        story.later(days=days)
        story.catch_up()
        at_once = _seen(story.account, before)
        story.account, story.now, story.history, story.position = before, start, history, position
        for _ in range(days):
            story.later(days=1)
            story.catch_up()
        assert _seen(story.account, before) == at_once
        story.account, story.now, story.history, story.position = before, start, history, position


def _seen(account: Account, before: Account) -> object:
    """What people can see of an account, but for when it was written and the names of cases.

    The hours of a case count from when it is identified, so that of one that was not known before nothing is late.
    """
    claims = {
        (registration.id, claim.product): (
            replace(claim.stage, position=0, before=None)  # type: ignore[arg-type]  # taken out of the comparison
            if isinstance(claim.stage, Ended)
            else Waiting(case=None)
            if isinstance(claim.stage, Waiting)
            else claim.stage
        )
        for registration in account.registrations.values()
        for claim in registration.claims
    }
    cases = sorted(
        (c.challenger, str(c.product), c.status, [(step.event.awaited, step.event.due_at) for step in c.escalations])
        if c.id in before.cases
        else (c.challenger, str(c.product), c.status, [])
        for c in account.cases.values()
    )
    return claims, account.holdings, cases


@LAWS
@given(TALES, TERMS)
def test_nobodys_place_moves_but_by_a_decision_that_says_so(tale: list[Move], terms: Terms) -> None:
    """A queue only grows at its end, unless a case about it was decided as `reassign` or `split` (§3.1, §4)."""
    before: Mapping[Product, tuple[RegistrationId, ...]] = {}
    for story in told(tale, terms):
        moved = {
            story.account.cases[event.case].product
            for event in story.happened
            if isinstance(event, CaseDecided) and event.outcome in ("reassign", "split")
        }
        for product, order in story.account.order.items():
            known = before.get(product, ())
            assert sorted(order[: len(known)]) == sorted(known)
            assert product in moved or order[: len(known)] == known
        before = story.account.order


@st.composite
def disputes(draw: st.DrawFn) -> list[Move]:
    """A tale with a decision after each thing that happens."""
    outcomes = st.sampled_from(["reassign", "split", "split", "distinct", "distinct", "void"])
    tale: list[Move] = []
    for move in draw(st.lists(moves(), min_size=4, max_size=12)):
        tale += [move, decided(draw(NUMBERS), draw(outcomes))]
    return tale


@settings(LAWS, max_examples=60)
@given(disputes(), TERMS)
def test_whatever_is_decided_each_opportunity_has_one_holder_and_each_deal_whole_shares(
    tale: list[Move], terms: Terms
) -> None:
    """The fold of the queues agrees with itself, live and replayed, and no credit is lost or given twice (§4, §5)."""
    for story in told(tale, terms):
        account = story.account
        require_one_holder(account)
        for registration in account.registrations.values():
            outcome = outcome_of(account, registration, story.programme)
            for credit in () if outcome is None else outcome.credits:
                assert sum(share.basis_points for share in credit.shares) == 10_000
                assert credit.lead in {share.partner for share in credit.shares}
            for claim in registration.claims:
                if isinstance(claim.stage, Waiting) and claim.stage.beside is not None and is_live(claim):
                    holder = account.holder(claim.product, claim.opportunity)
                    assert holder is not None and holder[0].id == claim.stage.beside
        for product in account.order:
            together = {o for o in opportunities(account, product) if (product, o) not in account.apart}
            assert len(together) <= 1
        assert fold(story.history) == account
