"""A registration's commands and what they cause on its account (rules §3).

State and fold are the account's (`domain/account/`): who is first is decided among all claims of an account. Each
decision here first lets time pass, so that what fell due is written before what happens now.
"""

from domain.account import territory
from domain.account.approval import ask_for_sales_owners
from domain.account.contests import keep_cases_true
from domain.account.draft import Draft
from domain.account.duplicates import ask_about
from domain.account.merged_deals import pass_on
from domain.account.passing_of_time import let_time_pass
from domain.account.priority import is_live_registration
from domain.account.state import Account, Ended
from domain.calendar import local_date
from domain.deal_registration import amendments, extensions, policies, review, sharing, transfer
from domain.deal_registration.application import Application
from domain.deal_registration.commands import (
    AcceptShares,
    AgreeShares,
    ApproveRegistration,
    DeclineExtension,
    DeclineShares,
    ExtendProtection,
    ExtensionCommand,
    GrantExtension,
    LinkDeal,
    NameSalesOwner,
    ProposeShares,
    RegisterDeal,
    RegistrationCommand,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    ReviewCommand,
    StateRoles,
    WithdrawRegistration,
)
from domain.deal_registration.eligibility import refuse_bad_shares, refuse_if_not_eligible
from domain.deal_registration.events import DealRegistered, DealUnlinked, PartnerLeaves
from domain.deal_registration.involvement import refuse_bad_roles
from domain.deal_registration.merge_events import DealsMerged
from domain.ids import Instant, PartnerId, RegistrationId
from domain.programme.terms import refuse_unknown_products

__all__ = [
    "AcceptShares",
    "AgreeShares",
    "ApproveRegistration",
    "DeclineExtension",
    "DeclineShares",
    "ExtendProtection",
    "GrantExtension",
    "LinkDeal",
    "NameSalesOwner",
    "ProposeShares",
    "RegisterDeal",
    "RegistrationCommand",
    "RejectRegistration",
    "ResubmitRegistration",
    "ReturnRegistration",
    "StateRoles",
    "WithdrawRegistration",
    "catch_up",
    "decide",
    "note_leavers",
    "partner_acquired",
    "partner_leaves",
    "register",
    "unlink_deal",
]

# decide


def register(draft: Draft, command: RegisterDeal) -> None:
    """Accept a complete, eligible registration at its place, or refuse it as a whole (rules §3.1 to §3.5)."""
    let_time_pass(draft)
    terms = draft.terms
    application = application_of(draft, command)
    refuse_if_not_eligible(application)
    draft.add(
        DealRegistered(
            registration=command.registration,
            account=draft.account.id,
            partner=command.partner.id,
            facts=command.facts,
            stated_crm_id=command.stated_crm_id,
            keys=command.keys,
            products=command.products,
            value=command.value,
            engagement=command.engagement,
            expected_close_on=command.expected_close_on,
            deal=command.deal,
            shares=command.shares,
            registered_on=application.today,
            terms_version=terms.version,
            segment=command.segment,
            origin=command.origin,
            roles=command.roles,
            name_keys=command.name_keys,
            has_sales_owner=command.has_sales_owner,
        )
    )
    if command.one_deal:
        name, account = command.registration, draft.account.id
        draft.add(DealsMerged(registration=name, account=account, deals=command.one_deal, facts=()))
    if policies.is_outside_the_territory(application):
        territory.ask_about(draft, command.registration)
    ask_about(draft, command.registration, command.duplicates)
    review.approve_if_free(draft, command.registration)
    catch_up(draft)


def application_of(draft: Draft, command: RegisterDeal) -> Application:
    """What the policies look at; refuses what no programme could judge: unknown products, shares that do not add up."""
    terms = draft.terms
    refuse_unknown_products(command.products, terms.terms.products)
    refuse_bad_shares(command.shares, command.partner.id)
    refuse_bad_roles(command.roles)
    today = local_date(draft.now, draft.programme.zone)
    return Application(
        partner=command.partner,
        sharing=command.sharing,
        agreement=command.partner.agreement_on(today),
        account=draft.account,
        facts=command.facts,
        segment=command.segment,
        products=command.products,
        value=command.value,
        engagement=command.engagement,
        deal_is_linked=command.deal_is_linked,
        live_registrations=command.live_registrations,
        now=draft.now,
        today=today,
        programme=draft.programme,
        terms=terms.terms,
    )


