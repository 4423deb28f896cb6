"""What holds on every account, whatever happens on it and in whatever order (style, 24)."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.account.evolve import fold
from domain.account.priority import opportunities, ranked, standing
from domain.account.state import Account, Ended, Waiting, is_live
from domain.accounts_ledger import require_one_holder
from domain.commission.credit import DealOutcome, outcome_of
from domain.conflict_case.events import CaseBecameMoot, CaseDecided, CaseEscalated, CaseIdentified
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    ExtendProtection,
    RegistrationCommand,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.deal_registration.deal_facts import ReportFact, parked
from domain.deal_registration.events import ClaimEnded, ProtectionExpired, RegistrationPromoted
from domain.ids import Instant, Product, RegistrationId
from domain.programme.terms import Terms
from domain.refusal import Refusal
from tests.domain.scenario import Scenario, usd

LAWS = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)

FELL_DUE = {ProtectionExpired, RegistrationPromoted, ClaimEnded, CaseBecameMoot, CaseIdentified, CaseEscalated}
COMMANDS: list[RegistrationCommand] = [
    ApproveRegistration(),
    RejectRegistration(reason="no"),
    ReturnRegistration(reason="unclear", fields=("value",)),
    ResubmitRegistration(value=usd(2_000), engagement=None, expected_close_on=None, changed=("value",)),
    WithdrawRegistration(reason="no more"),
    ExtendProtection(evidence="a meeting"),
]
Move = Callable[[Scenario], object]

PARTNERS = st.sampled_from("ABCD")
PRODUCTS = st.sampled_from([("edge",), ("core",), ("edge", "core")])
NUMBERS = st.integers(min_value=0, max_value=9)
DAYS_AGO = st.integers(min_value=0, max_value=60)


def _of_some_registration(number: int, act: Callable[[Scenario, str], object]) -> Move:
    """Does something with one of the registrations, if there is any."""

    def move(story: Scenario) -> None:
        names = list(story.account.registrations)
        if names:
            act(story, names[number % len(names)])

    return move


def _of_some_case(number: int, act: Callable[[Scenario, str], object]) -> Move:
    def move(story: Scenario) -> None:
        names = list(story.account.cases)
        if names:
            act(story, names[number % len(names)])

    return move


@st.composite
def moves(draw: st.DrawFn) -> Move:
    """One thing that somebody does."""
    kind = draw(
        st.sampled_from(
            ["register"] * 4
            + ["time"] * 3
            + ["fact"] * 5
            + ["decide"] * 3
            + ["case"] * 2
            + ["merge"]
            + ["suspend", "reinstate", "terminate", "acquire", "terms"]
        )
    )
    partner, number = draw(PARTNERS), draw(NUMBERS)
    if kind == "register":
        products = draw(PRODUCTS)
        return lambda story: story.register(partner, *products)
    if kind == "time":
        days, seconds = draw(st.sampled_from([(0, 0), (0, 1), (1, 0), (10, 0), (30, 0), (45, 0)]))
        return lambda story: _time_passes(story, days, seconds)
    if kind == "fact":
        fact, ago = draw(st.sampled_from(["won", "won", "lost", "reopened", "refunded"])), draw(DAYS_AGO)
        return _of_some_registration(number, lambda story, name: _report(story, name, fact, ago))
    if kind == "decide":
        command = draw(st.sampled_from(COMMANDS))
        return _of_some_registration(number, lambda story, name: story.decide(name, command))
    if kind == "case":
        outcome = draw(st.sampled_from(["uphold", "reassign", "split", "distinct", "void", "investigate"]))
        return _of_some_case(number, lambda story, name: _work(story, name, outcome))
    if kind == "merge":
        other = draw(NUMBERS)
        return _of_some_registration(number, lambda story, name: _merge(story, name, other))
    if kind == "terms":
        approval = draw(st.sampled_from(["automatic", "manual"]))
        return lambda story: story.publish(approval=approval)
    if kind == "acquire":
        by = draw(st.sampled_from("ABCDE"))
        return lambda story: story.acquire(partner, by)
    if kind == "suspend":
        return lambda story: story.suspend(partner)
    if kind == "reinstate":
        return lambda story: story.reinstate(partner)
    cause = draw(st.sampled_from(["other", "fraud"]))
    return lambda story: story.terminate(partner, cause=cause)  # type: ignore[arg-type]  # drawn from its literals


def _time_passes(story: Scenario, days: int, seconds: int) -> None:
    story.later(days=days, seconds=seconds)
    story.catch_up()


def _report(story: Scenario, name: str, kind: str, days_ago: int) -> None:
    occurred_at = Instant(story.now - days_ago * 86_400_000_000)
    refund = {"value": usd(10), "refund_id": f"R{days_ago % 3}"} if kind == "refunded" else {}
    fact = story.fact(kind, **refund)  # type: ignore[arg-type]  # drawn from its literals
    fact = replace(fact, occurred_at=occurred_at)
    if parked(story.programme, fact, story.now) is None:
        story.report(name, fact)


def _merge(story: Scenario, name: str, number: int) -> None:
    names = list(story.account.registrations)
    story.merge_deals(name, names[number % len(names)])


def _work(story: Scenario, name: str, outcome: str) -> None:
    case = next(case for case in story.account.cases.values() if case.id == name)
    if outcome == "investigate":
        story.investigate(case)
    else:
        story.settle(case, outcome, EVERYBODY if outcome == "split" else None)  # type: ignore[arg-type]


EVERYBODY = {"A": 4_000, "B": 3_000, "C": 2_000, "D": 1_000}
"""Shares that name whoever a case may be between."""

HURRIED = Terms(case_investigation_hours=48, case_mediation_hours=48, case_decision_hours=120, case_prevention_hours=1)
TERMS = st.sampled_from([Terms(), HURRIED, Terms(approval="manual"), Terms(protection_days=5, hold_contested="open")])
TALES = st.lists(moves(), min_size=6, max_size=25)


def told(tale: list[Move], terms: Terms | None = None) -> Iterator[Scenario]:
    """The account after each of the moves that no rule refuses; three partners are there before."""
    story = Scenario(terms=terms)
    story.register("A", "edge", "core")
    story.register("B")
    story.register("C", "core", "edge")
    for move in tale:
        try:
            move(story)
        except Refusal:
            continue
        yield story


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


FACTS = st.lists(
    st.tuples(
        st.sampled_from(["won", "won", "lost", "reopened", "refunded", "value_stated"]),
        st.integers(min_value=-3, max_value=12),
        st.integers(min_value=1, max_value=4),
    ),
    min_size=1,
    max_size=6,
)
"""What a CRM says: the kind, how many days after the first registration, and a number that makes amounts and ids."""

SETTINGS = st.builds(
    Terms,
    approval=st.sampled_from(["automatic", "manual"]),
    hold_contested=st.sampled_from(["investigated", "open"]),
    credit_after_expiry=st.sampled_from(["unclaimed", "review", "never"]),
    protection_days=st.sampled_from([5, 30]),
    late_registration_hours=st.sampled_from([0, 48]),
)


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[tuple[str, int, int]], list[int]]:
    """Facts, and an order of arrival in which some of them arrive twice."""
    facts = draw(FACTS)
    again = draw(st.lists(st.integers(min_value=0, max_value=len(facts) - 1), max_size=3))
    return facts, draw(st.permutations([*range(len(facts)), *again]))


@settings(LAWS, max_examples=300)
@given(arrivals(), SETTINGS, st.sampled_from(["A", "B", "C"]), st.booleans(), st.sampled_from([0, 1]))
def test_the_facts_of_one_deal_give_the_same_outcome_in_any_order(
    arriving: tuple[list[tuple[str, int, int]], list[int]],
    terms: Terms,
    about: str,
    investigated: bool,
    seconds_between: int,
) -> None:
    """Whatever the order of arrival and however often each arrives (§5), with rivals waiting, or after protection."""
    facts, order = arriving
    outcomes = []
    for arrival in (range(len(facts)), order):
        story = Scenario(now="2026-03-01T12:00", terms=terms)
        for partner in "ABC":
            story.register(partner, "edge", "core") if partner == "C" else story.register(partner)
        if investigated:
            story.investigate(story.case("B"))
        story.later(days=12)
        said = [_said(story, index, *fact) for index, fact in enumerate(facts)]
        for index in arrival:
            story.report(about, said[index])
            story.later(seconds=seconds_between)
        outcomes.append(_without_evidence(story.outcome(about)))
    assert outcomes[0] == outcomes[1]


def _said(story: Scenario, index: int, kind: str, day: int, number: int) -> ReportFact:
    occurred_at = Instant(story.instant("2026-03-01T12:00") + day * 86_400_000_000)
    amount = usd(number * 100) if kind in ("refunded", "value_stated") else None
    fact = story.fact(
        kind,  # type: ignore[arg-type]  # drawn from its literals
        value=amount,
        refund_id=f"R{number % 2}",
        on=f"2026-02-{26 + number % 3}" if number == 4 else f"2026-03-{10 + number}",
    )
    return replace(fact, occurred_at=occurred_at, delivery=f"msg_{index}")


def _without_evidence(outcome: DealOutcome | None) -> DealOutcome | None:
    if outcome is None:
        return None
    credits_ = tuple(replace(credit, evidence=()) for credit in outcome.credits)
    return replace(outcome, credits=credits_, evidence=())


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
        tale += [move, _decided(draw(NUMBERS), draw(outcomes))]
    return tale


def _decided(number: int, outcome: str) -> Move:
    return _of_some_case(number, lambda story, name: _work(story, name, outcome))


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
