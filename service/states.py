"""The states that decisions read: where each is loaded from, and what another process's event makes stale."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.events import AccountAliasAdded, AccountOwnEvent
from domain.account.state import Account
from domain.commission_period import aggregate as commission_period
from domain.commission_period.aggregate import ClosedPeriod
from domain.commission_period.events import CommissionPeriodEvent
from domain.conflict_case.events import CaseEvent, CaseIdentified
from domain.crm_deal.events import CrmDealEvent
from domain.deal_registration.events import DealRegistered, DealUnlinked, RegistrationEvent
from domain.deal_registration.share_events import SharesProposed
from domain.direct_deal.events import DirectDealOpened, DirectEvent
from domain.entered_adjustment import aggregate as entered_adjustment
from domain.entered_adjustment.events import AdjustmentEntered
from domain.ids import AccountId, LeadId, PartnerId, ProgrammeId
from domain.lead import aggregate as lead_aggregate
from domain.lead.events import LeadEvent
from domain.partner import aggregate as partner_aggregate
from domain.partner.events import PartnerEvent
from domain.programme import aggregate as programme_aggregate
from domain.programme.events import ProgrammeEvent
from domain.recorded import Recorded
from projections.deal_places import places_of_deals
from projections.projection import live_generation
from service.accounts import Accounts
from service.event_store import logged, read_streams
from service.event_types import EventTypes
from service.state_look_ups import look_up_states
from service.streams import PROGRAMME, entered_stream, lead_stream, partner_stream, period_stream
from service.work import Known, NotLoaded, StateKey

BYTES_OF_AN_EVENT: Final = 1_500
"""About what one event of an account or a partner occupies once it is folded into a state."""

NEVER_REMEMBERED: Final = 1 << 62
"""The size of a state that no cache holds: a partner's live registrations change with other partners' events."""

FORGOTTEN: Final = object()
"""What a work puts that changes a state without holding it: whoever wants it next loads it."""

PROGRAMME_KEY: Final[StateKey] = ("programme",)
PRIORITY_GENERATION: Final[StateKey] = ("generation", "priority")
CASES_GENERATION: Final[StateKey] = ("generation", "conflict_cases")
PROPOSALS_GENERATION: Final[StateKey] = ("generation", "share_proposals")
LEADS_GENERATION: Final[StateKey] = ("generation", "leads")


def partner_key(partner: str) -> StateKey:
    """A partner's state."""
    return ("partner", partner)


def lead_key(lead: str) -> StateKey:
    """A lead's state."""
    return ("lead", lead)


def account_key(account: str) -> StateKey:
    """An account's state."""
    return ("account", account)


class States:
    """Loads the states of one database (see `StateLoader`)."""

    unlogged: Sequence[StateKey] = (PRIORITY_GENERATION, CASES_GENERATION, PROPOSALS_GENERATION, LEADS_GENERATION)

    def __init__(self, types: EventTypes) -> None:
        self._types = types
        self._accounts = Accounts(types)

    async def load(
        self, connection: AsyncConnection, programme: ProgrammeId, keys: Sequence[StateKey], known: Known
    ) -> Mapping[StateKey, object]:
        """The committed states of `keys`, what is looked up in one query for all. Keys left out do not exist."""
        by_kind: dict[str, list[StateKey]] = {}
        for key in keys:
            by_kind.setdefault(key[0], []).append(key)
        found: dict[StateKey, object] = {}
        generations = {
            name: await _generation(connection, programme, name, known) for name in _generations_for(by_kind)
        }
        for kind, asked in by_kind.items():
            if kind == "generation":
                found |= {key: generations[key[1]] for key in asked}
            elif kind in ("programme", "partner", "period", "entered_adjustment", "lead"):
                found |= await self._folded(connection, programme, asked)
            elif kind == "account":
                wanted = [AccountId(key[1]) for key in asked]
                accounts = await self._accounts.accounts(
                    connection, programme, wanted, generation=generations["priority"]
                )
                found |= {account_key(account): state for account, state in accounts.items()}
        return found | await look_up_states(connection, programme, generations, by_kind)

    async def _folded(
        self, connection: AsyncConnection, programme: ProgrammeId, keys: Sequence[StateKey]
    ) -> dict[StateKey, object]:
        streams = {_stream_of(key): key for key in keys}
        found: dict[StateKey, object] = {}
        for stream, rows in (await read_streams(connection, programme, streams)).items():
            history = [logged(row, self._types) for row in rows]
            found[streams[stream]] = _fold(streams[stream][0], history)
        return found

    def touched(self, stream: str, recorded: Recorded[object]) -> Iterable[StateKey]:
        """The keys whose state an event of another process may have changed."""
        event = recorded.event
        if stream == PROGRAMME:
            yield PROGRAMME_KEY
        elif isinstance(event, AccountOwnEvent):
            yield from _touched_by(event)
        elif isinstance(event, CrmDealEvent):
            yield from _deals_touched_by(event)
        elif isinstance(event, RegistrationEvent | CaseEvent | DirectEvent):
            yield account_key(event.account)
            if isinstance(event, DealRegistered | DirectDealOpened):
                yield ("registration", event.registration)
            if isinstance(event, DealRegistered | DirectEvent):
                yield from (("account_key", key) for key in event.keys)
            if isinstance(event, DealRegistered):
                yield from (("name_key", key) for key in event.name_keys)
            yield from _deals_touched_by(event)
            if isinstance(event, CaseIdentified):
                yield ("case", event.case)
            if isinstance(event, SharesProposed):
                yield ("share_proposal", event.proposal)
        else:
            yield tuple(stream.replace("commission_period/", "period/", 1).split("/"))

    def size(self, key: StateKey, state: object) -> int:
        """About how many bytes a state occupies in memory."""
        if key[0] == "live" or state is FORGOTTEN:
            return NEVER_REMEMBERED
        if isinstance(state, Account):
            return BYTES_OF_AN_EVENT * (1 + 2 * len(state.registrations) + 4 * len(state.cases))
        if isinstance(state, ClosedPeriod):
            return BYTES_OF_AN_EVENT * (1 + len(state.closing.statement.lines))
        if isinstance(state, tuple):
            return 100 + 100 * len(state)
        return BYTES_OF_AN_EVENT if state is not None else 100


