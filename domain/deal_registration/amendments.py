"""What may change on a living registration: how a win is shared, which CRM deal it is for."""

from collections.abc import Sequence

from domain.account.draft import Draft
from domain.account.priority import status
from domain.account.state import Registration
from domain.deal_registration import deal
from domain.deal_registration.commands import AgreeShares, LinkDeal, StateRoles
from domain.deal_registration.eligibility import refuse_bad_shares
from domain.deal_registration.events import (
    DealLinked,
    DealUnlinked,
    RolesStated,
    SharesAgreed,
)
from domain.deal_registration.involvement import refuse_bad_roles
from domain.deal_registration.merge_events import DealsMerged
from domain.deal_registration.policies import deal_already_linked, inactive_in_the_shares
from domain.deal_registration.review import wrong_state
from domain.partner.aggregate import Partner
from domain.refusal import Refusal


def agree_shares(draft: Draft, registration: Registration, command: AgreeShares) -> None:
    """Agree how a win would be shared; not after a win that ended the registration's queue (rules §5)."""
    refuse_bad_shares(command.shares, registration.partner)
    refuse_unless_open_to_shares(registration, command.sharing)
    if command.shares != registration.shares:
        draft.add(SharesAgreed(registration=registration.id, account=draft.account.id, shares=command.shares))


def state_roles(draft: Draft, registration: Registration, command: StateRoles) -> None:
    """State who has which part in the work; what was stated up to the win counts, as with shares (rules §5)."""
    refuse_bad_roles(command.roles)
    refuse_if_won(registration)
    if command.roles != registration.roles:
        draft.add(RolesStated(registration=registration.id, account=draft.account.id, roles=command.roles))


def refuse_unless_open_to_shares(registration: Registration, sharing: Sequence[Partner]) -> None:
    """Shares are agreed among active partners, on a living registration, before the win (rules §5)."""
    refuse_if_won(registration)
    now = status(registration)
    if now not in ("under_review", "returned", "waiting", "approved"):
        raise wrong_state(registration, "shared")
    for partner in sharing:
        if not partner.is_active:
            raise inactive_in_the_shares(partner.id)


def refuse_if_won(registration: Registration) -> None:
    """After a win that ended the registration's queue its shares stay as they are (rules §5)."""
    if status(registration) == "won" or any(claim.settled_by for claim in registration.claims):
        raise Refusal("ALREADY_WON", "The deal is won; its shares and roles are as they were at the win.")


def link(draft: Draft, registration: Registration, command: LinkDeal) -> None:
    """Link the registration to a CRM deal; again is for staff, and only while no facts are recorded (rules §5)."""
    if registration.deal == command.deal and not registration.led_elsewhere:
        return
    if not command.by_staff and (registration.deal is not None or command.linked_elsewhere):
        raise deal_already_linked()
    if registration.deal is not None and registration.deal_facts:
        raise Refusal("WRONG_STATE", "Facts of the deal that is linked now are recorded; it cannot be exchanged.")
    stated = deal.stated_value(command.facts)
    deal.refuse_other_currency(registration.value if stated is None else stated, command.facts)
    name, account = registration.id, draft.account.id
    if registration.deal is not None and not registration.led_elsewhere:
        merged = registration.merged_deals
        draft.add(DealUnlinked(registration=name, account=account, deal=registration.deal, deals=merged))
    draft.add(DealLinked(registration=name, account=account, deal=command.deal, facts=command.facts))
    if command.one_deal:
        draft.add(DealsMerged(registration=name, account=account, deals=command.one_deal, facts=()))
