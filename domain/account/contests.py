"""Which conflict cases an account needs: each clash has one, and none outlives its clash (rules §3.4, §3.6, §4)."""

from collections.abc import Iterator

from domain.account.draft import Draft
from domain.account.state import Account, Case, Registration, Waiting, is_live
from domain.commission.credit import Review, reviews_of
from domain.conflict_case.events import CaseBecameMoot, CaseIdentified, MootReason
from domain.deal_registration.deal import was_ever_won
from domain.ids import Product

_SECOND = 1_000_000


def keep_cases_true(draft: Draft) -> None:
    """Close what became moot and open what is missing, after anything that happened on the account."""
    for case in list(draft.account.cases.values()):
        because = _moot_because(draft, case)
        if because is not None:
            draft.add(CaseBecameMoot(case=case.id, account=draft.account.id, because=because))
    for registration, product in list(_uncontested(draft.account)):
        _open_contest(draft, registration, product)
    for review in list(_missing_reviews(draft)):
        _open_review(draft, review)


def _moot_because(draft: Draft, case: Case) -> MootReason | None:
    if not case.is_undecided:
        return None
    account = draft.account
    if case.kind != "same_account":
        wanted = _reviews(draft, account.registrations[case.challenger])
        still = any(r.kind == case.kind and r.because == case.because for r in wanted)
        return None if still else "no_longer_so"
    assert case.product is not None
    claim = account.registrations[case.challenger].claim_on(case.product)
    if claim.settled_by is not None or (isinstance(claim.stage, Waiting) and claim.stage.case == case.id):
        return None
    return "holder_ended" if is_live(claim) else "challenger_ended"


def _uncontested(account: Account) -> Iterator[tuple[Registration, Product]]:
    for product in account.order:
        if account.holder(product) is None:
            continue
        for registration, claim in account.queue(product):
            if isinstance(claim.stage, Waiting) and claim.stage.case is None:
                yield registration, product


def _open_contest(draft: Draft, challenger: Registration, product: Product) -> None:
    found = draft.account.holder(product)
    assert found is not None
    holder = found[0]
    terms = draft.terms
    apart = abs(challenger.registered_at - holder.registered_at)
    draft.add(
        CaseIdentified(
            case=draft.next_case_id(),
            account=draft.account.id,
            kind="same_account",
            challenger=challenger.id,
            holder=holder.id,
            product=product,
            because=None,
            near_simultaneous=apart <= terms.terms.near_simultaneous_seconds * _SECOND,
            terms_version=terms.version,
        )
    )


def _reviews(draft: Draft, registration: Registration) -> tuple[Review, ...]:
    return reviews_of(draft.account, registration, draft.programme)


def _missing_reviews(draft: Draft) -> Iterator[Review]:
    account = draft.account
    for registration in account.registrations.values():
        if not was_ever_won(registration.deal_facts):
            continue
        for review in _reviews(draft, registration):
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
        )
    )