def _deals_touched_by(event: object) -> Iterable[StateKey]:
    yield from (("deal", one.deal.source, one.deal.id) for one in places_of_deals(event))
    if isinstance(event, DealUnlinked):
        yield ("deal", event.deal.source, event.deal.id)


def _touched_by(event: AccountOwnEvent) -> Iterable[StateKey]:
    yield account_key(event.account)
    yield from (("account_key", key) for key in event.keys)
    if isinstance(event, AccountAliasAdded):
        yield from (("name_key", key) for key in event.name_keys)
        return
    yield account_key(event.absorbed)
    yield from (("name_key", key) for name in event.names for key in name.keys)
    yield from (("registration", registration) for registration in event.registrations)
    yield from (("case", case) for case in event.cases)
    yield from _deals_touched_by(event)
    yield from (("share_proposal", proposal) for proposal in event.share_proposals)


async def _generation(connection: AsyncConnection, programme: ProgrammeId, name: str, known: Known) -> int:
    """Which generation of an inline projection is live: once loaded, it is known until another process writes."""
    try:
        return cast("int", known(("generation", name)))
    except NotLoaded:
        return await live_generation(connection, programme, name)


def _generations_for(kinds: Mapping[str, Sequence[StateKey]]) -> set[str]:
    named = {key[1] for key in kinds.get("generation", ())}
    if not {"account", "account_key", "name_key", "deal", "registration", "live"}.isdisjoint(kinds):
        named.add("priority")
    if "case" in kinds:
        named.add("conflict_cases")
    if "share_proposal" in kinds:
        named.add("share_proposals")
    return named


def _stream_of(key: StateKey) -> str:
    if key == PROGRAMME_KEY:
        return PROGRAMME
    if key[0] == "partner":
        return partner_stream(PartnerId(key[1]))
    if key[0] == "entered_adjustment":
        return entered_stream(PartnerId(key[1]))
    if key[0] == "lead":
        return lead_stream(LeadId(key[1]))
    return period_stream(PartnerId(key[1]), key[2])


def _fold(kind: str, history: Sequence[Recorded[object]]) -> object:
    if kind == "programme":
        return programme_aggregate.fold(cast("Sequence[Recorded[ProgrammeEvent]]", history))
    if kind == "partner":
        return partner_aggregate.fold(cast("Sequence[Recorded[PartnerEvent]]", history))
    if kind == "entered_adjustment":
        return entered_adjustment.fold(cast("Sequence[Recorded[AdjustmentEntered]]", history))
    if kind == "lead":
        return lead_aggregate.fold(cast("Sequence[Recorded[LeadEvent]]", history))
    return commission_period.fold(cast("Sequence[Recorded[CommissionPeriodEvent]]", history))
