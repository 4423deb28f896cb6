"""What reviewer and partner say about a registration: approved, rejected, returned, resubmitted, withdrawn."""

from collections.abc import Mapping
from typing import Final

from domain.account.approval import Awaited, approval_awaits, is_free_to_be_approved, lacks_sales_owner
from domain.account.draft import Draft
from domain.account.priority import status
from domain.account.state import Ended, Registration, Returned, UnderReview
from domain.calendar import add_days, local_date
from domain.deal_registration import deal
from domain.deal_registration.commands import (
    ApproveRegistration,
    NameSalesOwner,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    ReviewCommand,
    WithdrawRegistration,
)
from domain.deal_registration.events import (
    RegistrationApproved,
    RegistrationRejected,
    RegistrationResubmitted,
    RegistrationReturned,
    RegistrationWithdrawn,
)
from domain.deal_registration.policies import certification_missing
from domain.deal_registration.sales_owner_events import SalesOwnerNamed
from domain.ids import Product, RegistrationId
from domain.refusal import Refusal


def wrong_state(registration: Registration, wanted: str) -> Refusal:
    """The registration's state does not allow what is wanted."""
    return Refusal("WRONG_STATE", f"The registration is {status(registration)}, so it cannot be {wanted}.")


def _under_review(registration: Registration) -> tuple[Product, ...]:
    return tuple(claim.product for claim in registration.claims if isinstance(claim.stage, UnderReview))


def approve(draft: Draft, registration_id: RegistrationId, *, automatic: bool) -> None:
    """Protect every claim that is first and under review; nothing where there is none."""
    registration = draft.account.registrations[registration_id]
    under_review = _under_review(registration)
    if not under_review:
        return
    terms = draft.terms
    starts = draft.now if terms.terms.protection_starts == "approval" else registration.registered_at
    draft.add(
        RegistrationApproved(
            registration=registration.id,
            account=draft.account.id,
            products=under_review,
            protected_from=starts,
            protected_until=add_days(starts, terms.terms.protection_days, draft.programme.zone),
            automatic=automatic,
            terms_version=terms.version,
        )
    )


def release(draft: Draft) -> None:
    """A person has decided what kept registrations under review: what would have been approved by itself is now."""
    for registration in list(draft.account.registrations):
        approve_if_free(draft, registration)


def approve_if_free(draft: Draft, registration_id: RegistrationId) -> None:
    """Approve by itself, where the terms have it so and nothing has to come first."""
    registration, terms = draft.account.registrations[registration_id], draft.terms.terms
    if terms.approval == "automatic" and is_free_to_be_approved(draft.account, registration, terms):
        approve(draft, registration.id, automatic=True)


_TO_COME_FIRST: Final[Mapping[Awaited, tuple[str, str]]] = {
    "territory_case": ("WRONG_STATE", "A territory case asks whether the registration may stand; decide it first."),
    "duplicate_case": ("WRONG_STATE", "A possible_duplicate case asks whose account this is; decide it first."),
    "sales_owner": ("SALES_OWNER_MISSING", "A sales owner has to be named before the registration is approved."),
}


def decide(draft: Draft, registration: Registration, command: ReviewCommand) -> None:
    """Carry out what a reviewer or the partner says."""
    if isinstance(command, ApproveRegistration):
        _decide_approval(draft, registration)
    elif isinstance(command, RejectRegistration):
        _reject(draft, registration, command)
    elif isinstance(command, ReturnRegistration):
        _return_to_partner(draft, registration, command)
    elif isinstance(command, ResubmitRegistration):
        _resubmit(draft, registration, command)
    elif isinstance(command, NameSalesOwner):
        _name_sales_owner(draft, registration)
    else:
        _withdraw(draft, registration, command)


