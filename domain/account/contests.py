"""Which conflict cases an account needs: each clash has one, and none outlives its clash (rules §3.4, §3.6, §4)."""

from collections.abc import Iterator

from domain.account import duplicates, merged_deals, territory
from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.priority import whoever_is_ahead
from domain.account.state import Case, Ended, Registration, Waiting, is_live
from domain.commission.credit import reviews_of
from domain.commission.finding import Review
from domain.conflict_case.events import CaseBecameMoot, CaseIdentified, CaseKind, MootReason
from domain.ids import PartnerId, Product

_SECOND = 1_000_000
_WITHOUT_A_CASE = Waiting(case=None)


def keep_cases_true(draft: Draft) -> None:
    """Close what became moot and open what is missing, after anything that happened on the account."""
    for challenger, lead, of_product in list(merged_deals.contested(draft.account)):
        _open_contest(draft, challenger, lead, of_product, "merged_deals")
    for case in list(draft.account.cases.values()):
        because = _moot_because(draft, case)
        if because is not None:
            draft.add(CaseBecameMoot(case=case.id, account=draft.account.id, because=because))
    for challenger, holder, product in list(_uncontested(draft)):
        kind: CaseKind = "direct_deal" if challenger.is_direct or holder.is_direct else "same_account"
        _open_contest(draft, challenger, holder, product, kind)
    for review in list(_missing_reviews(draft)):
        _open_review(draft, review)


def _moot_because(draft: Draft, case: Case) -> MootReason | None:
    if not case.is_undecided:
        return None
    account = draft.account
    if case.kind == "territory":
        return territory.moot_because(account, case)
    if case.kind == "possible_duplicate":
        return duplicates.moot_because(account, case)
    if case.kind == "merged_deals" and case.product is None:
        return merged_deals.moot_because(account, case)
    challenger = account.registrations[case.challenger]
    if case.product is None:
        wanted = reviews_of(account, challenger, draft.programme)
        still = any(r.kind == case.kind and r.because == case.because for r in wanted)
        return None if still else "no_longer_so"
    claim = challenger.claim_on(case.product)
    if isinstance(claim.stage, Ended):
        return "challenger_ended"
    if claim.stage != Waiting(case=case.id):
        return "holder_ended"
    ahead = whoever_is_ahead(account, challenger, case.product)
    return "same_partner" if ahead is not None and ahead.partner == challenger.partner else None


def _uncontested(draft: Draft) -> Iterator[tuple[Registration, Registration, Product]]:
    """Whoever waits behind another partner without a case, in a living queue or in one that a win ended."""
    account = draft.account
    for product, order in account.order.items():
        for registration_id in order:
            registration = account.registrations[registration_id]
            stage = registration.claim_on(product).stage
            if isinstance(stage, Waiting) and stage == _WITHOUT_A_CASE:
                ahead = whoever_is_ahead(account, registration, product)
                if ahead is not None and not _are_of_one_company(draft, registration, ahead, product):
                    yield registration, ahead, product


def _are_of_one_company(draft: Draft, waiting: Registration, ahead: Registration, product: Product) -> bool:
    """Whether both are one partner's, or a win has settled them for partners of which one was bought by the other.

    What is alive is with the buyer already (decision 0009).
    """
    if waiting.partner == ahead.partner:
        return True
    if waiting.is_direct or ahead.is_direct or is_live(waiting.claim_on(product)):
        return False
    return _company(draft, waiting.partner) == _company(draft, ahead.partner)


def _company(draft: Draft, partner: PartnerId) -> PartnerId:
    """The partner, or whoever has bought it since. A bought partner buys nobody, so that this ends."""
    while (buyer := draft.partners[partner].acquired_by) is not None:
        partner = buyer
    return partner


def _open_contest(
    draft: Draft, challenger: Registration, holder: Registration, product: Product | None, kind: CaseKind
) -> None:
    terms = draft.terms
    apart = abs(challenger.registered_at - holder.registered_at)
    draft.add(
        CaseIdentified(
            case=draft.next_case_id(),
            account=draft.account.id,
            kind=kind,
            challenger=challenger.id,
            holder=holder.id,
            product=product,
            because=None,
            near_simultaneous=apart <= terms.terms.near_simultaneous_seconds * _SECOND,
            terms_version=terms.version,
            next_due_at=due_after(terms.terms, draft.now, "identified"),
        )
    )


def _missing_reviews(draft: Draft) -> Iterator[Review]:
    account = draft.account
    for registration in account.registrations.values():
        if not registration.deal_facts:
            continue
        for review in reviews_of(account, registration, draft.programme):
            known = any(
                case.kind == review.kind
                and case.challenger == review.registration
                and case.because == review.because
                and case.status != "moot"
                for case in account.cases.values()
            )
            if not known:
                yield review


def _open_review(draft: Draft, review: Review) -> None:
    draft.add(
        CaseIdentified(
            case=draft.next_case_id(),
            account=draft.account.id,
            kind=review.kind,
            challenger=review.registration,
            holder=review.holder,
            product=None,
            because=review.because,
            near_simultaneous=False,
            terms_version=draft.terms.version,
            next_due_at=due_after(draft.terms.terms, draft.now, "identified"),
        )
    )
