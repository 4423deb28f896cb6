"""The customer has chosen another partner in writing: an override of strict priority, decided in its own right.

The letter stays where it is kept; the log holds its digest, so that whoever has the letter can show that it is the one.
"""

from dataclasses import dataclass
from datetime import date

from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.priority import whoever_is_ahead
from domain.account.state import CaseStatus, Registration, Waiting, is_live
from domain.conflict_case.commands import DecideCase
from domain.conflict_case.decision import decision_of
from domain.conflict_case.events import CaseIdentified, CaseInvestigated, CaseMediated, Finding
from domain.deal_registration.aggregate import catch_up
from domain.ids import CaseId, Instant, Product, RegistrationId
from domain.refusal import Refusal

RULE = "customer_preference"
_SKIPPED = "The customer has decided."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCustomerChoice:
    """The customer chose this registration's partner, in a letter of a day with a SHA-256 (64 hexadecimal digits)."""

    letter_sha256: str
    dated_on: date
    reason: str


def record_choice(draft: Draft, registration: RegistrationId, command: RecordCustomerChoice) -> tuple[CaseId, ...]:
    """Let the chosen registration go first wherever it waits behind another partner, by a case for each product.

    The holder's protection ends at this instant; it waits behind from now on. What is recorded already stays as it is.
    """
    catch_up(draft)
    chosen = draft.account.registrations[registration]
    recorded = _recorded(draft, chosen, command)
    contested = _contested(draft, chosen)
    if not contested and recorded:
        return recorded
    if not contested:
        raise Refusal("WRONG_STATE", "The registration waits behind no other partner, so there is nothing to override.")
    if not draft.partners[chosen.partner].is_active:
        raise Refusal("PARTNER_NOT_ACTIVE", f"{draft.partners[chosen.partner].name} is not active in the programme.")
    cases = tuple(_decided(draft, chosen, holder, product, command) for product, holder in contested)
    catch_up(draft)
    return cases


def _contested(draft: Draft, chosen: Registration) -> list[tuple[Product, RegistrationId]]:
    """The products on which the registration waits behind another partner, and whoever is first there."""
    found = []
    for claim in chosen.claims:
        if is_live(claim) and isinstance(claim.stage, Waiting) and claim.stage.beside is None:
            ahead = whoever_is_ahead(draft.account, chosen, claim.product)
            if ahead is not None and ahead.partner != chosen.partner:
                found.append((claim.product, ahead.id))
    return found


def _recorded(draft: Draft, chosen: Registration, command: RecordCustomerChoice) -> tuple[CaseId, ...]:
    finding = _finding(chosen, command)
    return tuple(
        case.id
        for case in draft.account.cases.values()
        if case.kind == "customer_preference"
        and case.challenger == chosen.id
        and any(isinstance(s.event, CaseInvestigated) and finding in s.event.findings for s in case.steps)
    )


def _finding(chosen: Registration, command: RecordCustomerChoice) -> Finding:
    fact = f"Chose {chosen.partner} in writing on {command.dated_on}."
    return Finding(party="customer", fact=fact, evidence=f"sha256:{command.letter_sha256}")


def _decided(
    draft: Draft, chosen: Registration, holder: RegistrationId, product: Product, command: RecordCustomerChoice
) -> CaseId:
    """All that leads to the decision, in one go: identified, investigated, not mediated, decided."""
    case, account, terms = draft.next_case_id(), draft.account.id, draft.terms

    def due(status: CaseStatus) -> Instant | None:
        return due_after(terms.terms, draft.now, status)

    draft.add(
        CaseIdentified(
            case=case,
            account=account,
            kind="customer_preference",
            challenger=chosen.id,
            holder=holder,
            product=product,
            because=None,
            near_simultaneous=False,
            terms_version=terms.version,
            next_due_at=due("identified"),
        )
    )
    findings = (_finding(chosen, command),)
    draft.add(CaseInvestigated(case=case, account=account, findings=findings, next_due_at=due("investigating")))
    draft.add(CaseMediated(case=case, account=account, summary=None, skipped=_SKIPPED, next_due_at=due("mediating")))
    decision = DecideCase(outcome="reassign", rule=RULE, reason=command.reason)
    draft.add(decision_of(draft, draft.account.cases[case], decision))
    return case
