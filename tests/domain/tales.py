"""Tales of one account that nobody thought of: what may happen on it, in whatever order."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from domain.conflict_case.events import CaseBecameMoot, CaseEscalated, CaseIdentified
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    ExtendProtection,
    RegistrationCommand,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.deal_registration.deal_facts import parked
from domain.deal_registration.events import ClaimEnded, ProtectionExpired, RegistrationPromoted
from domain.ids import Instant
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
    return _of_some(lambda story: story.account.registrations, number, act)


def _of_some_case(number: int, act: Callable[[Scenario, str], object]) -> Move:
    return _of_some(lambda story: story.account.cases, number, act)


def _of_some(those: Callable[[Scenario], Iterable[str]], number: int, act: Callable[[Scenario, str], object]) -> Move:
    def move(story: Scenario) -> None:
        names = list(those(story))
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


def decided(number: int, outcome: str) -> Move:
    """One of the cases, if there is any, is worked up to this decision."""
    return _of_some_case(number, lambda story, name: _work(story, name, outcome))