def _decide_approval(draft: Draft, registration: Registration) -> None:
    """Approve by hand; refused behind a live claim (situations), and where there is nothing to approve."""
    if _under_review(registration):
        awaited = next(approval_awaits(draft.account, registration, draft.terms.terms), None)
        if awaited is not None:
            raise Refusal(*_TO_COME_FIRST[awaited])
        approve(draft, registration.id, automatic=False)
        return
    now = status(registration)
    if now == "waiting":
        raise Refusal("NOT_FIRST", "Somebody is ahead on this account; a conflict decision can change that.")
    if now not in ("approved", "won"):
        raise wrong_state(registration, "approved")


def _reject(draft: Draft, registration: Registration, command: RejectRegistration) -> None:
    """Say no to what is not approved yet."""
    now = status(registration)
    if now == "rejected":
        return
    if now not in ("under_review", "returned", "waiting"):
        raise wrong_state(registration, "rejected")
    draft.add(
        RegistrationRejected(
            registration=registration.id, account=draft.account.id, reason=command.reason, code=command.code
        )
    )


def _return_to_partner(draft: Draft, registration: Registration, command: ReturnRegistration) -> None:
    """Ask the partner to change some fields; the place is kept for `return_days` (rules §3)."""
    if not _under_review(registration):
        raise wrong_state(registration, "returned")
    terms = draft.terms
    draft.add(
        RegistrationReturned(
            registration=registration.id,
            account=draft.account.id,
            reason=command.reason,
            fields=command.fields,
            keeps_until=add_days(draft.now, terms.terms.return_days, draft.programme.zone),
            terms_version=terms.version,
        )
    )


def _resubmit(draft: Draft, registration: Registration, command: ResubmitRegistration) -> None:
    """Answer a return, changing only what was asked for."""
    returned = [claim.stage for claim in registration.claims if isinstance(claim.stage, Returned)]
    if not returned and any(isinstance(c.stage, Ended) and c.stage.by == "return_lapsed" for c in registration.claims):
        raise Refusal("RETURN_LAPSED", "The time to answer is over and the place is gone; register again.")
    if not returned:
        raise wrong_state(registration, "resubmitted")
    closed = [name for name in command.changed if name not in returned[0].fields]
    if closed:
        raise Refusal(
            "WRONG_STATE", f"Only {', '.join(returned[0].fields)} may be changed now, not {', '.join(closed)}."
        )
    if command.engagement not in (None, registration.engagement):
        _refuse_uncertified(draft, registration, command)
    if command.value is not None and deal.stated_value(registration.deal_facts) is None:
        deal.refuse_other_currency(command.value, registration.deal_facts)
    draft.add(
        RegistrationResubmitted(
            registration=registration.id,
            account=draft.account.id,
            value=command.value,
            engagement=command.engagement,
            expected_close_on=command.expected_close_on,
        )
    )
    if command.names_sales_owner:
        _name_sales_owner(draft, draft.account.registrations[registration.id])


def _name_sales_owner(draft: Draft, registration: Registration) -> None:
    """Note that a sales owner is named; what waited for nothing else is approved, where that needs no person."""
    if registration.sales_owner == "named":
        return
    was_awaited = lacks_sales_owner(registration, draft.terms.terms)
    draft.add(SalesOwnerNamed(registration=registration.id, account=draft.account.id))
    if was_awaited:
        approve_if_free(draft, registration.id)


def _refuse_uncertified(draft: Draft, registration: Registration, command: ResubmitRegistration) -> None:
    """Another engagement asks for its own certifications."""
    assert command.engagement is not None
    partner, today = draft.partners[registration.partner], local_date(draft.now, draft.programme.zone)
    refusal = certification_missing(partner, command.engagement, today, draft.terms.terms)
    if refusal is not None:
        raise refusal


def _withdraw(draft: Draft, registration: Registration, command: WithdrawRegistration) -> None:
    """Take back what is not over."""
    now = status(registration)
    if now == "withdrawn":
        return
    if now not in ("under_review", "returned", "waiting", "approved"):
        raise wrong_state(registration, "withdrawn")
    draft.add(RegistrationWithdrawn(registration=registration.id, account=draft.account.id, reason=command.reason))
