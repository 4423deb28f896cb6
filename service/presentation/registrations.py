"""Registrations and queues as the HTTP contract shows them."""

from domain.account.approval import Awaited, approval_awaits, is_under_review
from domain.account.duplicates import doubts_the_account
from domain.account.priority import opportunities, protection, ranked, standing, status
from domain.account.state import Account, Case, Decision, Registration, Returned, Waiting
from domain.account.territory import question_about
from domain.calendar import instant_text
from domain.commission.credit import outcome_of
from domain.ids import CaseId, Instant, PartnerId, Product, RegistrationId
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms
from service.presentation.values import Document, instant_or_none, interval, money


def registration_document(
    account: Account, registration_id: RegistrationId, terms: Terms, viewer: PartnerId | None = None
) -> Document:
    """A registration as it stands on its account, to staff or to its partner (`viewer`).

    Says that somebody is ahead, never who; of a conflict decided as split a partner sees its own share.
    """
    registration = account.registrations[registration_id]
    standings = standing(account, registration_id)
    contested = [place.case for place in standings if place.case is not None]
    return {
        "id": registration.id,
        "partner": registration.partner,
        "status": status(registration),
        "account": _account(registration),
        "products": list(registration.products),
        "value": money(registration.deal_value),
        "expected_close_on": (
            None if registration.expected_close_on is None else registration.expected_close_on.isoformat()
        ),
        "engagement": registration.engagement,
        "deal": deal_document(registration),
        "shares": _shares(account, registration, viewer),
        "standing": [
            {
                "product": place.product,
                "rank": place.rank,
                "holder": place.is_holder,
                "conflict": place.case,
                "protection": interval(place.protection),
            }
            for place in standings
        ],
        "protection": interval(protection(registration)),
        "conflict": (
            contested[0] if contested else question_about(account, registration.id) or doubt_of(account, registration)
        ),
        "approval_awaits": awaited_document(account, registration, terms, viewer),
        "origin": _origin(registration),
        "returned": _returned(registration),
        "rejection": _rejection(registration),
        "asked_extension": _asked_extension(registration),
    }


def _account(registration: Registration) -> Document:
    """The end customer as it was registered."""
    facts = registration.facts
    return {
        "name": facts.name,
        "country": facts.country,
        "domain": facts.domain,
        "crm_id": registration.stated_crm_id,
        "site": facts.site,
        "segment": registration.segment,
    }


def awaited_document(
    account: Account, registration: Registration, terms: Terms, viewer: PartnerId | None
) -> list[Awaited]:
    """What has to come before a registration that is under review can be approved.

    That somebody else's registration brought the account into doubt is not for its partner.
    """
    if not is_under_review(registration):
        return []
    hidden = viewer is not None and doubt_of(account, registration) is None
    awaited = approval_awaits(account, registration, terms)
    return [one for one in awaited if not (hidden and one == "duplicate_case")]


def involvement_document(
    account: Account, registration_id: RegistrationId, programme: Programme, viewer: PartnerId | None
) -> Document:
    """Who has which part in the work and, of a won deal, who sourced and influenced it; to a partner its own part."""
    registration = account.registrations[registration_id]
    outcome = outcome_of(account, registration, programme)
    attributions = () if outcome is None else outcome.attributions
    return {
        "roles": [
            {"partner": role.partner, "role": role.role}
            for role in registration.roles
            if viewer in (None, role.partner)
        ],
        "attributions": [
            {"partner": one.partner, "how": one.how} for one in attributions if viewer in (None, one.partner)
        ],
    }


def _shares(account: Account, registration: Registration, viewer: PartnerId | None) -> list[Document]:
    return [
        {"partner": share.partner, "basis_points": share.basis_points}
        for share in registration.shares
        if viewer in (None, share.partner) or not _is_split(account, registration)
    ]


def _is_split(account: Account, registration: Registration) -> bool:
    """Whether its shares came from the decision of a conflict, whose parties were never told of each other."""
    decisions = (case.decision for case in account.cases.values() if case.decision is not None)
    return any(registration.id in decision.sharing for decision in decisions)


