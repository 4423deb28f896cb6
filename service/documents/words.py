"""The words of a statement on paper: what a kind of line or adjustment is, and how figures read."""

from collections.abc import Mapping
from typing import Any, Final

from service.presentation.hold_reasons import WHY_HELD
from service.presentation.values import percent

KINDS: Final[Mapping[str, str]] = {
    "commission": "Commission",
    "bonus": "Bonuses",
    "spiff": "SPIFFs",
    "reward": "Rewards",
    "prior_period": "Learned after the period was closed",
    "dispute": "A dispute that was upheld",
    "clawback": "Taken back",
    "variance": "A changed calculation",
    "manual": "Entered by finance",
}

STEPS: Final[Mapping[str, str]] = {
    "refund": "before refunds of the value",
    "split": "commission of the whole deal",
    "line_floor": "for a deal at least",
    "line_cap": "for a deal at most",
    "period_cap": "left of the most for a period",
    "target": "target reached",
    "beyond_target": "beyond the target",
    "spiff": "SPIFF for the whole deal",
    "period_floor": "for a period at least",
    "reward": "credited in the year",
}
"""What was done to a line after its bands; the figure stands behind it."""

TOTALS: Final[Mapping[str, str]] = {
    "opening_balance": "Brought forward",
    "commission": "Commission",
    "adjustments": "Adjustments",
    "held": "Held, not payable yet",
    "payable": "Payable",
    "closing_balance": "Carried forward",
}
"""In the order in which they are added up."""


def grouped(decimal: str) -> str:
    """A decimal string with its thousands set apart, digit for digit: `1234567.50` is `1,234,567.50`."""
    whole, point, fraction = decimal.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{point}{fraction}"


def held_in_words(line: Mapping[str, Any]) -> str | None:
    """Why a line is held, as a sentence; None for one that is not."""
    if not line["held_because"]:
        return None
    return f"Held: {'; '.join(WHY_HELD.get(code, code) for code in line['held_because'])}."


def step_in_words(part: Mapping[str, Any]) -> str:
    """One step of a line's working, such as `100,000.00 at 15 % = 15,000`."""
    base, rate = grouped(part["base"]["amount"]), percent(part["rate_basis_points"])
    return f"{base} at {rate} = {grouped(part['commission'])}"


def working_in_words(line: Mapping[str, Any]) -> list[str]:
    """A line's whole working, step by step: its bands, whose they are, and what was done after them."""
    working = line.get("working")
    if working is None:
        return list(map(step_in_words, line["slices"]))
    said = [working["incentive"]] if working["incentive"] else []
    said += [f"tiers of {working['tier_table']}"] if working["tier_table"] else []
    said += [f"the partner's own terms {working['own_terms']}"] if working["own_terms"] else []
    said += map(step_in_words, line["slices"])
    for step in working["steps"]:
        figure, then = grouped(step["figure"]["amount"]), grouped(step["commission"]["amount"])
        said.append(f"{STEPS.get(step['step'], step['step'])} {figure}: {then}")
    return said


def rate_in_words(rate: Mapping[str, Any] | None) -> str | None:
    """The exchange rate of a line, such as `1 EUR = 1.1000 USD (2026-03-01)`."""
    return None if rate is None else f"1 {rate['base']} = {rate['rate']} {rate['quote']} ({rate['date']})"
