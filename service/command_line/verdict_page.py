"""The page that `verify` prints: what was checked, what came of it, and where a log or a view first disagrees."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from service.audit_findings import Disagreement, Variance, Verdict, plain
from service.counted import counted
from service.schema import record_deliveries

NOTHING: Final = "nothing"
DIFFERENCES_AT_MOST: Final = 10
"""So many of a row's differences are shown; whoever mends one looks again anyway."""

Difference = tuple[str, object, object]
"""Where in a row, what is expected there, and what was found."""


def verdict_page(verdict: Verdict) -> str:
    """The page, for a person."""
    chain, ledger, first = verdict.chain, verdict.ledger, verdict.first_disagreement
    lines = [
        f"programme   {verdict.programme}",
        f"events      {chain.events:,}, up to {chain.position}:{chain.hash.hex()}",
        f"chain       {_chain(verdict)}",
        f"accounts    {ledger.accounts:,} with {counted(ledger.cases, 'conflict case')}, folded from position 1",
        f"statements  {ledger.statements_checked:,} closed ones checked: {_statements(verdict)}",
        *(_variance(one) for one in ledger.variances),
        f"deliveries  {_deliveries(verdict)}",
        f"views       {_views(verdict)}",
    ]
    if first is None:
        checked = "everything that this release can compute" if ledger.variances else "everything"
        return "\n".join([*lines, f"verdict     {checked} agrees"])
    expected, found = _told_apart(first.expected, first.found)
    return "\n".join(
        [
            *lines,
            f"verdict     NO: {first.what}",
            f"first       {_place(first)}",
            f"expected    {expected}",
            f"found       {found}",
        ]
    )


def _chain(verdict: Verdict) -> str:
    if verdict.chain.first is not None:
        return "broken"
    if _ends_otherwise(verdict, verdict.first_disagreement):
        return f"intact up to position {verdict.chain.position}"
    return "intact"


def _ends_otherwise(verdict: Verdict, first: Disagreement | None) -> bool:
    """Whether the log is more, or less, than its chain: what is first is of no view, no receipt and no fold."""
    return first is not None and first.view is None and first not in (verdict.ledger.first, verdict.chain.receipt)


def _statements(verdict: Verdict) -> str:
    """The two verdicts on closed statements. What a broken chain cannot vouch for is not called wrong by itself."""
    ledger = verdict.ledger
    if not ledger.statements_intact:
        closed = "NOT what was closed"
    elif verdict.closed_is_intact:
        closed = "intact, byte for byte"
    else:
        closed = "as this log has them, which is not the log that was recorded"
    if ledger.first is not None or not ledger.statements_equal:
        again = "does NOT agree"
    elif ledger.variances:
        again = f"agrees for {ledger.statements_checked - len(ledger.variances):,} and was not done for the others"
    else:
        again = "agrees"
    return f"{closed}; recomputing {again}"


def _deliveries(verdict: Verdict) -> str:
    found = verdict.deliveries
    if found is None:
        return "none in a file" if verdict.views_equal is None else "not looked at"
    if found.first is not None:
        return "NOT as they arrived, or not where the log names them"
    return f"{found.deliveries:,} as they arrived, and where the log names them"


def _views(verdict: Verdict) -> str:
    if verdict.views_equal is None:
        return "none in a file"
    if verdict.views_equal:
        return "equal to a rebuild, row for row"
    first = verdict.first_disagreement
    return "not compared" if first is None or first.view in (None, record_deliveries.name) else "not equal"


def _variance(one: Variance) -> str:
    return (
        f"            variance at {one.position}: {one.partner} {one.period} rests on calculation"
        f" {one.calculation}, which this release does not have"
    )


def _place(first: Disagreement) -> str:
    places = [] if first.position is None else [f"position {first.position}"]
    if first.view is not None:
        places.append(f"{first.view}: {_text(first.row)}")
    return ", ".join(places)


def _told_apart(expected: object, found: object) -> tuple[str, str]:
    """Both sides of a disagreement. Of two rows only what differs is shown, however deep in a column it is."""
    if not isinstance(expected, Mapping) or not isinstance(found, Mapping):
        return _text(expected), _text(found)
    unlike = list(_differences("", plain(expected), plain(found)))
    assert unlike, "a row that disagrees differs somewhere"
    shown, more = unlike[:DIFFERENCES_AT_MOST], len(unlike) - DIFFERENCES_AT_MOST
    rest = f", and {more} more" if more > 0 else ""
    return (
        ", ".join(f"{where} {_text(one)}" for where, one, _ in shown) + rest,
        ", ".join(f"{where} {_text(other)}" for where, _, other in shown) + rest,
    )


def _differences(where: str, expected: object, found: object) -> Iterator[Difference]:
    within = list(_within(where, _parsed(expected), _parsed(found)))
    if within:
        yield from within
    elif expected != found:
        same = _parsed(expected) == _parsed(found)
        yield where, expected, f"{found}, the same in other bytes" if same else found


def _within(where: str, expected: object, found: object) -> Iterator[Difference]:
    """The differences of what two objects hold, or two lists of one length."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in dict.fromkeys([*expected, *found]):
            yield from _differences(f"{where}.{name}" if where else name, expected.get(name), found.get(name))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True), start=1):
            yield from _differences(f"{where}.{number}", one, other)


def _parsed(value: object) -> object:
    """What a column that holds JSON says; any other value as it is."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _text(value: object) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
    return str(plain(value))
