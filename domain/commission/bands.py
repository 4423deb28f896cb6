"""Commission tiers: bands of credited revenue, each with its rate, and the exact working (rules §6).

Bands are lower-inclusive (exactly 100,000 is in the second of the seed terms) and read as figures in the statement's
currency. Nothing is rounded here: a working is exact, and who adds it up rounds once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.money import figure_in, round_half_up
from domain.programme.terms import Band, Method

_BASIS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BandWorking:
    """What one band makes of its part of the revenue. `tier` counts from 1; `commission` is exact, in minor units."""

    tier: int
    rate_basis_points: int
    base_minor: int
    commission: Fraction


def bands_in(bands: Sequence[Band], written_in: str, read_in: str) -> tuple[Band, ...]:
    """The bands as figures in another currency: the one from 100,000.00 USD is from 100,000 JPY for a partner in Japan.

    A figure finer than that currency's minor unit is rounded half up.
    """
    if written_in == read_in:
        return tuple(bands)
    return tuple(
        Band(
            from_minor=round_half_up(figure_in(band.from_minor, written_in, read_in)),
            rate_basis_points=band.rate_basis_points,
        )
        for band in bands
    )


def working(method: Method, bands: Sequence[Band], before_minor: int, credited_minor: int) -> tuple[BandWorking, ...]:
    """How revenue of `credited_minor`, on top of `before_minor` in the same window, earns its commission."""
    assert bands[0].from_minor == 0, "the first band begins at nothing"
    if method == "marginal":
        return _marginal(bands, before_minor, before_minor + credited_minor)
    return _retroactive(bands, before_minor, before_minor + credited_minor)


def _marginal(bands: Sequence[Band], before: int, after: int) -> tuple[BandWorking, ...]:
    """Each slice of the revenue at the rate of its own band."""
    slices = []
    for tier, band in enumerate(bands, start=1):
        ends = bands[tier].from_minor if tier < len(bands) else after
        base = min(after, ends) - max(before, band.from_minor)
        if base > 0:
            slices.append(_at(tier, band, base))
    return tuple(slices)


def _retroactive(bands: Sequence[Band], before: int, after: int) -> tuple[BandWorking, ...]:
    """The reached rate on everything in the window after it, less the rate reached before on everything before."""
    return (_reached(bands, after, sign=1), _reached(bands, before, sign=-1))


def _reached(bands: Sequence[Band], revenue: int, sign: int) -> BandWorking:
    tier = max(tier for tier, band in enumerate(bands, start=1) if band.from_minor <= revenue)
    return _at(tier, bands[tier - 1], sign * revenue)


def _at(tier: int, band: Band, base: int) -> BandWorking:
    return BandWorking(
        tier=tier,
        rate_basis_points=band.rate_basis_points,
        base_minor=base,
        commission=Fraction(base * band.rate_basis_points, _BASIS),
    )
