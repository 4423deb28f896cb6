"""A log is folded in two parts, which end where the first event stands that cannot be."""

from collections.abc import Sequence
from typing import Final

import pytest

from domain.deal_registration.events import RegistrationWithdrawn
from domain.ids import AccountId, Instant, ProgrammeId, RegistrationId
from domain.programme.events import ProgrammeStarted
from domain.programme.terms import seed_terms
from service.audit_accounts import AccountsAudit, parted
from service.audit_findings import LedgerFindings
from service.audit_ledger import LedgerAudit
from service.chain import EventRow
from service.event_names import EVENT_TYPES

STARTED: Final = ProgrammeStarted(
    programme=ProgrammeId("acme"), time_zone="UTC", currency="USD", sandbox=False, clock=None, terms=seed_terms("USD")
)
OF_NOTHING: Final = RegistrationWithdrawn(
    registration=RegistrationId("reg_1"), account=AccountId("acc_1"), reason="There is no such registration."
)
UNKNOWN: Final = ("partner.forged.v1", b"{}")
UNDECODABLE: Final = ("partner.enrolled.v1", b"{}")
CANNOT_FOLLOW: Final = EVENT_TYPES.encode(OF_NOTHING)
BEGINS: Final = EVENT_TYPES.encode(STARTED)

Stored = tuple[str, bytes]


def folded(*chunks: Sequence[Stored]) -> LedgerFindings:
    """What both parts find in a log of these events, given to them in these chunks."""
    accounts, ledger = AccountsAudit(EVENT_TYPES), LedgerAudit(EVENT_TYPES)
    position = 0
    for chunk in chunks:
        rows = []
        for name, body in chunk:
            position += 1
            rows.append(EventRow(position, f"stream/{position}", 1, name, body, Instant(position), "a", None, b""))
        of_accounts, others = parted(rows, EVENT_TYPES)
        ledger.take(others, accounts.take(of_accounts))
    return ledger.findings(accounts.findings())


@pytest.mark.parametrize(
    ("chunks", "position", "what"),
    [
        (([BEGINS, CANNOT_FOLLOW, UNKNOWN],), 2, "the event cannot follow from those before it"),
        (([BEGINS, UNKNOWN, CANNOT_FOLLOW],), 2, "this release does not know the event's type"),
        (([BEGINS, UNDECODABLE, CANNOT_FOLLOW],), 2, "the event's body cannot be decoded"),
        (([BEGINS], [CANNOT_FOLLOW], [UNKNOWN]), 2, "the event cannot follow from those before it"),
        (([BEGINS], [UNKNOWN], [CANNOT_FOLLOW]), 2, "this release does not know the event's type"),
        (([BEGINS, BEGINS, CANNOT_FOLLOW],), 3, "the event cannot follow from those before it"),
    ],
)
def test_folding_ends_at_the_first_event_that_cannot_be(
    chunks: tuple[list[Stored], ...], position: int, what: str
) -> None:
    """Whichever part it belongs to, and however the log is cut; what comes after it is not looked at."""
    found = folded(*chunks)
    assert found.first is not None
    assert (found.first.position, found.first.what, found.events) == (position, what, position - 1)
