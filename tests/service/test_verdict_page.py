"""What `verify` says of a log that does not hold: a person reads where it is, and nothing that is not so (Replay)."""

import json

import pytest

from service.audit_findings import ChainFindings, Disagreement, LedgerFindings, Variance, Verdict
from service.command_line.verdict_page import verdict_page
from service.counted import counted

CHANGED = Disagreement(what="the event is not the one that was recorded", position=20, expected="a1", found="b2")
CUT = Disagreement(what="the file ends without its head", position=31, expected="an event, or the head", found=None)
REFUSED = Disagreement(what="the event cannot be folded", position=20, expected=None, found="KeyError")
OTHER_LOG = Disagreement(what="the log is not the one that the receipt is for", position=9, expected="a1", found="b2")


def said(
    first: Disagreement | None, *, chain: ChainFindings | None = None, ledger: LedgerFindings | None = None
) -> dict[str, str]:
    """The page's lines by their first word."""
    verdict = Verdict(
        programme="acme",
        chain=ChainFindings(events=30, position=30) if chain is None else chain,
        ledger=LedgerFindings(events=30, statements_checked=3) if ledger is None else ledger,
        views_equal=False,
        first_disagreement=first,
    )
    return dict(line.split(maxsplit=1) for line in verdict_page(verdict).splitlines())


def test_statements_that_agree_are_not_called_wrong_because_the_chain_is_broken() -> None:
    """They agree with a log that is not the recorded one, and that is what is said. The same for another's receipt."""
    page = said(CHANGED, chain=ChainFindings(events=19, position=19, first=CHANGED))
    assert page["chain"] == "broken"
    assert page["statements"] == (
        "3 closed ones checked: as this log has them, which is not the log that was recorded; recomputing agrees"
    )
    rewritten = said(OTHER_LOG, chain=ChainFindings(events=30, position=30, receipt=OTHER_LOG))
    assert rewritten["chain"] == "intact"
    assert rewritten["statements"] == page["statements"]


def test_a_statement_that_was_changed_is_called_that() -> None:
    """So is one that recomputing contradicts."""
    changed = LedgerFindings(statements_checked=3, statements_intact=False, statements_equal=False, first=CHANGED)
    page = said(CHANGED, ledger=changed)
    assert page["statements"] == "3 closed ones checked: NOT what was closed; recomputing does NOT agree"
    page = said(REFUSED, ledger=LedgerFindings(statements_checked=3, first=REFUSED))
    assert page["chain"] == "intact"
    assert page["statements"] == "3 closed ones checked: intact, byte for byte; recomputing does NOT agree"


def test_what_was_not_recomputed_is_not_said_to_agree() -> None:
    """A statement closed by another release's calculation is a known variance: there is nothing to compare it with."""
    newer = Variance(position=20, partner="northwind", period="2026-Q4", calculation=7)
    page = said(None, ledger=LedgerFindings(statements_checked=3, variances=(newer,)))
    assert page["statements"].endswith("recomputing agrees for 2 and was not done for the others")
    assert page["variance"].startswith("at 20: northwind 2026-Q4 rests on calculation 7")
    assert page["verdict"] == "everything that this release can compute agrees"
    assert said(None)["verdict"] == "everything agrees"


def test_one_of_something_is_said_in_the_singular() -> None:
    """And many with their thousands apart."""
    assert said(None, ledger=LedgerFindings(accounts=1, cases=1))["accounts"].startswith("1 with 1 conflict case,")
    assert (counted(1, "event"), counted(2_000, "event")) == ("1 event", "2,000 events")
    assert (counted(1, "was", "were"), counted(0, "was", "were")) == ("1 was", "0 were")


def test_a_chain_is_intact_only_as_far_as_it_goes() -> None:
    """A file that was cut, or a line in it that is none, breaks no link; what is missing is said to be nothing."""
    page = said(CUT)
    assert page["chain"] == "intact up to position 30"
    assert (page["first"], page["found"]) == ("position 31", "nothing")


@pytest.mark.parametrize(
    ("changes", "expected", "found"),
    [
        ({"status": "lost"}, "status won", "status lost"),
        ({"totals": json.dumps({"held": "0.00", "paid": ["1", "3"]})}, "totals.paid.2 2", "totals.paid.2 3"),
        ({"totals": None}, 'totals {"held": "0.00", "paid": ["1", "2"]}', "totals nothing"),
        ({"totals": '{"held":'}, 'totals {"held": "0.00", "paid": ["1", "2"]}', 'totals {"held":'),
        (
            {"totals": '{"held":"0.00","paid":["1","2"]}'},
            'totals {"held": "0.00", "paid": ["1", "2"]}',
            'totals {"held":"0.00","paid":["1","2"]}, the same in other bytes',
        ),
    ],
)
def test_of_two_rows_only_what_differs_is_shown(changes: dict[str, object], expected: str, found: str) -> None:
    """However wide the row is, and however deep in a column of JSON."""
    row: dict[str, object] = {"partner": "northwind", "status": "won", "totals": '{"held": "0.00", "paid": ["1", "2"]}'}
    edited = Disagreement(
        what="view_statements has a row that is not what the log says",
        view="view_statements",
        row={"partner": "northwind", "period": "2026-Q4"},
        expected=row,
        found=row | changes,
    )
    page = said(edited)
    assert page["views"] == "not equal"
    assert page["first"] == "view_statements: partner northwind, period 2026-Q4"
    assert (page["expected"], page["found"]) == (expected, found)


def test_many_differences_are_counted() -> None:
    """Of a row that is another altogether the first are shown."""
    edited = Disagreement(
        what="x",
        view="view_x",
        row={"key": 1},
        expected=dict.fromkeys("abcdefghijkl", 1),
        found=dict.fromkeys("abc", 2),
    )
    assert said(edited)["found"].endswith("j nothing, and 2 more")
