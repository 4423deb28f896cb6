"""What time alone changes on an account: claims end, returns lapse, the next in line is promoted, payments are missed,
cases that nobody worked on in time are escalated.

Expiry is a comparison of instants whenever somebody asks or decides; writing it down only tells people (rules §2).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.account.approval import is_free_to_be_approved
from domain.account.case_deadlines import AWAITED, escalates_at
from domain.account.draft import Draft
from domain.account.sales import has_settled
from domain.account.state import Account, Case, Claim, Protected, Registration, Returned, Waiting
from domain.account.transfers import in_these_hands_since
from domain.calendar import add_days
from domain.changed import quickly_made
from domain.conflict_case.events import CaseEscalated
from domain.deal_registration import deal
from domain.deal_registration.events import ClaimEnded, PaymentAwaited, ProtectionExpired, RegistrationPromoted
from domain.deal_registration.protection_events import ReturnLapsed
from domain.deal_registration.share_events import ShareProposalExpired
from domain.deal_registration.share_proposal import ShareProposal
from domain.ids import CaseId, Instant, Position, Product, RegistrationId, ShareProposalId

_NO_PRODUCT = Product("")
_A_CASE = Product(" ")
"""In place of a product, so that what falls due at one instant has an order."""


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Due:
    """A claim that ends at an instant by itself, a proposal of shares, a payment (`unpaid`), or a case's late step."""

    at: Instant
    place: Position
    product: Product
    registration: RegistrationId
    leaves: bool
    proposal: ShareProposalId | None = None
    unpaid: bool = False
    case: CaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Vacancy:
    """A product that nobody holds, and when the first waiting claim of an active partner becomes its holder."""

    at: Instant
    product: Product
    registration: RegistrationId


def next_due(account: Account) -> Due | None:
    """The earliest thing that time alone changes (and has not been written yet)."""
    return min(_dues(account), default=None)


def _dues(account: Account) -> Iterator[Due]:
    for product in account.order:
        for registration, claim in account.queue(product):
            due = _due(registration, claim)
            if due is not None:
                yield due
    for proposal in account.share_proposals.values():
        if proposal.is_open:
            yield _answers_due(account.registrations[proposal.registration], proposal)
    for registration in account.registrations.values():
        unpaid_at = awaits_payment(registration)
        if unpaid_at is not None and unpaid_at not in registration.payment_awaited:
            yield Due(
                at=unpaid_at,
                place=registration.place,
                product=registration.products[0],
                registration=registration.id,
                leaves=False,
                unpaid=True,
            )
    for case in account.cases.values():
        at = escalates_at(account, case)
        if at is not None:
            yield _step_due(account.registrations[case.challenger], case, at)


def awaits_payment(registration: Registration) -> Instant | None:
    """From when the credit of a won deal that is not paid in full is withheld; None where no payment is waited for."""
    if not registration.deal_facts or not has_settled(registration):
        return None
    sale = deal.sale_of(registration.deal_facts)
    if sale is None or sale.unpaid_at is None:
        return None
    value = deal.value_less_refunds(registration.deal_value, registration.deal_facts)
    return None if deal.is_paid(registration.deal_facts, value) else sale.unpaid_at


def _due(registration: Registration, claim: Claim) -> Due | None:
    stage, leaves_at = claim.stage, registration.leaves_at
    until = stage.until if isinstance(stage, (Protected, Returned)) else None
    if isinstance(stage, Protected) and not registration.leaves_for_fraud:
        leaves_at = None
    leaves = until is None or (leaves_at is not None and leaves_at < until)
    end = leaves_at if leaves else until
    if end is None:
        return None
    return Due(
        at=max(end, claim.live_since),
        place=registration.place,
        product=claim.product,
        registration=registration.id,
        leaves=leaves,
    )


def _answers_due(registration: Registration, proposal: ShareProposal) -> Due:
    return Due(
        at=proposal.expires_at,
        place=registration.place,
        product=_NO_PRODUCT,
        registration=registration.id,
        leaves=False,
        proposal=proposal.id,
    )


def _step_due(registration: Registration, case: Case, at: Instant) -> Due:
    return Due(
        at=at, place=registration.place, product=_A_CASE, registration=registration.id, leaves=False, case=case.id
    )


