"""The notices of the outbox as the HTTP contract shows them."""

from domain.account.notices import Notice
from domain.calendar import instant_text
from projections.outbox import Posted
from service.presentation.values import Document, instant_or_none


def posted_document(posted: Posted) -> Document:
    """A notice with its place in the outbox and a sentence for its reader."""
    notice = posted.notice
    return {
        "id": f"{posted.position}-{posted.number}",
        "position": posted.position,
        "recorded_at": instant_text(posted.recorded_at),
        "kind": notice.kind,
        "partner": notice.partner,
        "registration": notice.registration,
        "account": notice.account_name,
        "products": list(notice.products),
        "at": instant_text(notice.at),
        "until": instant_or_none(notice.until),
        "days_left": notice.days_left,
        "conflict": notice.case,
        "outcome": notice.outcome,
        "fields": list(notice.fields),
        "reason_code": notice.reason_code,
        "text": notice.text,
        "what": _in_words(notice),
    }


def _in_words(notice: Notice) -> str:
    claim = f"{', '.join(notice.products)} at {notice.account_name}"
    until = instant_or_none(notice.until)
    left = "1 day" if notice.days_left == 1 else f"{notice.days_left} days"
    sentences = {
        "approved": f"Approved: {claim} is protected until {until}.",
        "sales_owner_awaited": f"A sales owner has to be named before {claim} is approved.",
        "transferred": f"{claim} is yours now, as it stood with the partner that you acquired"
        + ("." if until is None else f"; protected until {until}."),
        "first_in_line": f"First in line for {claim}"
        + (", to be approved by a reviewer." if until is None else f", protected until {until}."),
        "returned": f"Returned: {claim}; to be changed: {', '.join(notice.fields)}"
        + ("." if until is None else f", until {until}."),
        "return_lapsed": f"The claim on {claim} ended, because the return was not answered in time.",
        "rejected": f"Rejected: {claim}.",
        "protection_ends_soon": f"The protection of {claim} ends in {left}, at {until}.",
        "protection_ended": f"The protection of {claim} has ended.",
        "claim_ended": f"The claim on {claim} has ended with the partnership.",
        "extension_granted": f"Extension granted: {claim} is protected until {until}.",
        "extension_declined": f"The extension for {claim} was declined.",
        "case_opened": f"A conflict case about {claim} was opened.",
        "case_decided": f"The conflict case about {claim} was decided: {notice.outcome}.",
        "case_message": f"A message in the conflict case about {claim}.",
    }
    return sentences[notice.kind]
