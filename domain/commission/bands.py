"""Commission tiers: bands of credited revenue, each with its rate, and the exact working (rules §6).

Bands are lower-inclusive (exactly 100,000 is in the second of the seed terms) and read as figures in the statement's
currency. Nothing is rounded here: a working is exact, and who adds it up rounds once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.changed import quickly_made
from domain.money import figure_in, round_half_up
from domain.programme.terms import Band, Method

_BASIS = 10_000


@quickly_made
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


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """Revenue in a window before a line and after it: what climbs the bands, and what the reached rate is paid on.

    They differ where a whole deal climbs and only the partner's part of it is paid for.
    """

    before_minor: int
    after_minor: int
    paid_before_minor: int
    paid_after_minor: int


def working(method: Method, bands: Sequence[Band], before_minor: int, credited_minor: int) -> tuple[BandWorking, ...]:
    """How revenue of `credited_minor`, on top of `before_minor` in the same window, earns its commission."""
    after_minor = before_minor + credited_minor
    climb = Climb(
        before_minor=before_minor,
        after_minor=after_minor,
        paid_before_minor=before_minor,
        paid_after_minor=after_minor,
    )
    return working_of(method, bands, climb)


def working_of(method: Method, bands: Sequence[Band], climb: Climb) -> tuple[BandWorking, ...]:
    """How a climb earns its commission: under `marginal` all that climbs does, under `retroactive` what is paid for."""
    assert bands[0].from_minor == 0, "the first band begins at nothing"
    if method == "marginal":
        return _marginal(bands, climb.before_minor, climb.after_minor)
    return _retroactive(bands, climb)


def _marginal(bands: Sequence[Band], before: int, after: int) -> tuple[BandWorking, ...]:
    """Each slice of the revenue at the rate of its own band."""
    slices = []
    for tier, band in enumerate(bands, start=1):
        ends = bands[tier].from_minor if tier < len(bands) else after
        base = min(after, ends) - max(before, band.from_minor)
        if base > 0:
            slices.append(_at(tier, band, base))
    return tuple(slices)


def _retroactive(bands: Sequence[Band], climb: Climb) -> tuple[BandWorking, ...]:
    """The reached rate on everything in the window after it, less the rate reached before on everything before."""
    return (
        _reached(bands, climb.after_minor, climb.paid_after_minor),
        _reached(bands, climb.before_minor, -climb.paid_before_minor),
    )


def _reached(bands: Sequence[Band], revenue: int, base: int) -> BandWorking:
    tier = max(tier for tier, band in enumerate(bands, start=1) if band.from_minor <= revenue)
    return _at(tier, bands[tier - 1], base)


def _at(tier: int, band: Band, base: int) -> BandWorking:
    return BandWorking(
        tier=tier,
        rate_basis_points=band.rate_basis_points,
        base_minor=base,
        commission=Fraction(base * band.rate_basis_points, _BASIS),
    )
