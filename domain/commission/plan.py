"""What a line is computed by: which terms, whose, and which bands (rules §6).

The terms are those in force on `won_on`, or where these say so (`rates_as_of`) on the day of approval. What a partner
was promised for that day stands in their place, setting by setting. Of the band tables that are for a deal the most
specific counts: one for its products and its engagement before one for its products, before one for its engagement.
All amounts are figures in the programme's currency and read as figures in the statement's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.calendar import Period
from domain.changed import quickly_made
from domain.commission.bands import bands_in
from domain.commission.credit import Credit
from domain.commission.windows import Window, period_on, window_on
from domain.deal_registration.events import Engagement
from domain.ids import Position, Product
from domain.money import figure_in, round_half_up
from domain.partner.aggregate import Partner
from domain.partner.own_terms import merged
from domain.programme.aggregate import Programme
from domain.programme.terms import Band, BandTable, ExchangeRate, Method, RefundMethod, SplitMode, Terms, TermsVersion


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that says what a credit earns; amounts in the minor units of the statement's currency, 0: none."""

    terms_version: int
    own_terms: int | None
    """The number of the partner's own terms that took part; None: none did."""
    table: str | None
    """The name of the band table; None: the tiers for everything else."""
    bands: tuple[Band, ...]
    method: Method
    split_mode: SplitMode
    refund_method: RefundMethod
    line_cap_minor: int
    line_floor_minor: int
    period_cap_minor: int
    rules: tuple[Position, ...]
    """Where all that was published."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class TermsOfDay:
    """What is in force for a partner on a day: the programme's version, and the partner's own terms merged onto it."""

    version: TermsVersion
    own_terms: int | None
    terms: Terms
    rules: tuple[Position, ...]


class Plans:
    """The plans of one partner. Each day and each kind of deal is looked up once, however many credits there are."""

    def __init__(self, programme: Programme, partner: Partner) -> None:
        """The rule book and the partner, as they stand."""
        self._programme = programme
        self._partner = partner
        self._terms: dict[date, TermsOfDay] = {}
        self._plans: dict[tuple[int, int | None, tuple[Product, ...], Engagement], Plan] = {}
        self._periods: dict[date, Period] = {}
        self._windows: dict[date, Window] = {}
        self._rates: dict[tuple[date, str], ExchangeRate | None] = {}

    def plan_of(self, credit: Credit) -> Plan:
        """What a credit is paid by."""
        of_day = self.terms_on(credit.won_on)
        if of_day.terms.rates_as_of == "approved" and credit.approved_on is not None:
            of_day = self.terms_on(credit.approved_on)
        key = (of_day.version.version, of_day.own_terms, credit.products, credit.engagement)
        if key not in self._plans:
            self._plans[key] = self._plan(of_day, credit)
        return self._plans[key]

    def terms_on(self, day: date) -> TermsOfDay:
        """The terms in force for the partner on a day."""
        if day not in self._terms:
            version, own = self._programme.terms_on(day), self._partner.pay.own_terms_on(day)
            rules = (version.position,) if own is None else (version.position, own.position)
            self._terms[day] = TermsOfDay(
                version=version,
                own_terms=None if own is None else own.number,
                terms=version.terms if own is None else merged(version.terms, own.settings),
                rules=rules,
            )
        return self._terms[day]

    def period_on(self, day: date) -> Period:
        """The commission period in which a day lies."""
        if day not in self._periods:
            self._periods[day] = period_on(self._programme, day)
        return self._periods[day]

    def window_on(self, day: date) -> Window:
        """The window in which what is won on a day accumulates."""
        if day not in self._windows:
            self._windows[day] = window_on(self._programme, day)
        return self._windows[day]

    def rate_on(self, day: date, base: str) -> ExchangeRate | None:
        """The exchange rate into the statement's currency."""
        if (day, base) not in self._rates:
            self._rates[day, base] = self._programme.rate_on(day, base, self._partner.currency)
        return self._rates[day, base]

    def figure(self, amount_minor: int) -> int:
        """An amount of the programme's terms, read as a figure in the statement's currency."""
        return round_half_up(figure_in(amount_minor, self._programme.currency, self._partner.currency))

    def _plan(self, of_day: TermsOfDay, credit: Credit) -> Plan:
        terms = of_day.terms
        table = table_for(terms.tier_tables, credit.products, credit.engagement)
        tiers = terms.tiers if table is None else table.tiers
        return Plan(
            terms_version=of_day.version.version,
            own_terms=of_day.own_terms,
            table=None if table is None else table.name,
            bands=bands_in(tiers, self._programme.currency, self._partner.currency),
            method=terms.method,
            split_mode=terms.split_mode,
            refund_method=terms.refund_method,
            line_cap_minor=self.figure(terms.line_cap_minor),
            line_floor_minor=self.figure(terms.line_floor_minor),
            period_cap_minor=self.figure(terms.period_cap_minor),
            rules=of_day.rules,
        )


def table_for(tables: Sequence[BandTable], products: Sequence[Product], engagement: Engagement) -> BandTable | None:
    """The most specific of the band tables that are for such a deal; terms in which two are equally so are refused."""
    fitting = [
        table
        for table in tables
        if (not table.products or set(products) <= set(table.products))
        and (not table.engagements or engagement in table.engagements)
    ]
    return max(fitting, key=rank_of, default=None)


def rank_of(table: BandTable) -> tuple[bool, bool]:
    """How specific a table is: products count before engagements."""
    return bool(table.products), bool(table.engagements)


def overlapping_tables(tables: Sequence[BandTable]) -> Iterator[tuple[int, int]]:
    """The places of tables of one rank that could both be for a deal."""
    for place, table in enumerate(tables):
        for before, other in enumerate(tables[:place]):
            if rank_of(table) == rank_of(other) and _meet(table, other):
                yield before, place


def _meet(one: BandTable, other: BandTable) -> bool:
    products = not one.products or bool(set(one.products) & set(other.products))
    engagements = not one.engagements or bool(set(one.engagements) & set(other.engagements))
    return products and engagements
