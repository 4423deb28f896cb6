"""Commands on one account: a draft of the account is decided on, and its events and rows are stored together."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

import msgspec

from domain.account.draft import Draft
from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent, evolve
from domain.account.state import Account
from domain.conflict_case.events import CaseIdentified
from domain.deal_registration.events import DealRegistered
from domain.ids import AccountId, PartnerId
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections import conflict_cases, priority, share_proposals
from service.attempt import Attempt
from service.commands.found_by import note_keys, note_liveness, put_found_by
from service.presentation.values import Document, written
from service.states import (
    CASES_GENERATION,
    PRIORITY_GENERATION,
    PROGRAMME_KEY,
    PROPOSALS_GENERATION,
    account_key,
    partner_key,
)
from service.streams import account_event_stream
from service.work import Answer

ON_AN_ACCOUNT = (PROGRAMME_KEY, PRIORITY_GENERATION, CASES_GENERATION)
"""What every command on an account needs."""

encode = msgspec.json.Encoder().encode


class PartnersOf(Mapping[PartnerId, Partner]):
    """The programme's partners as an attempt sees them."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def __getitem__(self, partner: PartnerId) -> Partner:
        found = self._attempt.state(partner_key(partner))
        if found is None:
            raise KeyError(partner)
        return cast("Partner", found)

    def __iter__(self) -> Iterator[PartnerId]:
        raise TypeError("partners are looked up, not listed")

    def __len__(self) -> int:
        raise TypeError("partners are looked up, not counted")


def programme_of(attempt: Attempt) -> Programme:
    """The programme's rule book."""
    return cast("Programme", attempt.state(PROGRAMME_KEY))


def partner_of(attempt: Attempt, partner: PartnerId) -> Partner:
    """A partner that a request names; refuses an unknown one."""
    found = attempt.state(partner_key(partner))
    if found is None:
        raise Refusal("UNKNOWN_PARTNER", f"There is no partner {partner} in the programme.")
    return cast("Partner", found)


def account_of(attempt: Attempt, account: AccountId) -> Account | None:
    """An account as it stands."""
    return cast("Account | None", attempt.state(account_key(account)))


def draft_of(attempt: Attempt, account_id: AccountId, token: str) -> Draft:
    """Begin to decide on an account. `token` is unique to the command."""
    return Draft(
        account_of(attempt, account_id),
        account_id=account_id,
        programme=programme_of(attempt),
        partners=PartnersOf(attempt),
        now=attempt.now,
        next_position=attempt.next_position,
        actor=attempt.work.actor,
        token=token,
    )


_BEGINS_A_STREAM: Final = (DealRegistered, CaseIdentified)


def store(attempt: Attempt, draft: Draft) -> None:
    """Record the draft's events and everything that follows from them: states, and the inline projections' rows."""
    if not draft.events:
        return
    before = draft.before
    for drafted in draft.events:
        event = drafted.event
        row = attempt.append(account_event_stream(event), event, begins_stream=isinstance(event, _BEGINS_A_STREAM))
        assert row.position == drafted.position
        put_found_by(attempt, event, draft.account.id)
        if isinstance(event, AccountsMerged):
            _empty(attempt, event, drafted)
    attempt.put(account_key(draft.account.id), draft.account)
    note_keys(attempt, before, draft.account)
    note_liveness(attempt, before, draft.account)
    _write_rows(attempt, before, draft)


def _empty(attempt: Attempt, event: AccountsMerged, recorded: Recorded[AccountEvent]) -> None:
    """Of an absorbed account nothing is left but the way to its survivor."""
    before = account_of(attempt, event.absorbed)
    assert before is not None
    emptied = evolve(before, recorded)
    attempt.put(account_key(event.absorbed), emptied)
    note_keys(attempt, before, emptied)
    generation = cast("int", attempt.state(PRIORITY_GENERATION))
    attempt.write(*priority.rows(attempt.programme, generation, before, emptied, [recorded]))


def _write_rows(attempt: Attempt, before: Account, draft: Draft) -> None:
    priority_generation = cast("int", attempt.state(PRIORITY_GENERATION))
    cases_generation = cast("int", attempt.state(CASES_GENERATION))
    attempt.write(*priority.rows(attempt.programme, priority_generation, before, draft.account, draft.events))
    if draft.account.cases:
        attempt.write(*conflict_cases.rows(attempt.programme, cases_generation, draft.account, draft.events))
    if draft.account.share_proposals and any(share_proposals.concerns(recorded.event) for recorded in draft.events):
        generation = cast("int", attempt.state(PROPOSALS_GENERATION))
        attempt.write(*share_proposals.rows(attempt.programme, generation, draft.account, draft.events))


def written_of(attempt: Attempt) -> Document:
    """`position` and `recorded_at` of the last event that the attempt wrote; null where it wrote none."""
    if not attempt.events:
        return written(None, None)
    return written(attempt.events[-1].position, attempt.events[-1].recorded_at)


def answer(attempt: Attempt, document: Document, *, created: bool = False) -> Answer:
    """The answer to a command, with where it stands in the log."""
    last = attempt.events[-1] if attempt.events else None
    return Answer(
        body=encode({**document, **written_of(attempt)}),
        position=None if last is None else last.position,
        recorded_at=None if last is None else last.recorded_at,
        created=created,
    )
