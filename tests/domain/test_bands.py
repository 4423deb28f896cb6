"""Commission tiers and their working (rules §6)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.commission.bands import bands_in, working
from domain.programme.terms import SEED_TIERS, Band, Method

methods = st.sampled_from(["marginal", "retroactive"])
revenues = st.lists(st.integers(min_value=0, max_value=100_000_000), max_size=8)
band_lists = st.lists(
    st.tuples(st.integers(min_value=1, max_value=90_000_000), st.integers(min_value=0, max_value=5_000)), max_size=4
).map(
    lambda steps: (
        Band(from_minor=0, rate_basis_points=1_500),
        *(Band(from_minor=start, rate_basis_points=rate) for start, rate in sorted(dict(steps).items())),
    )
)


def test_each_slice_of_revenue_earns_the_rate_of_its_own_band() -> None:
    """150,000 is 100,000 at 15 % and 50,000 at 20 %."""
    slices = working("marginal", SEED_TIERS, 0, 15_000_000)
    assert [(part.tier, part.rate_basis_points, part.base_minor, part.commission) for part in slices] == [
        (1, 1_500, 10_000_000, Fraction(1_500_000)),
        (2, 2_000, 5_000_000, Fraction(1_000_000)),
    ]


def test_revenue_goes_on_where_the_window_stands() -> None:
    slices = working("marginal", SEED_TIERS, 48_000_000, 14_000_000)
    assert [(part.tier, part.base_minor) for part in slices] == [(2, 2_000_000), (3, 12_000_000)]


def test_the_reached_rate_counts_for_everything_in_the_window_less_what_was_reached_before() -> None:
    """Retroactive: 480,000 then 140,000 is 620,000 at 25 % less 480,000 at 20 %."""
    after, before = working("retroactive", SEED_TIERS, 48_000_000, 14_000_000)
    assert (after.tier, after.base_minor, after.commission) == (3, 62_000_000, Fraction(15_500_000))
    assert (before.tier, before.base_minor, before.commission) == (2, -48_000_000, Fraction(-9_600_000))


@pytest.mark.parametrize(("revenue", "tier"), [(9_999_999, 1), (10_000_000, 2), (10_000_001, 2)])
def test_a_band_includes_its_lower_end(revenue: int, tier: int) -> None:
    assert working("retroactive", SEED_TIERS, 0, revenue)[0].tier == tier
    assert working("marginal", SEED_TIERS, revenue, 1)[0].tier == tier


def test_a_working_is_exact_and_never_rounded() -> None:
    assert working("marginal", SEED_TIERS, 0, 9_999_999)[0].commission == Fraction(149_999_985, 100)


def test_nothing_credited_has_no_slices() -> None:
    assert working("marginal", SEED_TIERS, 12_345, 0) == ()


def test_bands_that_do_not_begin_at_nothing_are_a_mistake() -> None:
    with pytest.raises(AssertionError):
        working("marginal", SEED_TIERS[1:], 0, 1)


@pytest.mark.parametrize(("currency", "second"), [("EUR", 10_000_000), ("JPY", 100_000), ("KWD", 100_000_000)])
def test_bands_are_read_as_figures_in_the_statements_currency(currency: str, second: int) -> None:
    assert [band.from_minor for band in bands_in(SEED_TIERS, "USD", currency)] == [0, second, 5 * second]


def test_a_figure_finer_than_the_statements_currency_is_rounded_half_up() -> None:
    bands = (Band(from_minor=0, rate_basis_points=1), Band(from_minor=150, rate_basis_points=2))
    assert [band.from_minor for band in bands_in(bands, "USD", "JPY")] == [0, 2]


@given(method=methods, bands=band_lists, revenues=revenues)
def test_lines_of_a_window_sum_to_the_commission_of_its_whole_revenue(
    method: Method, bands: tuple[Band, ...], revenues: list[int]
) -> None:
    """However the revenue comes in parts, the exact commissions add up to that of one deal of the same total."""
    total, before = Fraction(0), 0
    for revenue in revenues:
        total += sum(part.commission for part in working(method, bands, before, revenue))
        before += revenue
    assert total == sum(part.commission for part in working(method, bands, 0, before))


@given(bands=band_lists, before=st.integers(0, 100_000_000), credited=st.integers(0, 100_000_000))
def test_the_slices_of_a_line_cover_its_revenue_exactly(bands: tuple[Band, ...], before: int, credited: int) -> None:
    assert sum(part.base_minor for part in working("marginal", bands, before, credited)) == credited
    assert sum(part.base_minor for part in working("retroactive", bands, before, credited)) == credited
