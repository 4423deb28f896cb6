"""The documents that a partner must have on file to be paid: a tax form, bank details (rules §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.ids import Instant, PartnerId
from domain.partner.events import PaperworkFiled, PaperworkRevoked
from domain.refusal import Refusal

PAPERWORK_AT_MOST = 50

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePaperwork:
    """Put a document on file; an earlier one of its kind counts no more."""

    kind: str
    reference: str
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokePaperwork:
    """Say that the document of a kind does not count any more."""

    kind: str
    reason: str


# state


@dataclass(frozen=True, slots=True, kw_only=True)
class Paperwork:
    """A document on file. `expires_on` is its last day, None for one that does not expire."""

    kind: str
    reference: str
    expires_on: date | None
    filed_at: Instant


def missing_on(paperwork: Sequence[Paperwork], needed: Sequence[str], day: date) -> tuple[str, ...]:
    """The needed kinds of which no document counts on a day."""
    valid = {paper.kind for paper in paperwork if paper.expires_on is None or day <= paper.expires_on}
    return tuple(kind for kind in needed if kind not in valid)


# decide


def decide_paperwork(
    partner: PartnerId, paperwork: Sequence[Paperwork], command: FilePaperwork | RevokePaperwork
) -> list[PaperworkFiled | PaperworkRevoked]:
    """Put a document on file or revoke it; one that is on file already gives nothing."""
    known = next((paper for paper in paperwork if paper.kind == command.kind), None)
    if isinstance(command, RevokePaperwork):
        if known is None:
            raise Refusal("NOT_FOUND", f"There is no {command.kind} on file.")
        return [PaperworkRevoked(partner=partner, kind=command.kind, reason=command.reason)]
    if known is not None and (known.reference, known.expires_on) == (command.reference, command.expires_on):
        return []
    if known is None and len(paperwork) >= PAPERWORK_AT_MOST:
        raise Refusal("WRONG_STATE", f"A partner has at most {PAPERWORK_AT_MOST} kinds of documents on file.")
    return [
        PaperworkFiled(partner=partner, kind=command.kind, reference=command.reference, expires_on=command.expires_on)
    ]


# evolve


def filed(paperwork: Sequence[Paperwork], filed_at: Instant, event: PaperworkFiled) -> tuple[Paperwork, ...]:
    """What is on file after a document came, by kind: it takes the place of the one before it."""
    paper = Paperwork(kind=event.kind, reference=event.reference, expires_on=event.expires_on, filed_at=filed_at)
    others = [one for one in paperwork if one.kind != event.kind]
    return tuple(sorted((*others, paper), key=lambda one: one.kind))


def revoked(paperwork: Sequence[Paperwork], event: PaperworkRevoked) -> tuple[Paperwork, ...]:
    """What is on file after a document was revoked."""
    return tuple(one for one in paperwork if one.kind != event.kind)
