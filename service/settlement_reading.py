"""Where a closed statement's payable stands, as a reader sees it (rules §7, after closing)."""

from typing import cast

from domain.calendar import Period, local_date
from domain.commission_period import aggregate as periods
from domain.commission_period.events import CommissionPeriodEvent
from domain.commission_period.payouts import payout_holds
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
    rows = await read_stream(moment.connection, moment.programme.id, period_stream(partner_id, str(period)))
    history = [logged(row, moment.types) for row in rows]
    state = periods.fold(cast("list[Recorded[CommissionPeriodEvent]]", history))
    if state is None:
        raise Refusal("WRONG_STATE", f"{period} is still open; there is something to settle once it is closed.")
    terms = moment.programme.terms_at(moment.now).terms
    holds = payout_holds(partner, terms, local_date(moment.now, moment.programme.zone))
    return settlement_document(state, holds, now=moment.now, viewer=viewer)
