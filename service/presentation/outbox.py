"""The notices of the outbox as the HTTP contract shows them."""

from domain.calendar import instant_text
from domain.notice import Notice
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
        "share_proposal": notice.share_proposal,
        "basis_points": notice.basis_points,
        "lead": notice.lead,
        "awaited": notice.awaited,
        "what": _in_words(notice),
    }


def _in_words(notice: Notice) -> str:
    products = ", ".join(notice.products)
    claim = f"{products} at {notice.account_name}" if products else notice.account_name
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
        "case_overdue": f"The conflict case about {claim} was to be {notice.awaited} by {instant_text(notice.at)}.",
        "shares_proposed": f"Shares in {claim} are proposed, to be answered by {until}.",
        "shares_declined": f"The proposed shares in {claim} were declined.",
        "share_proposal_closed": f"The proposed shares in {claim} are open no longer.",
        "share_proposal_expired": f"The proposed shares in {claim} were not answered by everybody in time.",
        "shares_agreed": f"The shares in {claim} are agreed.",
        "lead_offered": f"A lead is offered: {claim}, to be answered by {until}.",
        "lead_accepted": f"The lead was accepted: {claim}.",
        "lead_declined": f"The lead was declined: {claim}.",
        "lead_withdrawn": f"The lead was taken back: {claim}.",
        "lead_expired": f"The lead was not answered in time: {claim}.",
        "lead_transferred": f"The lead is yours now, with the partner that you acquired: {claim}.",
        "case_message": f"A message in the conflict case about {claim}.",
    }
    return sentences[notice.kind]
