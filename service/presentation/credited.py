"""Whose a win is, and why: who held what and when, who decided otherwise, and who was considered (rules §5)."""

from collections.abc import Mapping
from typing import Final

from domain.account.state import Account
from domain.calendar import instant_text
from domain.commission.credit import Credit
from domain.commission.finding import FoundBy, finding_of
from domain.ids import PartnerId, RegistrationId
from domain.programme.aggregate import Programme
from service.presentation.values import Document

BECAUSE: Final[Mapping[FoundBy, str]] = {
    "held_at_win": "its claim was first when the deal was won",
    "held_at_recording": "nobody was first when the deal was won, and its claim was when that was recorded",
    "held_last": "nobody was first when the deal was won, and its claim had been the last to be (credit_after_expiry)",
    "nobody_held": "nobody was ever first, and the deal leads to it (credit_after_expiry)",
}
"""What found whom a win is credited to, in words."""


def credited_document(
    account: Account, sold: RegistrationId, credit: Credit, programme: Programme, viewer: PartnerId | None
) -> Document:
    """Whose the win is: who held what and when. A partner reads of its own claims alone.

    `sold` is the registration whose deal was won, which need not be the credited one. The credited claim is whose it
    was when the deal was won, whoever acquired that partner since.
    """
    registrations = account.registrations.values()
    whose = {one.id: one.partner for one in registrations} | {credit.registration: credit.lead}
    shown = [
        one for one in registrations if viewer in (None, whose[one.id]) and set(one.products) & set(credit.products)
    ]
    named = {one.id for one in shown}
    return {
        "registration": credit.registration,
        "deal": None if credit.deal is None else {"source": credit.deal.source, "id": credit.deal.id},
        "won_on": credit.won_on.isoformat(),
        "because": _because(account, sold, credit, programme, viewer),
        "claims": [
            {
                "registration": one.id,
                "partner": whose[one.id],
                "position": one.place,
                "registered_at": instant_text(one.registered_at),
                "credited": one.id == credit.registration,
            }
            for one in sorted(shown, key=lambda one: one.place)
        ],
        "timeline": [
            {
                "product": product,
                "registration": holding.registration,
                "from": instant_text(holding.since),
                "until": None if holding.until is None else instant_text(holding.until),
                "ended_by": holding.ended_by,
            }
            for product in credit.products
            for holding in account.holdings.get(product, ())
            if holding.registration in named
            and viewer in (None, holding.partner, account.registrations[holding.registration].partner)
        ],
    }


def _because(
    account: Account, sold: RegistrationId, credit: Credit, programme: Programme, viewer: PartnerId | None
) -> str:
    if account.credit_moved.get(sold) == credit.registration:
        return _decision(account, {sold, credit.registration}, viewer)
    finding = finding_of(account, account.registrations[sold], programme)
    assert finding is not None, "what is credited was found"
    return BECAUSE[finding.found_by]


def _decision(account: Account, about: set[RegistrationId], viewer: PartnerId | None) -> str:
    """Who moved the credit: to staff with the case and its rule."""
    decided = [
        (case.decision.position, case)
        for case in account.cases.values()
        if case.decision is not None and about & {case.challenger, case.holder, case.decision.against}
    ]
    if viewer is not None or not decided:
        return "a person decided so"
    _, case = max(decided, key=lambda one: one[0])
    assert case.decision is not None
    return f"a person decided so in {case.id} ({case.decision.outcome}: {case.decision.rule})"
