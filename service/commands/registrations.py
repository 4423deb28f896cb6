"""What happens to a registration after it was accepted: review, withdrawal, extension, shares, its CRM deal."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account.draft import Draft
from domain.account.merged_deals import taken_along
from domain.deal_registration.aggregate import (
    AgreeShares,
    LinkDeal,
    NameSalesOwner,
    RegistrationCommand,
    ResubmitRegistration,
    decide,
    unlink_deal,
)
from domain.deal_registration.deal import DealFact
from domain.ids import AccountId, DealRef, PartnerId, RegistrationId, Share
from domain.refusal import Refusal
from service.attempt import Attempt
from service.commands.known_deals import ids_of, known_deal
from service.commands.on_account import ON_AN_ACCOUNT, account_of, answer, draft_of, partner_of, store
from service.personal import find_personal, personal_row
from service.presentation.registrations import registration_document
from service.presentation.values import Document
from service.state_look_ups import KnownDeal
from service.states import account_key, partner_key
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@dataclass(kw_only=True)
class ChangeRegistration(Work):
    """A command on one registration. `only_of` is the partner whose key asks: another's registration is not found."""

    actor: str
    registration: RegistrationId
    only_of: PartnerId | None
    command: RegistrationCommand
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The registration's account."""
        yield from ON_AN_ACCOUNT
        yield from registration_needs(self.registration, known)

    def run(self, attempt: Attempt) -> Answer:
        """Decide, store and show the registration as it stands then."""
        account = account_of_registration(attempt, self.registration, self.only_of)
        draft = draft_of(attempt, account, self.token)
        decide(draft, self.registration, self.command_now(attempt))
        store(attempt, draft)
        return answer(attempt, self.shown(draft))

    def shown(self, draft: Draft) -> Document:
        """The registration as it stands after the command."""
        return registration_document(draft.account, self.registration, draft.terms.terms, self.only_of)

    def command_now(self, attempt: Attempt) -> RegistrationCommand:
        """The command with what it has to know of the programme."""
        del attempt
        return self.command


@dataclass(kw_only=True)
class Resubmit(ChangeRegistration):
    """Answer a return; what is kept beside the log is changed with it (None: left as it is)."""

    command: ResubmitRegistration
    sales_owner: str | None
    notes: str | None
    exclusive = True
    _personal: tuple[str | None, str | None] = field(default=(None, None), init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads what is kept beside the log."""
        self._personal = await find_personal(connection, attempt.programme, self.registration)

    def run(self, attempt: Attempt) -> Answer:
        """Resubmit, and keep what changed beside the log."""
        found = ChangeRegistration.run(self, attempt)
        owner, notes = self._personal
        changed = (self.sales_owner or owner, self.notes or notes)
        if changed != self._personal:
            attempt.write(personal_row(attempt.programme, self.registration, *changed))
        return found


@dataclass(kw_only=True)
class SetSalesOwner(ChangeRegistration):
    """Say who of the vendor's sales works on it: kept beside the log, which learns that somebody is named."""

    sales_owner: str
    command: NameSalesOwner
    exclusive = True
    _notes: str | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads the notes, which stay."""
        _, self._notes = await find_personal(connection, attempt.programme, self.registration)

    def run(self, attempt: Attempt) -> Answer:
        """Note it in the log, and keep the name beside it."""
        found = ChangeRegistration.run(self, attempt)
        attempt.write(personal_row(attempt.programme, self.registration, self.sales_owner, self._notes))
        return found


@dataclass(kw_only=True)
class SetShares(ChangeRegistration):
    """Agree how a win would be shared; every partner named must be in the programme."""

    command: AgreeShares

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The account and the partners of the shares."""
        yield from ChangeRegistration.needs(self, known)
        yield from (partner_key(share.partner) for share in self.command.shares)

    def command_now(self, attempt: Attempt) -> RegistrationCommand:
        """The command with the partners as they stand."""
        return replace(self.command, sharing=tuple(partner_of(attempt, s.partner) for s in self.command.shares))


@dataclass(kw_only=True)
class LinkToDeal(ChangeRegistration):
    """Link the registration to a CRM deal; staff may take the deal from the registration that it leads to now."""

    command: LinkDeal

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The account, the deal, and the account that the deal leads to now."""
        yield from ChangeRegistration.needs(self, known)
        deal: StateKey = ("deal", self.command.deal.source, self.command.deal.id)
        yield deal
        linked = cast("KnownDeal | None", known(deal))
        if linked is not None and linked.account is not None:
            yield account_key(linked.account)

    def run(self, attempt: Attempt) -> Answer:
        """Unlink the deal where it was, with its facts, and link it here."""
        account = account_of_registration(attempt, self.registration, self.only_of)
        deal = self.command.deal
        facts: tuple[DealFact, ...] = ()
        known = known_deal(attempt, deal)
        elsewhere = known is not None and known.registration not in (None, self.registration)
        if known is not None and elsewhere and self.command.by_staff:
            facts = _taken_from(attempt, known, deal, self.token)
        ids = () if known is None else ids_of(deal, known)
        draft = draft_of(attempt, account, f"{self.token}b")
        command = replace(self.command, linked_elsewhere=elsewhere, facts=facts, one_deal=ids)
        decide(draft, self.registration, command)
        store(attempt, draft)
        return answer(attempt, self.shown(draft))


def _taken_from(attempt: Attempt, known: KnownDeal, deal: DealRef, token: str) -> tuple[DealFact, ...]:
    """The facts of a deal that leaves the registration which it led to, under all the ids that it goes by."""
    assert known.registration is not None and known.account is not None
    draft = draft_of(attempt, known.account, f"{token}a")
    registration = draft.account.registrations[known.registration]
    if deal not in registration.leading_deals:
        return ()
    unlink_deal(draft, registration.id)
    store(attempt, draft)
    return taken_along(registration) if registration.merged_deals else registration.deal_facts


def registration_needs(registration: RegistrationId, known: Known) -> Iterable[StateKey]:
    """A registration's account, which is known once the look-up of the registration is."""
    yield ("registration", registration)
    account = cast("AccountId | None", known(("registration", registration)))
    if account is not None:
        yield account_key(account)


def account_of_registration(attempt: Attempt, registration: RegistrationId, only_of: PartnerId | None) -> AccountId:
    """The account of a registration that a request names; not found, too, when it is another partner's."""
    account = cast("AccountId | None", attempt.state(("registration", registration)))
    if account is not None:
        found = account_of(attempt, account)
        assert found is not None
        one = found.registrations[registration]
        if only_of in (None, one.partner) and not one.is_direct:
            return account
    raise Refusal("NOT_FOUND", f"There is no registration {registration}.")


def agreed(shares: Iterable[tuple[str, int]]) -> tuple[Share, ...]:
    """Shares as the rules know them."""
    return tuple(Share(partner=PartnerId(partner), basis_points=points) for partner, points in shares)
