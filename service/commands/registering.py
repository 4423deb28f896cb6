"""Registering a deal: finding the account that is meant, and asking for a place on it (rules §3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from random import getrandbits
from typing import cast

from domain.account.draft import Draft
from domain.account.passing_of_time import let_time_pass
from domain.account.priority import is_live_registration
from domain.changed import quickly_made
from domain.deal_registration.aggregate import RegisterDeal, register
from domain.deal_registration.events import Engagement
from domain.deal_registration.involvement import LeadOrigin, PartnerRole
from domain.ids import AccountId, DealRef, LeadId, PartnerId, Product, RegistrationId, Share
from domain.lead.origin import origin_from
from domain.matching import AccountFacts
from domain.money import Money
from domain.programme.aggregate import Programme
from service.attempt import Attempt
from service.commands.account_matching import Sought, account_meant, matching_needs, sought
from service.commands.involvement import require_partners_of_roles, roles_of
from service.commands.known_deals import ids_of, known_deal
from service.commands.leads import lead_of
from service.commands.on_account import (
    ON_AN_ACCOUNT,
    answer,
    draft_of,
    partner_of,
    programme_of,
    store,
)
from service.commands.sharing import partners_to_share
from service.host_time import host_now
from service.payloads.registration import AccountIn, RegistrationFields
from service.personal import personal_row
from service.presentation.registrations import registration_document
from service.presentation.values import Document
from service.public_suffix import registrable_domain
from service.states import PROGRAMME_KEY, account_key, lead_key, partner_key
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request to register asks for. `registration` and `fresh_account` are ids made for it, used once.

    `token` names the cases that it opens, and is none of theirs: whoever stands in a case learns no other party's id.
    """

    registration: RegistrationId
    fresh_account: AccountId
    token: str
    partner: PartnerId
    account: Sought
    segment: str | None
    stated_crm_id: str | None
    products: tuple[Product, ...]
    value: Money
    engagement: Engagement
    expected_close_on: date | None
    deal: DealRef | None
    shares: tuple[Share, ...]
    sales_owner: str | None
    notes: str | None
    lead: LeadId | None
    roles: tuple[PartnerRole, ...]
    by_partner: bool
    """Whether a partner's own key asks: then other partners stay as unknown to it as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Work):
    """A request to register, over the API."""

    actor: str
    wanted: Wanted
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book, the partners, the deal, and every account that a key leads to."""
        return needs_of(self.wanted, known)

    def run(self, attempt: Attempt) -> Answer:
        """Accept the registration at its place, or refuse it as a whole."""
        return answer(attempt, register_wanted(attempt, self.wanted), created=True)


def needs_of(wanted: Wanted, known: Known) -> Iterable[StateKey]:
    """The states that registering will read."""
    yield from ON_AN_ACCOUNT
    yield partner_key(wanted.partner)
    for share in wanted.shares:
        yield partner_key(share.partner)
    for role in wanted.roles:
        yield partner_key(role.partner)
    if wanted.lead is not None:
        yield lead_key(wanted.lead)
    if wanted.deal is not None:
        yield ("deal", wanted.deal.source, wanted.deal.id)
    yield from matching_needs(wanted.account, known)
    programme = cast("Programme", known(PROGRAMME_KEY))
    if any(version.terms.max_live_registrations for version in programme.terms):
        yield ("live", wanted.partner)


def register_wanted(attempt: Attempt, wanted: Wanted) -> Document:
    """Register, and give the registration as it stands with its receipt."""
    draft, command = drafted(attempt, wanted)
    register(draft, command)
    store(attempt, draft)
    if wanted.sales_owner is not None or wanted.notes is not None:
        attempt.write(personal_row(attempt.programme, wanted.registration, wanted.sales_owner, wanted.notes))
    registration = draft.account.registrations[wanted.registration]
    accepted = next(r for r in draft.events if r.position == registration.place)
    document = registration_document(draft.account, wanted.registration, draft.terms.terms)
    document["receipt"] = {"position": accepted.position, "hash": attempt.hash_of(accepted).hex()}
    return document


