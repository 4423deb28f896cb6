"""Closed statements as a journal: balanced double entries for the vendor's books (field.md, payouts and accounting).

Closing a statement accrues what it states; what is held is no expense yet, as it is stated again when it is released.
Paying and forfeiting clear what is payable. Each entry's debits and credits are equal, and the sums of the accounts are
the sums of the statements: `COMMISSION` those of their commission, `PAYABLE` those of what is still to be paid.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from domain.calendar import local_date, period_from
from domain.commission_period.aggregate import ClosedPeriod
from domain.ids import Position
from domain.money import decimal_of
from service.documents.spreadsheets import as_text

COMMISSION: Final = "Expenses:Commission"
ADJUSTMENTS: Final = "Expenses:Adjustments"
HELD: Final = "Expenses:Held"
"""What closing holds back of both: taken off the expense until it is stated again."""
PAYABLE: Final = "Liabilities:Payable"
CARRIED_FORWARD: Final = "Liabilities:CarriedForward"
BANK: Final = "Assets:Bank"
FORFEITED: Final = "Income:Forfeited"

COLUMNS: Final = (
    "entry",
    "date",
    "kind",
    "partner",
    "period",
    "account",
    "debit",
    "credit",
    "currency",
    "reference",
    "position",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One balanced entry. A posting's amount is in minor units; a debit is positive. `position` is its event's."""

    on: date
    kind: str
    partner: str
    period: str
    currency: str
    reference: str
    position: Position
    postings: tuple[tuple[str, int], ...]


def entries_of(state: ClosedPeriod, zone: ZoneInfo) -> Iterator[Entry]:
    """The entries of one closed statement: its closing on the period's last day, and what was paid or lost since."""
    stated = state.closing.statement
    totals = stated.totals

    def entry(on: date, kind: str, reference: str, position: Position, *postings: tuple[str, int]) -> Entry:
        assert sum(amount for _, amount in postings) == 0, (
            f"{kind} of {stated.partner} {stated.period} does not balance"
        )
        return Entry(
            on=on,
            kind=kind,
            partner=stated.partner,
            period=stated.period,
            currency=stated.currency,
            reference=reference,
            position=position,
            postings=tuple((account, amount) for account, amount in postings if amount),
        )

    yield entry(
        period_from(stated.period).ends_on,
        "closing",
        state.closing.digest,
        state.position,
        (COMMISSION, totals.commission_minor),
        (ADJUSTMENTS, totals.adjustments_minor),
        (HELD, -totals.held_minor),
        (PAYABLE, -totals.payable_minor),
        (CARRIED_FORWARD, totals.opening_balance_minor - totals.closing_balance_minor),
    )
    for payout in state.after.payouts:
        paid = payout.amount_minor
        made, failed = payout.made, payout.failure
        yield entry(payout.paid_on, "payout", payout.reference, made.position, (PAYABLE, paid), (BANK, -paid))
        if failed is not None:
            on = local_date(failed.at, zone)
            yield entry(on, "payout_failed", payout.reference, failed.position, (BANK, paid), (PAYABLE, -paid))
    for forfeiture in state.after.forfeitures:
        if forfeiture.state == "posted":
            step, lost = forfeiture.steps[-1], forfeiture.amount_minor
            on = local_date(step.at, zone)
            yield entry(on, "forfeiture", "", step.position, (PAYABLE, lost), (FORFEITED, -lost))


def journal_csv(entries: Iterable[Entry]) -> str:
    """The entries as RFC 4180 CSV with a header: a row for each posting, in order of their events."""
    written = io.StringIO(newline="")
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(COLUMNS)
    numbered = (entry for entry in sorted(entries, key=lambda entry: entry.position) if entry.postings)
    for number, entry in enumerate(numbered, start=1):
        for account, amount in entry.postings:
            debit, credit = (amount, 0) if amount > 0 else (0, -amount)
            table.writerow(
                (
                    number,
                    entry.on.isoformat(),
                    entry.kind,
                    entry.partner,
                    entry.period,
                    account,
                    decimal_of(debit, entry.currency) if debit else "",
                    decimal_of(credit, entry.currency) if credit else "",
                    entry.currency,
                    as_text(entry.reference),
                    entry.position,
                )
            )
    return written.getvalue()
