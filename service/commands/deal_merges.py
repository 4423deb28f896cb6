"""What the CRM says of deals that it merged: they are one deal, which leads to one registration (rules §1, §5).

What the CRM said is recorded whether or not somebody has registered one of the deals yet; whoever registers one later
registers the deal under all its ids.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from domain.account.merged_deals import first_of, is_over, refuse_two_currencies
from domain.account.passing_of_time import let_time_pass
from domain.account.state import Account, Registration
from domain.conflict_case.events import Duplicate
from domain.crm_deal.events import CrmDealsMerged
from domain.crm_deal.merging import one_deal
from domain.deal_registration.deal import DealFact, Sale, sale_of
from domain.deal_registration.deal_facts import parked_by_date
from domain.deal_registration.merging import lead_to, leave_to, said_of_all
from domain.ids import AccountId, DealRef, Instant, Position, RegistrationId
from domain.refusal import Refusal
from projections import priority
from service.attempt import Attempt
from service.commands.direct_deals import direct_registration
from service.commands.found_by import put_deals
from service.commands.known_deals import known_deal
from service.commands.on_account import account_of, draft_of, programme_of, store
from service.commands.verdict import Verdict, held_back
from service.crm.reports import DealsMergeReported
from service.name_similarity import similarity
from service.state_look_ups import KnownDeal
from service.states import PRIORITY_GENERATION, account_key
from service.streams import crm_deal_stream
from service.work import DeliveryRow, Known, StateKey, stream_key


@dataclass(frozen=True, slots=True, kw_only=True)
class DealsSaid:
    """A delivery's word that deals are one."""

    source: str
    deals: tuple[str, ...]
    into: str
    occurred_at: Instant
    delivery: str
    token: str

    @property
    def ids(self) -> tuple[str, ...]:
        """All that it names."""
        return tuple(dict.fromkeys((*self.deals, self.into)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Linked:
    """A registration to which one of the deals leads, on its account as time has left that."""

    registration: Registration
    account: Account


def deals_said(said: DealsMergeReported, row: DeliveryRow, token: str) -> DealsSaid:
    """What a delivery asks for."""
    data = said.said
    return DealsSaid(
        source=row.source,
        deals=data.deal_ids,
        into=data.into,
        occurred_at=said.occurred_at,
        delivery=row.delivery_id,
        token=token,
    )


def needs_of_deal_merge(said: DealsSaid, known: Known) -> Iterable[StateKey]:
    """The deals, and the accounts that they lead to."""
    yield stream_key(crm_deal_stream(said.source))
    keys: list[StateKey] = [("deal", said.source, one) for one in said.ids]
    yield from keys
    yield from (_own_sales(said, one) for one in said.ids)
    for key in keys:
        deal = cast("KnownDeal | None", known(key))
        if deal is not None and deal.account is not None:
            yield account_key(deal.account)


def apply_deal_merge(attempt: Attempt, said: DealsSaid, *, wanted_by_a_person: bool) -> Verdict:
    """Let all the deals lead to one registration, if any is known; park it, or ignore what is no news."""
    too_early_or_late = parked_by_date(
        programme_of(attempt), said.occurred_at, attempt.now, won_on=None, wanted_by_a_person=wanted_by_a_person
    )
    if too_early_or_late is not None:
        return held_back(too_early_or_late)
    _refuse_the_vendors_own(attempt, said)
    named = {one: known_deal(attempt, _ref(said, one)) for one in said.ids}
    together = [one for one, known in named.items() if not _was_parted_since(attempt, said, one, known)]
    known_groups = [known.one_with for one in together if (known := named[one]) is not None]
    if len(together) < 2 or any(set(together) <= set(group) for group in known_groups):
        return Verdict(outcome="ignored")
    ids = one_deal(together, known_groups)
    linked = _linked(attempt, [named[one] for one in together], said.token)
    lead = _first_of(linked)
    _record(attempt, said, ids)
    if lead is not None:
        _lead(attempt, said, ids, lead, linked)
    return Verdict(
        outcome="applied",
        position=Position(attempt.events[-1].position),
        registration=None if lead is None else lead.registration.id,
    )


def _ref(said: DealsSaid, deal_id: str) -> DealRef:
    return DealRef(source=said.source, id=deal_id)


def _own_sales(said: DealsSaid, deal_id: str) -> StateKey:
    return ("registration", direct_registration(_ref(said, deal_id)))


def _refuse_the_vendors_own(attempt: Attempt, said: DealsSaid) -> None:
    """Refuse to make a deal of the vendor's own sales one with a partner's: a case says who of them goes first."""
    for one in said.ids:
        if attempt.state(_own_sales(said, one)) is not None:
            raise Refusal("DIRECT_DEAL", f"{one} is an opportunity of the vendor's own sales; close it there as lost.")


def _was_parted_since(attempt: Attempt, said: DealsSaid, deal_id: str, known: KnownDeal | None) -> bool:
    """Whether people found after the merge that this deal is an opportunity of its own: then it is no news."""
    if known is None or known.registration is None or known.account is None:
        return False
    account = account_of(attempt, known.account)
    assert account is not None
    registration = account.registrations[known.registration]
    parted_at = registration.parted_at
    return registration.deal == _ref(said, deal_id) and parted_at is not None and said.occurred_at <= parted_at


def _linked(attempt: Attempt, deals: Iterable[KnownDeal | None], token: str) -> list[_Linked]:
    """The registrations that the deals lead to, each once, as they stand now that time has passed."""
    found: dict[RegistrationId, _Linked] = {}
    for known in deals:
        if known is not None and known.registration is not None and known.account is not None:
            draft = draft_of(attempt, known.account, token)
            let_time_pass(draft)
            registration = draft.account.registrations[known.registration]
            found[registration.id] = _Linked(registration=registration, account=draft.account)
    return list(found.values())


def _first_of(linked: Sequence[_Linked]) -> _Linked | None:
    """To which of them the one deal leads; refuses deals whose values and refunds would be in two currencies."""
    if not linked:
        return None
    registrations = [one.registration for one in linked]
    facts = said_of_all(registrations)
    first = first_of(registrations, facts)
    refuse_two_currencies(first, facts)
    return linked[registrations.index(first)]


def _record(attempt: Attempt, said: DealsSaid, ids: tuple[str, ...]) -> None:
    event = CrmDealsMerged(
        source=said.source,
        deals=said.deals,
        into=said.into,
        one_deal=ids,
        occurred_at=said.occurred_at,
        delivery=said.delivery,
    )
    recorded = attempt.record(crm_deal_stream(said.source), event)
    put_deals(attempt, event)
    head = {"programme": attempt.programme, "generation": cast("int", attempt.state(PRIORITY_GENERATION))}
    for row in priority.deals(head, [recorded]):
        attempt.write(row)


def _lead(attempt: Attempt, said: DealsSaid, ids: tuple[str, ...], lead: _Linked, linked: Sequence[_Linked]) -> None:
    """Let the deals of other accounts go first, then those of the one where the deal leads."""
    sale = sale_of(said_of_all([one.registration for one in linked]))
    leaving: dict[AccountId, list[_Linked]] = {}
    for one in linked:
        if one is not lead:
            leaving.setdefault(one.account.id, []).append(one)
    here = [one.registration.id for one in leaving.pop(lead.account.id, [])]
    facts: tuple[DealFact, ...] = ()
    for number, (account, others) in enumerate(leaving.items()):
        draft = draft_of(attempt, account, f"{said.token}{number:02x}")
        contesting = [one for one in others if _is_contesting(one, lead, sale)]
        facts += leave_to(
            draft,
            [one.registration.id for one in sorted(others, key=lambda one: one not in contesting)],
            lead.registration.id,
            lead.account.id,
            duplicates=[_duplicate(one, lead) for one in contesting[:1]],
        )
        store(attempt, draft)
    draft = draft_of(attempt, lead.account.id, f"{said.token}ff")
    lead_to(draft, lead.registration.id, tuple(_ref(said, one) for one in ids), leaving=here, facts=facts)
    store(attempt, draft)


def _is_contesting(one: _Linked, lead: _Linked, sale: Sale | None) -> bool:
    """Whether another partner's registration, which is not over, loses its deal to that of the lead."""
    return one.registration.partner != lead.registration.partner and not is_over(one.registration, sale)


def _duplicate(one: _Linked, lead: _Linked) -> Duplicate:
    """The account of the lead, as one that may be the same as this one."""
    score = similarity(lead.registration.facts.name, one.registration.facts.name)
    return Duplicate(account=lead.account.id, registration=lead.registration.id, rule="merged_deals", score=score)