def decide(draft: Draft, registration_id: RegistrationId, command: RegistrationCommand) -> None:
    """Carry out a command on a registration; refuses what its state does not allow, and does nothing twice."""
    let_time_pass(draft)
    before = draft.account
    registration = before.registrations[registration_id]
    if isinstance(command, ReviewCommand):
        review.decide(draft, registration, command)
    elif isinstance(command, ExtensionCommand):
        extensions.decide(draft, registration, command)
    elif isinstance(command, AgreeShares):
        amendments.agree_shares(draft, registration, command)
    elif isinstance(command, ProposeShares):
        sharing.propose(draft, registration, command)
    elif isinstance(command, AcceptShares):
        sharing.accept(draft, registration, command)
    elif isinstance(command, DeclineShares):
        sharing.decline(draft, command)
    elif isinstance(command, StateRoles):
        amendments.state_roles(draft, registration, command)
    else:
        amendments.link(draft, registration, command)
    note_leavers(draft, before)
    catch_up(draft)


def unlink_deal(draft: Draft, registration_id: RegistrationId) -> None:
    """Staff took the registration's deal away to another registration, under all the ids that it goes by."""
    let_time_pass(draft)
    before = draft.account
    registration = before.registrations[registration_id]
    assert registration.deal is not None
    deal, deals = registration.deal, registration.merged_deals
    draft.add(DealUnlinked(registration=registration_id, account=before.id, deal=deal, deals=deals))
    note_leavers(draft, before)
    catch_up(draft)


def partner_leaves(draft: Draft, partner: PartnerId, ends_at: Instant, *, fraud: bool) -> None:
    """The partner is terminated: note on each of its registrations that is not over when its claims end (rules §8)."""
    let_time_pass(draft)
    for registration in list(draft.account.registrations.values()):
        if registration.partner == partner and not all(isinstance(c.stage, Ended) for c in registration.claims):
            _note_leaving(draft, registration.id, ends_at, fraud=fraud)
    catch_up(draft)


def partner_acquired(draft: Draft, partner: PartnerId) -> None:
    """The partner is bought by another one: whatever is alive here and names it is the buyer's from now on."""
    let_time_pass(draft)
    transfer.hand_over_account(draft, partner)
    catch_up(draft)


def note_leavers(draft: Draft, before: Account) -> None:
    """What came back to life on a partner that left meanwhile ends as its other claims did, or is its acquirer's."""
    for registration in list(draft.account.registrations.values()):
        was_live = is_live_registration(before.registrations[registration.id])
        if was_live or registration.is_direct or not is_live_registration(registration):
            continue
        transfer.hand_over(draft, registration.id)
        termination = draft.partners[draft.account.registrations[registration.id].partner].termination
        if termination is not None and registration.leaves_at is None:
            _note_leaving(draft, registration.id, termination.ends_at, fraud=termination.cause == "fraud")


def _note_leaving(draft: Draft, registration: RegistrationId, ends_at: Instant, *, fraud: bool) -> None:
    draft.add(PartnerLeaves(registration=registration, account=draft.account.id, ends_at=ends_at, fraud=fraud))


def catch_up(draft: Draft, until: Instant | None = None) -> None:
    """Write what fell due up to now (or an earlier instant), and see that each clash has its case; nothing else."""
    let_time_pass(draft, until)
    _pass_deals_on(draft, until)
    ask_for_sales_owners(draft)
    keep_cases_true(draft)


def _pass_deals_on(draft: Draft, until: Instant | None) -> None:
    """Let merged deals lead to the first of their registrations, until nothing that follows from it is left to do."""
    while True:
        before = draft.account
        pass_on(draft)
        if draft.account is before:
            return
        note_leavers(draft, before)
        let_time_pass(draft, until)
