"""The CRM merged deals that lead to registrations: all that is said of any of them is said of one deal (rules §5)."""

from collections.abc import Sequence

from domain.account.draft import Draft
from domain.account.duplicates import ask_about
from domain.account.merged_deals import hand_over, taken_along
from domain.account.state import Registration
from domain.conflict_case.events import Duplicate
from domain.deal_registration import deal
from domain.deal_registration.aggregate import catch_up, note_leavers
from domain.deal_registration.deal import DealFact
from domain.deal_registration.merge_events import DealParted, DealsMerged, DealStoodApart
from domain.ids import AccountId, DealRef, RegistrationId


def said_of_all(registrations: Sequence[Registration]) -> tuple[DealFact, ...]:
    """What was said of the deals of several registrations, as of one deal."""
    facts: tuple[DealFact, ...] = ()
    for registration in registrations:
        facts = deal.with_facts_of_another(facts, taken_along(registration))
    return facts


def leave_to(
    draft: Draft,
    leaving: Sequence[RegistrationId],
    lead: RegistrationId,
    on: AccountId,
    duplicates: Sequence[Duplicate],
) -> tuple[DealFact, ...]:
    """Let deals of this account lead to a registration of another one; gives the facts that go along.

    A deal has one customer, so that the two accounts may be one: `duplicates` is what a person is asked about.
    """
    catch_up(draft)
    before = draft.account
    facts = tuple(fact for registration in leaving for fact in hand_over(draft, registration, lead, on))
    note_leavers(draft, before)
    ask_about(draft, leaving[0], duplicates)
    catch_up(draft)
    return facts


def lead_to(
    draft: Draft,
    lead: RegistrationId,
    deals: tuple[DealRef, ...],
    *,
    leaving: Sequence[RegistrationId],
    facts: Sequence[DealFact],
) -> None:
    """Let all these deals lead to one registration, with the `facts` of other accounts' and those of `leaving` here."""
    catch_up(draft)
    before, account = draft.account, draft.account.id
    here = (fact for registration in leaving for fact in hand_over(draft, registration, lead, account))
    draft.add(DealsMerged(registration=lead, account=account, deals=deals, facts=(*facts, *here)))
    note_leavers(draft, before)
    catch_up(draft)


def said_under(registration: Registration, other: DealRef) -> tuple[DealFact, ...]:
    """What was said under the id of another deal that is one with the registration's own."""
    return tuple(fact for fact in registration.deal_facts if fact.deal == other.id)


def part_from(draft: Draft, lead: RegistrationId, other: DealRef) -> None:
    """A person found that one of the deals that lead to a registration is another opportunity."""
    before = draft.account
    deals = tuple(one for one in before.registrations[lead].merged_deals if one != other)
    draft.add(DealParted(registration=lead, account=before.id, deal=other, deals=deals))
    note_leavers(draft, before)


def stand_apart(draft: Draft, registration: RegistrationId, facts: tuple[DealFact, ...]) -> None:
    """A person found that a registration's deal is an opportunity of its own: what was said under its id comes back."""
    before = draft.account
    own = before.registrations[registration].deal
    assert own is not None
    draft.add(DealStoodApart(registration=registration, account=before.id, deal=own, facts=facts))
    note_leavers(draft, before)
