"""It makes no difference when the CRM merges deals: one deal, one credit, in any order (rules §4; style, 24)."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.account.evolve import fold
from domain.accounts_ledger import require_one_holder
from domain.commission.credit import Credit
from domain.ids import Instant
from domain.programme.terms import Terms
from tests.domain.scenario import Scenario, usd
from tests.domain.tales import LAWS

DAY = 86_400_000_000


NAMES = ("A", "B", "C")


PRODUCTS = st.sampled_from([("edge",), ("core",), ("edge", "core")])


Step = Callable[[Scenario], object]


def _said(kind: str, name: str, day: int, amount: int, number: int) -> Step:
    """What the CRM says of the deal of a registration, of a day after the first registrations."""

    def step(story: Scenario) -> None:
        fact = story.fact(
            kind,  # type: ignore[arg-type]  # drawn from its literals
            value=usd(amount) if kind in ("value_stated", "refunded") else None,
            refund_id=f"R{amount}" if kind == "refunded" else None,
            on=f"2026-03-{1 + day:02}",
        )
        occurred_at = Instant(story.instant("2026-03-01T12:00") + day * DAY)
        story.report(name, replace(fact, occurred_at=occurred_at, delivery=f"msg_{number}"))

    return step


def _merged(names: tuple[str, ...]) -> Step:
    return lambda story: story.merge_deals(*names)


def _later(story: Scenario) -> None:
    story.later(days=20)
    story.catch_up()


FACTS = st.lists(
    st.tuples(
        st.sampled_from(["won", "won", "lost", "reopened", "refunded", "value_stated"]),
        st.sampled_from(NAMES),
        st.integers(min_value=1, max_value=12),
        st.integers(min_value=100, max_value=102),
    ),
    min_size=1,
    max_size=6,
)


MERGES: st.SearchStrategy[list[tuple[str, ...]]] = st.sampled_from(
    [[("A", "B"), ("B", "C")], [("C", "B"), ("A", "C")], [("A", "B", "C")]]
)


def told(steps: list[Step], products: list[tuple[str, ...]], terms: Terms, waits: int) -> list[Credit]:
    """Whom the deals credit after these steps, `waits` days after the last registration."""
    story = Scenario(now="2026-03-01T12:00", terms=terms)
    for name, claimed in zip(NAMES, products, strict=True):
        story.register(name, *claimed)
    story.later(days=14)
    for step in steps:
        step(story)
        require_one_holder(story.account)
    story.later(days=waits)
    story.catch_up()
    assert fold(story.history) == story.account
    outcomes = (story.outcome(name) for name in NAMES)
    credits_ = [credit for outcome in outcomes if outcome is not None for credit in outcome.credits]
    assert len(credits_) <= 1
    return [replace(credit, evidence=()) for credit in credits_]


def _unheld(credit: Credit) -> Credit:
    return replace(credit, held_because=())


@st.composite
def tales(draw: st.DrawFn) -> tuple[list[Step], list[Step], list[Step]]:
    """What the CRM says and what it merges: first the merges; all of it shuffled; the merges 20 days later."""
    said = [_said(*fact, number=number) for number, fact in enumerate(draw(FACTS))]
    joined = [_merged(names) for names in draw(MERGES)]
    return [*joined, *said, _later], [*draw(st.permutations([*said, *joined])), _later], [*said, _later, *joined]


@settings(LAWS, max_examples=300)
@given(
    tales(),
    st.lists(PRODUCTS, min_size=3, max_size=3),
    st.sampled_from([Terms(), Terms(approval="manual"), Terms(hold_contested="open")]),
    st.sampled_from([0, 30]),
)
def test_it_makes_no_difference_when_deals_are_merged_or_in_which_order(
    tale: tuple[list[Step], list[Step], list[Step]], products: list[tuple[str, ...]], terms: Terms, waits: int
) -> None:
    """Facts of three registrations' deals and the merges of these, in any order of arrival, give the same credits.

    When it is merged after a protection has ended, a loss that is none any more may have promoted somebody: then the
    credit is the same, and a person looks at it (decision 0003).
    """
    merged_first, mixed, merged_late = (told(steps, products, terms, waits) for steps in tale)
    assert merged_first == mixed
    assert [_unheld(credit) for credit in merged_first] == [_unheld(credit) for credit in merged_late]
