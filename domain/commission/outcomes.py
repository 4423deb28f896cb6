"""What the deals of one account lead to, event by event, and who was credited on the way.

What was credited and is no longer (a case decided otherwise, a deal reopened) still matters to a statement that was
closed meanwhile. "Was credited" means after any single event of the log, however the log is cut for reading.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.account.evolve import AccountEvent, evolve
from domain.account.state import Account
from domain.commission.credit import DealOutcome, outcome_of
from domain.deal_registration.deal import was_ever_won
from domain.ids import AccountId, PartnerId, Position, RegistrationId
from domain.programme.aggregate import Programme
from domain.recorded import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeChange:
    """What a deal leads to after the event at `position`, and every partner credited on the way there."""

    account: AccountId
    position: Position
    outcome: DealOutcome
    credited: frozenset[PartnerId]


def outcome_changes(
    account: Account, history: Iterable[Recorded[AccountEvent]], programme: Programme
) -> dict[RegistrationId, OutcomeChange]:
    """What events on one account change about the outcomes of its deals, looked at after each event.

    Once it is merged into another account, its deals are that one's.
    """
    known = outcomes(account, programme)
    changes: dict[RegistrationId, OutcomeChange] = {}
    for recorded in history:
        account = evolve(account, recorded)
        if account.merged_into is not None:
            break
        now = outcomes(account, programme)
        for outcome in changed_outcomes(account, known, now):
            earlier = changes.get(outcome.registration)
            changes[outcome.registration] = OutcomeChange(
                account=account.id,
                position=recorded.position,
                outcome=outcome,
                credited=frozenset(outcome.partners).union(() if earlier is None else earlier.credited),
            )
        known = now
    return changes


def with_later_changes(
    changes: Mapping[RegistrationId, OutcomeChange], more: Mapping[RegistrationId, OutcomeChange]
) -> dict[RegistrationId, OutcomeChange]:
    """The changes of several accounts as one: where two speak of one deal, the later, and all credited by then."""
    found = dict(changes)
    for registration, change in more.items():
        known = found.get(registration)
        if known is None:
            found[registration] = change
        else:
            later = max(known, change, key=lambda one: one.position)
            found[registration] = replace(later, credited=known.credited | change.credited)
    return found


def outcomes(account: Account, programme: Programme) -> dict[RegistrationId, DealOutcome]:
    """What the account's deals lead to that were ever won."""
    found = (
        outcome_of(account, registration, programme)
        for registration in account.registrations.values()
        if was_ever_won(registration.deal_facts)
    )
    return {outcome.registration: outcome for outcome in found if outcome is not None}


def changed_outcomes(
    account: Account, before: Mapping[RegistrationId, DealOutcome], now: Mapping[RegistrationId, DealOutcome]
) -> list[DealOutcome]:
    """The outcomes that differ between just before and just after one event.

    A registration whose deal was taken from it leads to nothing from then on.
    """
    changed = [outcome for registration, outcome in now.items() if before.get(registration) != outcome]
    for registration in before.keys() - now.keys():
        evidence = account.registrations[registration].evidence
        changed.append(DealOutcome(registration=registration, credits=(), evidence=evidence, partners=()))
    return changed
