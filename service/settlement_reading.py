"""Where a closed statement's payable stands, as a reader sees it (rules §7, after closing)."""

from typing import cast

from domain.calendar import Period, local_date
from domain.commission.statement import StatementInputs
from domain.commission_period import aggregate as periods
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodEvent
from domain.commission_period.payouts import payout_holds
from domain.commission_period.variance import ClosedVariance, as_it_stands, variances
from domain.ids import PartnerId
from domain.recorded import Recorded
from domain.refusal import Refusal
from service.event_store import logged, read_stream
from service.presentation.settling import settlement_document
from service.presentation.values import Document
from service.reading import Moment
from service.streams import period_stream


async def settlement_of(
    moment: Moment, partner_id: PartnerId, period: Period, viewer: PartnerId | None
) -> Document | None:
    """A closed statement's settlement; None for a partner that nobody knows. Refuses an open period."""
    partner = (await moment.partners([partner_id])).get(partner_id)
    if partner is None:
        return None
    state = await closed_period(moment, partner_id, str(period))
    if state is None:
        raise Refusal("WRONG_STATE", f"{period} is still open; there is something to settle once it is closed.")
    terms = moment.programme.terms_at(moment.now).terms
    holds = payout_holds(partner, terms, local_date(moment.now, moment.programme.zone))
    return settlement_document(state, holds, now=moment.now, viewer=viewer)


async def closed_period(moment: Moment, partner: PartnerId, period: str) -> ClosedPeriod | None:
    """A partner's period with all that was done to it; None while it is open."""
    rows = await read_stream(moment.connection, moment.programme.id, period_stream(partner, period))
    history = [logged(row, moment.types) for row in rows]
    return periods.fold(cast("list[Recorded[CommissionPeriodEvent]]", history))


async def closed_variances(moment: Moment, inputs: StatementInputs) -> list[ClosedVariance]:
    """Every closed period of a partner that today's calculation would state otherwise, with what was done about it."""
    found = [(one, await closed_period(moment, inputs.partner.id, one.period)) for one in variances(inputs)]
    return [as_it_stands(inputs, state, one) for one, state in found if state is not None]
