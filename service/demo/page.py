"""The page that the demo prints: what happened, for somebody who has never seen the service."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from domain.money import Money
from service.demo.caller import Caller
from service.demo.findings import Adjusted, Findings, amount_of
from service.demo.scenes import Document, Seen
from service.presentation.values import percent

WIDTH = 100
"""On a terminal at most; otherwise exactly."""


def console_for_page() -> Console:
    """Standard output; styled on a terminal, plain text elsewhere."""
    console = Console(highlight=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def show(console: Console, caller: Caller, seen: Seen, findings: Findings) -> None:
    """Print everything, without the spaces that fill lines up."""
    with console.capture() as page:
        _write(console, caller, seen, findings)
    for line in page.get().splitlines():
        print(line.rstrip())


def _write(console: Console, caller: Caller, seen: Seen, findings: Findings) -> None:
    console.print()
    console.print("[bold]Firstclaim: two quarters of a partner programme, on one page[/bold]")
    console.print()
    _says(
        console,
        f"{len(findings.statements)} partners registered {findings.deals} deals. {caller.requests:,} API requests and "
        f"{caller.webhooks:,} signed webhooks went over HTTP into one log of {findings.head['position']:,} events, "
        "while a sandbox clock ran from 5 January to 1 July 2026. What follows was read back from the service, and "
        "checked.",
    )
    _first(console, seen, findings)
    _earned(console, findings)
    _odd_deliveries(console, seen)
    _closed(console, seen, findings)
    _afterwards(console, findings)
    _replayed(console, findings)


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(f"[bold cyan]{text}[/bold cyan]")


def _says(console: Console, text: str) -> None:
    console.print(Padding(text, (0, 0, 0, 2)))


def _rows(console: Console, rows: Iterable[tuple[str, ...]], right: frozenset[int] = frozenset()) -> None:
    table = Table.grid(padding=(0, 2))
    wide: list[tuple[str, ...]] = list(rows)
    for column in range(len(wide[0])):
        last = column == len(wide[0]) - 1
        table.add_column(justify="right" if column in right else "left", no_wrap=not last)
    for row in wide:
        table.add_row(*row)
    console.print(Padding(table, (0, 0, 0, 4)))


def _first(console: Console, seen: Seen, findings: Findings) -> None:
    _heading(console, "1  Who was first")
    first, second = seen["acme first"], seen["acme second"]
    case = findings.cases["acme"]
    _says(console, "[bold]Acme GmbH[/bold], product edge: two partners within three seconds.")
    _rows(
        console,
        [
            (
                to_second(first["recorded_at"]),
                "northwind",
                f"registers Acme GmbH at position {first['receipt']['position']}: first, protected for 30 days",
            ),
            (
                to_second(second["recorded_at"]),
                "contoso",
                f"registers ACME G.m.b.H. at {second['receipt']['position']}: the same customer, it waits",
            ),
            (
                to_second(case["steps"][3]["at"]),
                "decision",
                f"{case['decision']['outcome']}. {case['decision']['reason']}",
            ),
        ],
    )
    _says(
        console,
        "Why: first is who comes first in the log, whatever anybody's clock says. A conflict case opened by itself; "
        "contoso was told that somebody is ahead, not who.",
    )
    console.print()
    _says(console, "[bold]Globex Corporation[/bold], product edge: the case went the other way.")
    _rows(console, _timeline(findings.queues["globex"]))
    case = findings.cases["globex"]
    _says(console, f"Why: {case['decision']['reason']} The decision says that it overrides who was first.")
    _says(console, "The case: " + ", ".join(f"{one['step']} {one['at'][:10]}" for one in case["steps"]) + ".")
    console.print()
    _says(console, "[bold]Initech Ltd[/bold], product core: nobody decided anything, time did.")
    _rows(console, _timeline(findings.queues["initech"]))
    _says(console, "Why: when protection ends, whoever waits next is first at that very instant, and the case is moot.")


def _timeline(queue: Document) -> list[tuple[str, ...]]:
    words = {"won": "until it won the deal", "reassigned": "until the decision", "expired": "until protection ran out"}
    return [
        (
            f"{to_minute(held['from'])} to {to_minute(held['until'])}",
            held["partner"],
            words.get(held["ended_by"], held["ended_by"]),
        )
        for held in queue["timeline"]
    ]


def _earned(console: Console, findings: Findings) -> None:
    _heading(console, "2  What a deal earns: a line of a statement, with its working")
    line = findings.line
    value = figure(amount_of(line["value"]))
    _says(console, f"northwind, [bold]{line['account']}[/bold], won on {line['won_on']} for {value}:")
    rows = [
        (
            f"tier {one['tier']}",
            figure(amount_of(one["base"])),
            f"at {percent(one['rate_basis_points'])}",
            f"{int(one['commission']):,}.00 USD",
        )
        for one in line["slices"]
    ]
    rows.append(("commission", "", "", figure(amount_of(line["commission"]))))
    _rows(console, rows, frozenset((1, 3)))
    evidence = ", ".join(str(position) for position in line["evidence"])
    _says(console, f"The terms are version {line['terms_version']}; the evidence is the events {evidence} of the log.")
    partner, foreign = findings.foreign
    rate = foreign["exchange_rate"]
    _says(
        console,
        f"{partner} is paid in dollars and won {foreign['account']} for {figure(amount_of(foreign['value']))}: at "
        f"{rate['rate']}, finance's rate of {rate['date']}, that counts as {figure(amount_of(foreign['credited']))}.",
    )


def _odd_deliveries(console: Console, seen: Seen) -> None:
    _heading(console, "3  What the CRM sent twice, and what somebody forged")
    duplicate, forged = seen["duplicate"], seen["forged"]
    _rows(
        console,
        [
            (
                duplicate["delivery"],
                f"came again: {duplicate['outcome']}, with its first answer (position {duplicate['position']})",
            ),
            ("msg_acme_forged", f"1,500,000.00 for Acme, wrongly signed: {seen.forged_status}, {forged['code']}"),
        ],
    )
    _says(console, f"The log ended at position {seen.position_before} before both, and at {seen.position_after} after.")


def _closed(console: Console, seen: Seen, findings: Findings) -> None:
    _heading(console, "4  The first quarter, closed")
    closed = seen["closed"]
    total = " and ".join(figure(amount) for amount in findings.payable.values())
    _says(
        console,
        f"On {closed['recorded_at'][:10]} finance closed {closed['period']} for all {len(closed['closed'])} partners: "
        f"[bold]{total}[/bold] to be paid. These statements never change again.",
    )
    rows: list[tuple[str, ...]] = [("", "2026-Q1 closed", "2026-Q2 so far", "adjustments", "2026-Q2 payable", "")]
    for partner, (first, second) in findings.statements.items():
        totals = second["totals"]
        rows.append(
            (
                partner,
                plain(first["totals"]["payable"]),
                plain(totals["commission"]),
                plain(totals["adjustments"]) if second["adjustments"] else "",
                plain(totals["payable"]),
                second["currency"],
            )
        )
    _rows(console, rows, frozenset((1, 2, 3, 4)))


def _afterwards(console: Console, findings: Findings) -> None:
    _heading(console, "5  What came too late for it: prior-period adjustments")
    late, refund = findings.adjusted
    _says(
        console,
        "A closed quarter is computed again with all that is known now; the difference is stated in the open one.",
    )
    _rows(
        console,
        [
            (
                late.partner,
                signed(late.amount),
                f"Umbrella was won in March; the CRM told it in April. {_because(late)}",
            ),
            (
                refund.partner,
                signed(refund.amount),
                f"Acme got 30,000.00 back, which had earned 20 %. {_because(refund)}",
            ),
        ],
        frozenset((1,)),
    )


def _because(adjusted: Adjusted) -> str:
    """Which event caused an adjustment, and which delivery that event."""
    _, source, delivery, _ = adjusted.cause["cause"].split(":", 3)
    return f"Caused by event {adjusted.cause['position']}, from webhook {delivery} of {source}."


def _replayed(console: Console, findings: Findings) -> None:
    _heading(console, "6  Replay: everything again from position 1")
    replay = findings.replay
    _rows(
        console,
        [
            ("events folded", f"{replay['events']:,}"),
            ("hash chain", replay["chain"]),
            ("closed statements", f"{replay['statements_checked']} computed again, equal to the byte"),
            ("views", "rebuilt beside the live ones, equal row for row"),
            ("the log ends", f"at position {findings.head['position']:,} with hash {findings.head['hash'][:16]}…"),
        ],
    )


def to_minute(instant: str) -> str:
    """An instant of the API without its seconds."""
    return instant[:16].replace("T", " ")


def to_second(instant: str) -> str:
    """An instant of the API with its seconds."""
    return instant[:19].replace("T", " ")


def figure(amount: Money) -> str:
    """An amount for the eye, with its currency."""
    return f"{grouped(amount.decimal)} {amount.currency}"


def signed(amount: Money) -> str:
    """An amount whose sign matters."""
    return figure(amount) if amount.amount_minor < 0 else f"+{figure(amount)}"


def plain(document: Document) -> str:
    """An amount for the eye, in a column of its currency."""
    return grouped(amount_of(document).decimal)


def grouped(decimal: str) -> str:
    """A decimal string with its thousands apart."""
    whole, dot, rest = decimal.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{dot}{rest}"
