"""An explanation in plain sentences, for whoever reads no JSON."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

STEPS: Final[Mapping[str, str]] = {
    "refund": "Less what was refunded, of",
    "split": "A part of the commission of the whole deal, which is",
    "line_floor": "Raised to the floor of a line,",
    "line_cap": "Cut to the cap of a line,",
    "period_cap": "Cut to what was left of the period's cap,",
    "target": "For reaching the target of",
    "beyond_target": "For revenue beyond the target of",
    "spiff": "The SPIFF for the whole deal is",
    "period_floor": "Raised to the period's floor of",
    "reward": "The reward is",
}

ABOUT: Final[Mapping[str, str]] = {
    "terms": "Terms",
    "own_terms": "Terms of the partner's own",
    "rate": "Exchange rate",
    "share": "Share",
    "tier_table": "Band table",
    "bands": "Bands",
    "incentive": "Incentive",
    "hold": "Payment",
}


def in_sentences(explained: Mapping[str, Any]) -> str:
    """The whole explanation, a sentence a line."""
    return "\n".join(_sentences(explained)) + "\n"


def _sentences(explained: Mapping[str, Any]) -> Iterator[str]:
    yield f"{explained['line']} of {explained['partner']}."
    for one in explained["statements"]:
        yield _stated(one)
    entered = explained["entered"]
    if entered is not None:
        amount = entered["amount"]
        yield f"A person entered {amount['amount']} {amount['currency']} ({entered['kind']}): {entered['reason']}"
    line = explained["now"]
    if line is not None:
        yield from _line(line)
    credit = explained["credit"]
    if credit is not None:
        yield f"The win of {credit['won_on']} is credited to {credit['registration']}: {credit['because']}."
        for claim in credit["claims"]:
            if not claim["credited"]:
                registered = f"registered at {claim['registered_at']}, position {claim['position']}"
                yield f"  Considered and not credited: {claim['registration']} of {claim['partner']}, {registered}."
    for choice in explained["choices"]:
        yield f"{ABOUT[choice['about']]}: {choice['chosen']}, because {choice['because']}."
        for other in choice["not_chosen"]:
            yield f"  Not {other['what']}: {other['because']}."
    yield "It follows from these events of the log:"
    for event in explained["evidence"]:
        yield from _event(event)


def _stated(one: Mapping[str, Any]) -> str:
    statement = f"The {'closed' if one['closed'] else 'open'} statement of {one['period']}"
    amount, held = one["amount"], one["held"]
    what = "as a line" if one["about"] == one["period"] else f"as an adjustment ({one['kind']}) for {one['about']}"
    keeps = "" if held["amount"].strip("0.") == "" else f", of which {held['amount']} are held"
    return f"{statement} states {amount['amount']} {amount['currency']} {what}{keeps}."


def _line(line: Mapping[str, Any]) -> Iterator[str]:
    value, credited, commission = line["value"], line["credited"], line["commission"]
    yield (
        f"{line['account']} was won on {line['won_on']} for {value['amount']} {value['currency']}, "
        f"of which {credited['amount']} {credited['currency']} count."
    )
    for part in line["slices"]:
        base = part["base"]
        yield f"  {base['amount']} × {part['rate_basis_points']} basis points = {part['commission']}"
    for step in line["working"]["steps"] if "working" in line else ():
        figure, then = step["figure"], step["commission"]
        yield f"  {STEPS[step['step']]} {figure['amount']} {figure['currency']}: {then['amount']} {then['currency']}."
    yield f"  Rounded once: {commission['amount']} {commission['currency']}."


def _event(event: Mapping[str, Any]) -> Iterator[str]:
    what = event["what"] or event["type"]
    yield f"  {event['position']}, {event['recorded_at']}: {what}"
    cause = event["cause"]
    if cause["kind"] == "delivery":
        yield f"    from webhook {cause['id']} of {cause['source']}, SHA-256 {cause['body_hash']}"
        if cause["body"] is not None:
            yield f"    {cause['body']}"
        if cause["body_is_delivered"] is False:
            yield "    This is NOT what was delivered: it was changed since, and has another SHA-256."
