"""Books of one partner for tests of statements: credits come, change and go, periods are closed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from domain.calendar import Period, end_of_day, period_from, zone_named
from domain.commission.credit import Credit, DealOutcome, HeldBecause
from domain.commission.lines import Statement
from domain.commission.statement import StatementInputs, statement
from domain.commission_period.aggregate import ClosePeriod, close
from domain.commission_period.events import CommissionPeriodClosed
from domain.deal_registration.events import Engagement
from domain.entered_adjustment.events import AdjustmentEntered, EnteredKind
from domain.ids import (
    AdjustmentId,
    DealRef,
    Instant,
    LineId,
    PartnerId,
    Position,
    Product,
    ProgrammeId,
    RegistrationId,
    Share,
)
from domain.money import decimal_of, money_of
from domain.partner.aggregate import Partner
from domain.partner.events import TerminationCause
from domain.partner.own_terms import OwnSettings, OwnTerms
from domain.partner.standing import Suspension, Termination
from domain.partner.targets import Target
from domain.programme.aggregate import Programme
from domain.programme.spiffs import Spiff
from domain.programme.terms import ExchangeRate, Terms, TermsVersion
from domain.recorded import Recorded

NORTHWIND, CONTOSO = PartnerId("northwind"), PartnerId("contoso")
UTC = zone_named("UTC")


class Books:
    """Everything that a partner's statements follow from, and the events that change it."""

    def __init__(self, terms: Terms | None = None, *, currency: str = "USD", enrolled_on: date = date(2026, 1, 1)):
        self.position = 1
        first = TermsVersion(
            version=1,
            effective_from=None,
            starts_at=Instant(0),
            position=Position(1),
            recorded_at=Instant(0),
            terms=terms or Terms(),
        )
        self.programme = Programme(
            id=ProgrammeId("acme"),
            time_zone="UTC",
            currency="USD",
            sandbox=False,
            clock=None,
            terms=(first,),
            rates=(),
        )
        self.partner = Partner(
            id=NORTHWIND,
            name="Northwind Traders",
            currency=currency,
            enrolled_on=enrolled_on,
            enrolled_at=Instant(0),
            agreements=(),
        )
        self.outcomes: dict[str, DealOutcome] = {}
        self.places: dict[str, Position] = {}
        self.closed: list[CommissionPeriodClosed] = []
        self.entered: list[Recorded[AdjustmentEntered]] = []

    def next_position(self) -> Position:
        self.position += 1
        return Position(self.position)

    def register(self, *deals: str) -> None:
        """Registrations in this order; a deal that is won without one is registered then."""
        for deal in deals:
            self.places[deal] = self.next_position()

    def win(
        self,
        deal: str,
        value: str,
        won_on: date | str,
        *,
        currency: str = "USD",
        shares: Sequence[tuple[PartnerId, int]] = ((NORTHWIND, 10_000),),
        lead: PartnerId = NORTHWIND,
        held_because: tuple[HeldBecause, ...] = (),
        products: Sequence[str] = ("edge",),
        engagement: Engagement = "referral",
        approved_on: date | None = None,
    ) -> Position:
        """A deal is won, or won again with other facts. Gives the position of the win."""
        if deal not in self.places:
            self.register(deal)
        position = self.next_position()
        before = self.outcomes[deal].evidence if deal in self.outcomes else (self.places[deal],)
        evidence = (*before, position)
        credited = tuple(
            Credit(
                line=LineId(f"line_{deal}_{partner}"),
                partner=partner,
                registration=RegistrationId(f"reg_{deal}"),
                deal=DealRef(source="crm", id=f"D-{deal}"),
                account_name=f"Customer {deal}",
                products=tuple(map(Product, products)),
                won_on=date.fromisoformat(won_on) if isinstance(won_on, str) else won_on,
                place=self.places[deal],
                value=money_of(value, currency),
                shares=tuple(Share(partner=name, basis_points=share) for name, share in shares),
                lead=lead,
                held_because=held_because,
                evidence=evidence,
                engagement=engagement,
                approved_on=approved_on,
            )
            for partner, _ in shares
        )
        self._put(deal, credited, evidence)
        return position

    def worth(self, deal: str, value: str) -> Position:
        """The deal's value less refunds is something else now."""
        return self._change(deal, lambda credit: replace(credit, value=money_of(value, credit.value.currency)))

    def refund(self, deal: str, left: str) -> Position:
        """Refunds leave so much of the deal's value."""
        return self._change(
            deal,
            lambda credit: replace(
                credit,
                value=money_of(left, credit.value.currency),
                value_before_refunds=credit.value_before_refunds or credit.value,
            ),
        )

    def promise(self, first: date, last: date | None = None, **settings: Any) -> None:
        """The partner has terms of its own."""
        own = OwnTerms(
            number=len(self.partner.pay.own_terms) + 1,
            effective_from=first,
            ends_on=last,
            settings=OwnSettings(**settings),
            position=self.next_position(),
        )
        self._pay(own_terms=(*self.partner.pay.own_terms, own))

    def target(self, period: str, target: str, *, bonus: str = "0.00", accelerator: int = 0) -> None:
        """The partner has a target, in its own currency."""
        amounts = [money_of(amount, self.partner.currency).amount_minor for amount in (target, bonus)]
        made = Target(
            period=period,
            target_minor=amounts[0],
            bonus_minor=amounts[1],
            accelerator_basis_points=accelerator,
            position=self.next_position(),
        )
        others = (known for known in self.partner.pay.targets if known.period != period)
        self._pay(targets=(*others, made))

    def _pay(self, **changes: Any) -> None:
        self.partner = replace(self.partner, pay=replace(self.partner.pay, **changes))

    def spiff(self, id: str, first: date, last: date, *, rate: int = 0, amount: str = "0.00") -> None:  # noqa: A002
        """A SPIFF on the product `edge`."""
        made = Spiff(
            id=id,
            name=id,
            products=(Product("edge"),),
            first_on=first,
            last_on=last,
            rate_basis_points=rate,
            amount_minor=money_of(amount, "USD").amount_minor,
            position=self.next_position(),
        )
        self.programme = replace(self.programme, spiffs=(*self.programme.spiffs, made))

    def hold(self, deal: str, *reasons: HeldBecause) -> Position:
        """The deal's credit is held for these reasons; for none, it is released."""
        return self._change(deal, lambda credit: replace(credit, held_because=reasons))

    def moved(self, deal: str, won_on: date) -> Position:
        """The deal counts as won on another day."""
        return self._change(deal, lambda credit: replace(credit, won_on=won_on))

    def lose(self, deal: str) -> Position:
        """The deal credits nobody any more."""
        position = self.next_position()
        self._put(deal, (), (*self.outcomes[deal].evidence, position))
        return position

    def _change(self, deal: str, change: Callable[[Credit], Credit]) -> Position:
        position = self.next_position()
        outcome = self.outcomes[deal]
        evidence = (*outcome.evidence, position)
        self._put(deal, tuple(replace(change(credit), evidence=evidence) for credit in outcome.credits), evidence)
        return position

    def _put(self, deal: str, credited: tuple[Credit, ...], evidence: tuple[Position, ...]) -> None:
        self.outcomes[deal] = DealOutcome(
            registration=RegistrationId(f"reg_{deal}"),
            credits=credited,
            evidence=evidence,
            partners=tuple(credit.partner for credit in credited),
        )

    def publish(self, effective_from: date, terms: Terms) -> None:
        version = TermsVersion(
            version=len(self.programme.terms) + 1,
            effective_from=effective_from,
            starts_at=Instant(0),
            position=self.next_position(),
            recorded_at=Instant(0),
            terms=terms,
        )
        self.programme = replace(self.programme, terms=(*self.programme.terms, version))

    def rate(self, base: str, rate: str, on: date, quote: str = "USD") -> Position:
        published = ExchangeRate(date=on, base=base, quote=quote, rate=rate, position=self.next_position())
        self.programme = replace(self.programme, rates=(*self.programme.rates, published))
        return published.position

    def suspend(self) -> None:
        self.partner = replace(self.partner, suspensions=(Suspension(since=Instant(0), until=None),))

    def reinstate(self) -> None:
        self.partner = replace(self.partner, suspensions=(Suspension(since=Instant(0), until=Instant(1)),))

    def terminate(self, cause: TerminationCause) -> None:
        termination = Termination(ends_at=Instant(0), cause=cause, last_day=None)
        self.partner = replace(self.partner, termination=termination)

    def enter(
        self,
        name: str,
        amount: str,
        *,
        kind: EnteredKind = "manual",
        period: str | None = None,
        line: str | None = None,
    ) -> Position:
        """Finance enters an adjustment."""
        event = AdjustmentEntered(
            partner=self.partner.id,
            adjustment=AdjustmentId(name),
            kind=kind,
            amount=money_of(amount, self.partner.currency),
            reason="So.",
            period=period,
            line=None if line is None else LineId(line),
            dispute=None,
            evidence=(),
        )
        position = self.next_position()
        self.entered.append(Recorded(position=position, recorded_at=Instant(position), actor="finance", event=event))
        return position

    def inputs(self) -> StatementInputs:
        return StatementInputs(
            programme=self.programme,
            partner=self.partner,
            outcomes=tuple(self.outcomes.values()),
            closed=tuple(self.closed),
            entered=tuple(self.entered),
        )

    def statement(self, period: Period | str) -> Statement:
        return statement(self.inputs(), period_from(period) if isinstance(period, str) else period)

    def close(
        self, period: Period | str, *, on: date | None = None, forced: bool = False
    ) -> list[CommissionPeriodClosed]:
        """Close a period, by default the moment after it ended."""
        asked = period_from(period) if isinstance(period, str) else period
        events = close(
            ClosePeriod(
                inputs=self.inputs(),
                period=asked,
                now=end_of_day(asked.ends_on, UTC) if on is None else end_of_day(on, UTC),
                read_to=Position(self.position),
                forced=forced,
            )
        )
        self.closed += events
        self.position += len(events)
        return events

    def commissions(self, period: str) -> dict[str, str]:
        """What each deal's line earns in a period."""
        found = self.statement(period)
        return {
            line.deal.id.removeprefix("D-"): decimal_of(line.commission_minor, found.currency)
            for line in found.lines
            if line.deal is not None and line.kind == "commission"
        }

    def incentives(self, period: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """Of each incentive line of a period: its kind, what it is, what it earns, why it is held."""
        found = self.statement(period)
        return [
            (line.kind, str(line.incentive), decimal_of(line.commission_minor, found.currency), line.held_because)
            for line in found.lines
            if line.kind != "commission"
        ]
