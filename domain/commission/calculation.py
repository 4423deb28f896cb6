"""From credits to lines: currency, split, bands, one rounding (rules §6). Pure, and versioned.

A changed calculation is a new version beside the old one: a closed period is always recomputed by the version that it
was closed with, so that a better calculation never becomes an adjustment by itself (rules §7).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from domain.commission.bands import bands_in, working
from domain.commission.credit import Credit
from domain.commission.lines import Line, RateUsed, Slice
from domain.commission.windows import Window, window_on
from domain.ids import Position
from domain.money import allocate, convert, exact_decimal_of, rate_of, round_half_up
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.programme.terms import ExchangeRate, TermsVersion

HELD_BECAUSE = (
    "CONFLICT_OPEN",
    "HOLDER_CHANGED",
    "RATE_MISSING",
    "WON_BEFORE_REGISTERED",
    "LATE_REGISTRATION",
    "AFTER_EXPIRY",
    "NOT_APPROVED",
    "PARTNER_SUSPENDED",
)
"""Why a line may be held, in the order in which a line says so (rules §5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedLine:
    """A line, the window that it accumulates in, and the positions of the rate and the terms that it follows from."""

    line: Line
    window: Window
    rules: tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Converted:
    """What a credit comes to in the partner's currency; `credited_minor` is None when no rate can convert it."""

    credited_minor: int | None
    rate: ExchangeRate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    """How a line earns its commission."""

    slices: tuple[Slice, ...]
    commission_minor: int


def lines_of(
    programme: Programme, partner: Partner, credited: Iterable[Credit], calculation: int
) -> tuple[ComputedLine, ...]:
    """The lines of all of a partner's credits, in credit order: `won_on`, the place of the registration, the line."""
    in_order = sorted(credited, key=lambda credit: (credit.won_on, credit.place, credit.line))
    return CALCULATIONS[calculation](programme, partner, in_order)


def _first(programme: Programme, partner: Partner, credited: Iterable[Credit]) -> tuple[ComputedLine, ...]:
    computed: list[ComputedLine] = []
    cumulative: dict[Window, int] = {}
    for credit in credited:
        window = window_on(programme, credit.won_on)
        terms = programme.terms_on(credit.won_on)
        converted = _convert(programme, partner, credit)
        before = cumulative.get(window, 0)
        worked = _Working(slices=(), commission_minor=0)
        if converted.credited_minor is not None:
            worked = _work(programme, partner.currency, before, converted.credited_minor, terms)
        line = Line(
            id=credit.line,
            registration=credit.registration,
            deal=credit.deal,
            account=credit.account_name,
            products=credit.products,
            won_on=credit.won_on,
            value=credit.value,
            exchange_rate=_rate_used(converted.rate),
            share_basis_points=credit.shares[_place(credit)].basis_points,
            credited_minor=converted.credited_minor or 0,
            cumulative_before_minor=before,
            slices=worked.slices,
            commission_minor=worked.commission_minor,
            held_because=_held_because(partner, credit, converted),
            terms_version=terms.version,
            evidence=credit.evidence,
        )
        cumulative[window] = before + line.credited_minor
        rules = (terms.position,) if converted.rate is None else (terms.position, converted.rate.position)
        computed.append(ComputedLine(line=line, window=window, rules=rules))
    return tuple(computed)


def _convert(programme: Programme, partner: Partner, credit: Credit) -> _Converted:
    """The deal's value in the partner's currency, rounded half up, and of that the partner's share."""
    value, rate = credit.value, None
    if value.currency != partner.currency:
        rate = programme.rate_on(credit.won_on, value.currency, partner.currency)
        if rate is None:
            return _Converted(credited_minor=None, rate=None)
        try:
            value = convert(value, rate_of(rate.rate), partner.currency)
        except OverflowError:
            return _Converted(credited_minor=None, rate=rate)
    shares = [(share.partner, share.basis_points) for share in credit.shares]
    parts = allocate(value.amount_minor, shares, credit.lead)
    return _Converted(credited_minor=parts[_place(credit)], rate=rate)


def _place(credit: Credit) -> int:
    return [share.partner for share in credit.shares].index(credit.partner)


def _rate_used(rate: ExchangeRate | None) -> RateUsed | None:
    return None if rate is None else RateUsed(base=rate.base, quote=rate.quote, rate=rate.rate, date=rate.date)


def _work(programme: Programme, currency: str, before: int, credited: int, version: TermsVersion) -> _Working:
    """The slices of a line, exact, and their sum, rounded once."""
    bands = bands_in(version.terms.tiers, programme.currency, currency)
    workings = working(version.terms.method, bands, before, credited)
    slices = tuple(
        Slice(
            tier=part.tier,
            rate_basis_points=part.rate_basis_points,
            base_minor=part.base_minor,
            commission=exact_decimal_of(part.commission, currency),
        )
        for part in workings
    )
    exact = sum((part.commission for part in workings), Fraction(0))
    return _Working(slices=slices, commission_minor=round_half_up(exact))


def _held_because(partner: Partner, credit: Credit, converted: _Converted) -> tuple[str, ...]:
    reasons: set[str] = set(credit.held_because)
    if converted.credited_minor is None:
        reasons.add("RATE_MISSING")
    if partner.lines_are_held:
        reasons.add("PARTNER_SUSPENDED")
    return tuple(sorted(reasons, key=HELD_BECAUSE.index))


CALCULATION = 1
"""The version by which open periods are computed."""

_Calculation = Callable[[Programme, Partner, Iterable[Credit]], tuple[ComputedLine, ...]]
CALCULATIONS: Mapping[int, _Calculation] = MappingProxyType({1: _first})
"""Every version by which a period was ever closed."""
