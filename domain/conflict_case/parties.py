"""Who is a party to a conflict case: whose facts are heard, and who is told how it was decided (rules §4)."""

from collections.abc import Collection, Iterable
from typing import Final

from domain.account.priority import whoever_is_ahead
from domain.account.state import Account, Case, is_live
from domain.conflict_case.events import CaseCommunicated, Message
from domain.ids import VENDOR, PartnerId, RegistrationId
from domain.refusal import Refusal

BESIDE_THE_PARTNERS: Final = ("vendor", "sales", "partner_manager", "finance", "crm", "customer")
"""Who may be heard and told besides the case's partners. Nobody has to tell them: they are the vendor's own people and
system, who can read the case, and the customer."""


def registrations_in(account: Account, case: Case) -> tuple[RegistrationId, ...]:
    """Those that the case is about and, while it is undecided, whom it goes on against.

    Whoever held when it began may since have been overtaken by a decision on another case, or have ended.
    """
    if case.product is None or not case.is_undecided:
        return case.registrations
    challenger = account.registrations[case.challenger]
    ahead = whoever_is_ahead(account, challenger, case.product) if is_live(challenger.claim_on(case.product)) else None
    return tuple(dict.fromkeys([*case.registrations, *([] if ahead is None else [ahead.id])]))


def partners_in(account: Account, case: Case) -> tuple[PartnerId, ...]:
    """The partners whose registrations a case is about. The vendor's own sales are none."""
    return _partners_of(account, case.registrations)


def still_to_tell(account: Account, case: Case, messages: Iterable[Message]) -> tuple[PartnerId, ...]:
    """The case's partners whom neither these messages nor any before them told."""
    told = {message.party for message in messages}
    for step in case.steps:
        if isinstance(step.event, CaseCommunicated):
            told.update(message.party for message in step.event.messages)
    return tuple(partner for partner in partners_in(account, case) if partner not in told)


def refuse_facts_of_strangers(
    account: Account, case: Case, named: Iterable[str], doubles_partners: Collection[PartnerId]
) -> None:
    """A fact is a party's; about a possible double, also that of a partner who registered the other account."""
    heard = dict.fromkeys([*_partners_of(account, registrations_in(account, case)), *doubles_partners])
    _refuse_strangers(named, heard, "findings")


def refuse_messages_to_strangers(account: Account, case: Case, named: Iterable[str]) -> None:
    """What becomes of a case is told to its parties, and to no other partner."""
    _refuse_strangers(named, partners_in(account, case), "messages")


def _refuse_strangers(named: Iterable[str], partners: Collection[str], member: str) -> None:
    for number, party in enumerate(named):
        if party not in partners and party not in BESIDE_THE_PARTNERS:
            parties = ", ".join([*partners, *BESIDE_THE_PARTNERS])
            detail = f"{party} is no party to the case. Its parties are {parties}."
            raise Refusal("MALFORMED", detail, field=f"{member}.{number}.party")


def _partners_of(account: Account, registrations: Iterable[RegistrationId]) -> tuple[PartnerId, ...]:
    partners = (account.registrations[registration].partner for registration in registrations)
    return tuple(dict.fromkeys(partner for partner in partners if partner != VENDOR))