def let_time_pass(draft: Draft, until: Instant | None = None) -> None:
    """Write all that fell due up to now (or an earlier instant), in order of instant (rules §3.6).

    A vacancy is filled at its instant, or when the first partner that waits for it is active again.
    """
    end = draft.now if until is None else until
    while draft.account.registrations:
        due, vacancy = next_due(draft.account), _next_vacancy(draft)
        if vacancy is not None and vacancy.at <= end and (due is None or vacancy.at <= due.at):
            _promote(draft, vacancy)
        elif due is not None and due.at <= end:
            _end(draft, due)
        else:
            return


def _end(draft: Draft, due: Due) -> None:
    account, registration = draft.account.id, draft.account.registrations[due.registration]
    if due.proposal is not None:
        draft.add(
            ShareProposalExpired(registration=due.registration, account=account, proposal=due.proposal, at=due.at)
        )
    elif due.unpaid:
        draft.add(PaymentAwaited(registration=due.registration, account=account, at=due.at))
    elif due.case is not None:
        awaited = AWAITED[draft.account.cases[due.case].status]
        draft.add(CaseEscalated(case=due.case, account=account, awaited=awaited, due_at=due.at))
    elif due.leaves:
        draft.add(
            ClaimEnded(
                registration=due.registration,
                account=account,
                product=due.product,
                at=due.at,
                fraud=registration.leaves_for_fraud,
            )
        )
    elif isinstance(registration.claim_on(due.product).stage, Returned):
        draft.add(ReturnLapsed(registration=due.registration, account=account, product=due.product, at=due.at))
    else:
        draft.add(ProtectionExpired(registration=due.registration, account=account, product=due.product, at=due.at))


def _promote(draft: Draft, vacancy: Vacancy) -> None:
    terms = draft.programme.terms_at(vacancy.at)
    until = add_days(vacancy.at, terms.terms.protection_days, draft.programme.zone)
    registration = draft.account.registrations[vacancy.registration]
    may_be_approved = terms.terms.approval == "automatic" and not registration.is_direct
    by_itself = may_be_approved and is_free_to_be_approved(draft.account, registration, terms.terms)
    draft.add(
        RegistrationPromoted(
            registration=vacancy.registration,
            account=draft.account.id,
            product=vacancy.product,
            at=vacancy.at,
            protected_until=until if by_itself else None,
            terms_version=terms.version,
        )
    )


def _next_vacancy(draft: Draft) -> Vacancy | None:
    return min([vacancy for product in draft.account.order for vacancy in _vacancies(draft, product)], default=None)


def _vacancies(draft: Draft, product: Product) -> Iterator[Vacancy]:
    """Who becomes the holder of what nobody holds: whoever is active first; at one instant, the first in line."""
    held: set[int] = set()
    waiting: dict[int, list[tuple[Registration, Claim]]] = {}
    for registration, claim in draft.account.queue(product):
        if isinstance(claim.stage, Waiting):
            waiting.setdefault(claim.opportunity, []).append((registration, claim))
        else:
            held.add(claim.opportunity)
    for opportunity, in_line in waiting.items():
        vacancy = None if opportunity in held else _vacancy(draft, product, opportunity, in_line)
        if vacancy is not None:
            yield vacancy


def _vacancy(
    draft: Draft, product: Product, opportunity: int, in_line: list[tuple[Registration, Claim]]
) -> Vacancy | None:
    held = [holding for holding in draft.account.holdings[product] if holding.opportunity == opportunity]
    vacant_since = held[-1].until
    assert vacant_since is not None
    first: Vacancy | None = None
    for registration, claim in in_line:
        since = max(vacant_since, claim.live_since, in_these_hands_since(registration))
        at = _active_from(draft, registration, since)
        if at is not None and (first is None or at < first.at):
            first = Vacancy(at=at, product=product, registration=registration.id)
    return first


def _active_from(draft: Draft, registration: Registration, instant: Instant) -> Instant | None:
    """When a waiting claim could become the holder; the vendor's own can at any time."""
    if registration.is_direct:
        return instant
    return draft.partners[registration.partner].active_from(instant)