def _origin(registration: Registration) -> Document | None:
    """The lead that it was made from, and the partner that passed it on."""
    origin = registration.origin
    return None if origin is None else {"lead": origin.lead, "source": origin.source}


def _returned(registration: Registration) -> Document | None:
    """What the reviewer waits for, and until when."""
    for claim in registration.claims:
        stage = claim.stage
        if isinstance(stage, Returned):
            return {"reason": stage.reason, "fields": list(stage.fields), "until": instant_or_none(stage.until)}
    return None


def _asked_extension(registration: Registration) -> Document | None:
    """The extension that waits for a person."""
    asked = registration.asked_extension
    return None if asked is None else {"asked_at": instant_text(asked.asked_at), "evidence": asked.evidence}


def _rejection(registration: Registration) -> Document | None:
    """Why a reviewer said no."""
    found = registration.rejection
    return None if found is None else {"reason_code": found.code, "reason": found.reason}


def doubt_of(account: Account, registration: Registration) -> CaseId | None:
    """The case that keeps the registration under review, because its account may be another one's double."""
    for case in account.cases.values():
        if case.challenger == registration.id and doubts_the_account(case):
            return case.id
    return None


def deal_document(registration: Registration) -> Document | None:
    """The CRM deal that a registration is linked to."""
    deal = registration.deal
    return None if deal is None else {"source": deal.source, "id": deal.id}


def whose_claim(registration: Registration) -> Document:
    """Whose a claim is: a partner's registration, or the vendor's own deal."""
    direct = None
    if registration.deal is not None and registration.created_at is not None:
        direct = {
            "source": registration.deal.source,
            "id": registration.deal.id,
            "created_at": instant_text(registration.created_at),
        }
    return {
        "registration": registration.id,
        "partner": None if registration.is_direct else registration.partner,
        "direct_deal": direct,
    }


def priority_document(account: Account | None, product: Product, as_of: Instant) -> Document:
    """The queue of an account's product and everybody who held it, as of an instant (rules §3)."""
    queue: list[Document] = []
    timeline: list[Document] = []
    decisions: list[Document] = []
    if account is not None:
        queue = [
            _place(account, registration, product, opportunity)
            for opportunity in opportunities(account, product)
            for registration in ranked(account, product, opportunity)
        ]
        timeline = [
            {
                **whose_claim(account.registrations[holding.registration]),
                "partner": holding.partner or None,
                "opportunity": holding.opportunity,
                "from": instant_text(holding.since),
                "until": instant_or_none(holding.until),
                "ended_by": holding.ended_by,
            }
            for holding in account.holdings.get(product, ())
        ]
        decisions = [
            _decision(case, case.decision)
            for case in account.cases.values()
            if case.product == product and case.decision is not None
        ]
    return {
        "as_of": instant_text(as_of),
        "account": None if account is None else account.id,
        "product": product,
        "queue": queue,
        "timeline": timeline,
        "decisions": sorted(decisions, key=lambda decision: str(decision["decided_at"])),
        "existing_customer": account is not None and any(customer.buys(product) for customer in account.customers),
    }


def _place(account: Account, registration: Registration, product: Product, opportunity: int) -> Document:
    place = next(s for s in standing(account, registration.id) if s.product == product)
    stage = registration.claim_on(product).stage
    return {
        "rank": place.rank,
        **whose_claim(registration),
        "opportunity": opportunity,
        "status": status(registration),
        "protection": interval(place.protection),
        "co_sells_with": stage.beside if isinstance(stage, Waiting) else None,
    }


def _decision(case: Case, decision: Decision) -> Document:
    return {
        "case": case.id,
        "decided_at": instant_text(decision.decided_at),
        "outcome": decision.outcome,
        "rule": decision.rule,
        "overrides_priority": decision.overrides_priority,
        "challenger": case.challenger,
        "against": decision.against,
    }
