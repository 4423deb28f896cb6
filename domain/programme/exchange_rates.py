"""Publishing exchange rates, one by one or many at once (rules §6). All of a file is published, or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.money import rate_of
from domain.programme.events import ExchangeRatePublished
from domain.programme.terms import ExchangeRate
from domain.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishExchangeRate:
    """Publish the rate of a day. `rate` is an exact positive decimal string."""

    date: date
    base: str
    quote: str
    rate: str
    replaces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportExchangeRates:
    """Publish the rates of a file's lines, in their order. `lines` are numbered as people count them."""

    lines: tuple[tuple[int, PublishExchangeRate], ...]


def decide(
    known: Iterable[ExchangeRate], command: PublishExchangeRate | ImportExchangeRates
) -> list[ExchangeRatePublished]:
    """The rates that are new; refuses a second one for a day and pair unless it says that it replaces the first."""
    published = {(rate.date, rate.base, rate.quote): rate.rate for rate in known}
    if isinstance(command, PublishExchangeRate):
        contradicted = _contradicted(published, command)
        if contradicted is not None:
            raise Refusal("RATE_EXISTS", f"{contradicted} say that the new one replaces it.")
        return _new(published, command)
    new: list[ExchangeRatePublished] = []
    errors: list[dict[str, str]] = []
    for number, line in command.lines:
        contradicted = _contradicted(published, line)
        if contradicted is not None:
            errors.append({"field": f"line {number}", "code": "RATE_EXISTS", "message": contradicted.rstrip(";")})
            continue
        new += _new(published, line)
        published[line.date, line.base, line.quote] = line.rate
    if errors:
        raise Refusal(
            "RATE_EXISTS",
            f"{len(errors)} of the lines contradict rates that are published already, or lines before; nothing was "
            "published. A line that corrects a rate says so in its column `replaces`.",
            errors=errors,
        )
    return new


def _contradicted(published: dict[tuple[date, str, str], str], line: PublishExchangeRate) -> str | None:
    """What is published for the day and pair, where it is another rate and is not to be replaced."""
    assert rate_of(line.rate) and line.base != line.quote
    known = published.get((line.date, line.base, line.quote))
    if known is None or line.replaces or Fraction(known) == Fraction(line.rate):
        return None
    return f"A rate of {known} for {line.base} to {line.quote} on {line.date} is published already;"


def _new(published: dict[tuple[date, str, str], str], line: PublishExchangeRate) -> list[ExchangeRatePublished]:
    known = published.get((line.date, line.base, line.quote))
    if known is not None and Fraction(known) == Fraction(line.rate):
        return []
    return [
        ExchangeRatePublished(date=line.date, base=line.base, quote=line.quote, rate=line.rate, replaces=line.replaces)
    ]
