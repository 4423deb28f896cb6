"""What a CRM says of one deal comes to the same, in whatever order and how often it arrives (rules §5; style, 24)."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.commission.credit import DealOutcome
from domain.deal_registration.deal_facts import ReportFact
from domain.ids import Instant
from domain.programme.terms import Terms
from tests.domain.scenario import Scenario, usd
from tests.domain.tales import LAWS

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
