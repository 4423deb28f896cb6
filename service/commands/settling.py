"""What people do to one closed statement: dispute a line, resolve that, pay out, propose and post what is forfeited."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from domain.calendar import Period, local_date
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import AfterClosingEvent, CommissionPeriodEvent, DisputeResolved
from domain.commission_period.payouts import PayoutHold, payout_holds
from domain.entered_adjustment import aggregate as adjustments
from domain.entered_adjustment.aggregate import EnterAdjustment, Entered
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import AdjustmentId, Instant, PartnerId
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.partner.paperwork import missing_on
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.on_account import answer, programme_of
from service.presentation.settling import entered_document
from service.presentation.values import Document
from service.states import PROGRAMME_KEY, partner_key
from service.streams import entered_key, entered_stream, period_key, period_stream
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAt:
    """A partner's period as a command sees it; `state` is None while it is open."""

    state: ClosedPeriod | None
    partner: Partner
    programme: Programme
    now: Instant

    @property
    def today(self) -> date:
        """The day in the programme's zone."""
        return local_date(self.now, self.programme.zone)

    @property
    def holds(self) -> tuple[PayoutHold, ...]:
        """What keeps the partner from being paid now, by the terms in force."""
        return payout_holds(self.partner, self.programme.terms_at(self.now).terms, self.today)

    @property
    def missing(self) -> tuple[str, ...]:
        """The paperwork that is wanted and not on file."""
        needed = self.programme.terms_at(self.now).terms.payout_paperwork
        return missing_on(self.partner.paperwork, needed, self.today)

    @property
    def closed_on(self) -> date:
        """The day of the closing; today for a period that is open."""
        return self.today if self.state is None else local_date(self.state.closed_at, self.programme.zone)


Decide = Callable[[StatementAt], Sequence[AfterClosingEvent]]
"""Decides a command on a statement."""

Show = Callable[[ClosedPeriod, StatementAt], Document]
"""Shows what the command did."""


@dataclass(kw_only=True)
class ChangeStatement(Work):
    """A command on one partner's closed statement. Upholding a dispute enters its adjustment with it."""

    actor: str
    partner: PartnerId
    period: Period
    decide: Decide
    show: Show
    token: str
    creates: bool = False
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book, the partner, the period and what was entered for the partner."""
        del known
        return (
            PROGRAMME_KEY,
            partner_key(self.partner),
            period_key(self.partner, str(self.period)),
            entered_key(self.partner),
        )

    def run(self, attempt: Attempt) -> Answer:
        """Decide, store and show."""
        partner = cast("Partner | None", attempt.state(partner_key(self.partner)))
        if partner is None:
            raise Refusal("NOT_FOUND", f"There is no partner {self.partner}.")
        key = period_key(self.partner, str(self.period))
        state = cast("ClosedPeriod | None", attempt.state(key))
        seen = StatementAt(state=state, partner=partner, programme=programme_of(attempt), now=attempt.now)
        events = self.decide(seen)
        for event in events:
            recorded = attempt.record(period_stream(self.partner, str(self.period)), event)
            state = periods.evolve(state, cast("Recorded[CommissionPeriodEvent]", recorded))
            if isinstance(event, DisputeResolved) and event.outcome == "upheld":
                self._enter(attempt, partner, state, event, recorded)
        assert state is not None
        attempt.put(key, state)
        return answer(attempt, self.show(state, seen), created=self.creates and bool(events))

    def _enter(
        self,
        attempt: Attempt,
        partner: Partner,
        state: ClosedPeriod,
        event: DisputeResolved,
        recorded: Recorded[object],
    ) -> None:
        dispute = next(one for one in state.after.disputes if one.id == event.dispute)
        command = EnterAdjustment(
            adjustment=AdjustmentId(f"adj_{self.token}"),
            kind="dispute",
            amount=Money(amount_minor=event.amount_minor, currency=event.currency),
            reason=event.reason,
            period=event.period,
            line=dispute.line,
            dispute=dispute.id,
            evidence=(dispute.opened.position, recorded.position),
        )
        enter(attempt, partner, command)


def enter(attempt: Attempt, partner: Partner, command: EnterAdjustment) -> Recorded[AdjustmentEntered]:
    """Record an adjustment that a person enters."""
    key = entered_key(partner.id)
    entered = cast("Entered | None", attempt.state(key)) or ()
    (event,) = adjustments.decide(entered, partner, command)
    recorded = cast("Recorded[AdjustmentEntered]", attempt.record(entered_stream(partner.id), event))
    attempt.put(key, adjustments.evolve(entered, recorded))
    return recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Enter(Work):
    """Finance enters an adjustment."""

    actor: str
    partner: PartnerId
    command: EnterAdjustment
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The partner and what was entered for it."""
        del known
        return partner_key(self.partner), entered_key(self.partner)

    def run(self, attempt: Attempt) -> Answer:
        """Enter it and show it."""
        partner = cast("Partner | None", attempt.state(partner_key(self.partner)))
        if partner is None:
            raise Refusal("NOT_FOUND", f"There is no partner {self.partner}.")
        recorded = enter(attempt, partner, self.command)
        return answer(attempt, entered_document(recorded, viewer=None), created=True)
