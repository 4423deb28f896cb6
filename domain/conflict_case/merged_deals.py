"""What follows from deciding whose a merged deal is: it leads to the challenger, or it is two again (rules §4)."""

from domain.account.draft import Draft
from domain.account.merged_deals import lead_of, let_lead, refuse_two_currencies, taken_along
from domain.account.state import Case, Registration
from domain.conflict_case.events import Outcome
from domain.deal_registration.merging import part_from, said_under, stand_apart


def refuse_what_deals_forbid(draft: Draft, case: Case, outcome: Outcome) -> None:
    """Refuse an outcome after which value and refunds of a deal would be in two currencies (rules §5)."""
    challenger = draft.account.registrations[case.challenger]
    lead = lead_of(draft.account, challenger)
    if lead is None or outcome not in ("reassign", "distinct"):
        return
    if outcome == "reassign":
        refuse_two_currencies(challenger, taken_along(lead))
        return
    assert challenger.deal is not None
    said = said_under(lead, challenger.deal)
    refuse_two_currencies(challenger, said)
    refuse_two_currencies(lead, tuple(fact for fact in lead.deal_facts if fact not in said))


def carry_out(draft: Draft, case: Case, outcome: Outcome) -> None:
    """Let the deal lead where the decision says.

    A reassigned one leads to the challenger, unless it is won: then its credit moved. Of two that are distinct each
    has again what was said under its own id; what is said under an id that neither registration named stays with the
    one that was first.
    """
    challenger = draft.account.registrations[case.challenger]
    lead = lead_of(draft.account, challenger)
    if lead is None:
        return
    if outcome == "distinct":
        assert challenger.deal is not None
        said = said_under(lead, challenger.deal)
        part_from(draft, lead.id, challenger.deal)
        stand_apart(draft, challenger.id, said)
    elif outcome == "reassign" and not _is_about_a_sale(case, challenger):
        let_lead(draft, challenger.id, instead_of=lead)


def _is_about_a_sale(case: Case, challenger: Registration) -> bool:
    """Whether the case is about a queue that a win ended: then its decision moved the credit."""
    return case.product is not None and bool(challenger.claim_on(case.product).settled_by)