def drafted(attempt: Attempt, wanted: Wanted) -> tuple[Draft, RegisterDeal]:
    """The account that is meant, ready to be decided on, and the request as a command with all that it has to know."""
    partner = partner_of(attempt, wanted.partner)
    only_of = partner.id if wanted.by_partner else None
    sharing = partners_to_share(attempt, wanted.shares, only_of)
    require_partners_of_roles(attempt, wanted.roles, only_of)
    deal = wanted.deal
    known = None if deal is None else known_deal(attempt, deal)
    meant = account_meant(attempt, wanted.account)
    account = meant.account or wanted.fresh_account
    if meant.account is None:
        attempt.begin(account_key(account))
    command = RegisterDeal(
        registration=wanted.registration,
        partner=partner,
        sharing=sharing,
        facts=wanted.account.facts,
        segment=wanted.segment,
        stated_crm_id=wanted.stated_crm_id,
        keys=wanted.account.keys,
        products=wanted.products,
        value=wanted.value,
        engagement=wanted.engagement,
        expected_close_on=wanted.expected_close_on,
        deal=deal,
        deal_is_linked=known is not None and known.registration is not None,
        one_deal=() if deal is None or known is None else ids_of(deal, known),
        shares=wanted.shares,
        live_registrations=_live_registrations(attempt, partner.id, wanted.token),
        origin=_origin(attempt, wanted),
        roles=wanted.roles,
        name_keys=wanted.account.name_keys,
        duplicates=meant.duplicates,
        has_sales_owner=wanted.sales_owner is not None,
    )
    return draft_of(attempt, account, wanted.token), command


def _origin(attempt: Attempt, wanted: Wanted) -> LeadOrigin | None:
    """Where the registration comes from, when it answers a lead."""
    if wanted.lead is None:
        return None
    return origin_from(lead_of(attempt, wanted.lead), wanted.partner, wanted.account.facts)


def _live_registrations(attempt: Attempt, partner: PartnerId, token: str) -> int:
    """How many registrations of the partner live now (what has lapsed is not one); counted where terms limit them."""
    limit = programme_of(attempt).terms_at(attempt.now).terms.max_live_registrations
    if not limit:
        return 0
    live = cast("frozenset[tuple[RegistrationId, AccountId]]", attempt.state(("live", partner)))
    if len(live) < limit:
        return len(live)
    return sum(_is_live_now(attempt, registration, account, token) for registration, account in sorted(live))


def _is_live_now(attempt: Attempt, registration: RegistrationId, account: AccountId, token: str) -> bool:
    draft = draft_of(attempt, account, token)
    let_time_pass(draft)
    return is_live_registration(draft.account.registrations[registration])


def wanted_of(
    fields: RegistrationFields,
    *,
    partner: str,
    deal: DealRef | None,
    crm_ids_count: bool,
) -> Wanted:
    """What a request's fields ask for, with fresh ids and the keys by which the account is recognised.

    `crm_ids_count` is False for a partner's own key: then the CRM id is evidence only (rules §3, matching accounts).
    """
    account = fields.account
    source = "crm" if deal is None else deal.source
    token = fresh_token()
    return Wanted(
        registration=RegistrationId(f"reg_{token}"),
        fresh_account=AccountId(f"acc_{token}"),
        token=fresh_token(),
        partner=PartnerId(partner),
        account=sought(facts_of(account, source=source, crm_id_counts=crm_ids_count)),
        segment=account.segment,
        stated_crm_id=account.crm_id,
        products=tuple(Product(product) for product in fields.products),
        value=fields.value.money,
        engagement=fields.engagement,
        expected_close_on=fields.expected_close_on,
        deal=deal,
        shares=(
            (Share(partner=PartnerId(partner), basis_points=10_000),)
            if fields.shares is None
            else tuple(Share(partner=PartnerId(s.partner), basis_points=s.basis_points) for s in fields.shares)
        ),
        sales_owner=fields.sales_owner,
        notes=fields.notes,
        lead=None if fields.lead is None else LeadId(fields.lead),
        roles=roles_of(fields.roles),
        by_partner=not crm_ids_count,
    )


def facts_of(account: AccountIn, *, source: str, crm_id_counts: bool) -> AccountFacts:
    """What a request says about an account. The CRM id is qualified by its source, where it counts."""
    return AccountFacts(
        name=account.name,
        country=account.country,
        domain=None if account.domain is None else registrable_domain(account.domain),
        crm_id=f"{source}/{account.crm_id}" if crm_id_counts and account.crm_id is not None else None,
        site=account.site,
    )


def fresh_token() -> str:
    """A new name, unique in the database: the time (so that neighbours lie together) and 40 random bits."""
    return f"{host_now():014x}{getrandbits(40):010x}"
