"""What an audit finds: verdicts, the first disagreement, and the document that says so (api.md, Audit)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Document = dict[str, object]

NOT_UTF8: Final = "backslashreplace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing that is not as it should be: at a position of the log, or in a row of a view or of the deliveries.

    `what` says it to a person; `expected` and `found` hold plain JSON values, None where there is nothing.
    """

    what: str
    expected: object
    found: object
    position: int | None = None
    view: str | None = None
    row: Mapping[str, object] | None = None

    def document(self) -> Document:
        """As HTTP shows it."""
        place: Document = {"position": self.position}
        if self.view is not None:
            place = {"view": plain(self.view), "row": plain(self.row)}
        return {**place, "expected": plain(self.expected), "found": plain(self.found)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFindings:
    """What following the stored bytes gave: how many events, where they end, and the first that is out of place."""

    events: int = 0
    position: int = 0
    hash: bytes = b""
    first: Disagreement | None = None
    receipt: Disagreement | None = None
    """The log holds together in itself, but is not the one that the receipt was given for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """A closed statement that this release cannot recompute, since it does not have a calculation it rests on."""

    position: int
    partner: str
    period: str
    calculation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsFindings:
    """How many accounts and cases there are at the end."""

    accounts: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFindings:
    """What decoding and folding every event gave."""

    events: int = 0
    accounts: int = 0
    cases: int = 0
    statements_checked: int = 0
    statements_intact: bool = True
    """Each closed statement is, byte for byte, the one that was closed."""
    statements_equal: bool = True
    """Each that could be computed again from the events before it is the same."""
    variances: tuple[Variance, ...] = ()
    """Those that could not: nothing is known of what they should state."""
    first: Disagreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesFindings:
    """What comparing the webhooks' deliveries with the log gave: how many there are, and the first that disagrees."""

    deliveries: int = 0
    first: Disagreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying a log found. `views_equal` is None where there are no views: an exported log has none.

    `deliveries` is None where there are none, and where a log that does not hold says nothing of them.
    """

    programme: str
    chain: ChainFindings
    ledger: LedgerFindings
    views_equal: bool | None
    first_disagreement: Disagreement | None
    deliveries: DeliveriesFindings | None = None

    @property
    def agrees(self) -> bool:
        """Whether everything that was checked agrees."""
        return self.first_disagreement is None

    @property
    def closed_is_intact(self) -> bool:
        """The first verdict: what was closed is there as it was closed."""
        return self.chain.first is None and self.chain.receipt is None and self.ledger.statements_intact

    @property
    def recomputing_agrees(self) -> bool:
        """The second verdict: folding the log again leads to what was closed, known variances apart."""
        return self.chain.first is None and self.ledger.first is None and self.ledger.statements_equal

    def document(self) -> Document:
        """As `POST /v1/audit/replay` answers.

        What was not computed again, because of a broken chain or for want of its calculation, is not called equal.
        """
        chain_is_intact = self.chain.first is None
        not_recomputed = len(self.ledger.variances)
        return {
            "events": self.chain.events,
            "chain": "intact" if chain_is_intact else "broken",
            "statements_checked": self.ledger.statements_checked,
            "statements_not_recomputed": not_recomputed,
            "statements_equal": self.closed_is_intact and self.recomputing_agrees and not not_recomputed,
            "deliveries_intact": self.deliveries is not None and self.deliveries.first is None,
            "views_equal": bool(self.views_equal),
            "first_disagreement": None if self.first_disagreement is None else self.first_disagreement.document(),
        }


def plain(value: object) -> object:
    """A value as JSON can hold it: bytes as the text that they are, a table's name as a text like any other."""
    if isinstance(value, bytes):
        return value.decode(errors=NOT_UTF8)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, int | bool | None) else str(value)
