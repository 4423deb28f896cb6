"""The rule book: terms with an effective date, exchange rates, a sandbox's clock (rules §2, §6)."""

from dataclasses import replace
from datetime import date
from typing import cast

import pytest

from domain.calendar import start_of_day, zone_named
from domain.ids import Instant, Position, Product, ProgrammeId
from domain.programme.aggregate import (
    MoveClock,
    Programme,
    ProgrammeCommand,
    PublishTerms,
    StartProgramme,
    decide,
    fold,
)
from domain.programme.events import ExchangeRatePublished, ProgrammeEvent
from domain.programme.exchange_rates import ImportExchangeRates, PublishExchangeRate
from domain.programme.spiffs import EndSpiff, PublishSpiff
from domain.programme.terms import Terms, seed_terms
from domain.recorded import Recorded
from domain.refusal import Refusal
from tests.domain.scenario import refused

NEW_YORK = zone_named("America/New_York")
START = StartProgramme(
    programme=ProgrammeId("p"),
    time_zone="America/New_York",
    currency="USD",
    sandbox=False,
    clock=None,
    terms=Terms(),
)
RATE = PublishExchangeRate(date=date(2026, 2, 1), base="EUR", quote="USD", rate="1.1000", replaces=False)


def after(*commands: tuple[Instant, ProgrammeCommand]) -> Programme:
    """The rule book after commands at instants."""
    history: list[Recorded[ProgrammeEvent]] = []
    for at, command in commands:
        for event in decide(fold(history), command):
            position = Position(len(history) + 1)
            history.append(Recorded(position=position, recorded_at=at, actor="test", event=event))
    programme = fold(history)
    assert programme is not None
    return programme


def on(day: str) -> Instant:
    """00:00 of a day in New York."""
    return start_of_day(date.fromisoformat(day), NEW_YORK)


def publish(day: str, *, closed_until: Instant | None = None, **settings: object) -> PublishTerms:
    """Terms that differ from the first in some settings, from a day on."""
    terms = replace(Terms(), **settings)  # type: ignore[arg-type]  # each test names real settings
    return PublishTerms(
        effective_from=date.fromisoformat(day), starts_at=on(day), terms=terms, closed_until=closed_until
    )


def test_a_programme_starts_once() -> None:
    """Its first terms hold from the beginning of time (§6)."""
    programme = after((on("2026-01-01"), START))
    assert programme.terms_at(Instant(0)).version == 1
    assert programme.terms_on(date(1900, 1, 1)).version == 1
    assert (programme.version(1).terms, programme.zone) == (Terms(), NEW_YORK)
    with refused("ALREADY_EXISTS"):
        decide(programme, START)


@pytest.mark.parametrize("command", [RATE, MoveClock(now=Instant(1)), publish("2026-01-01")])
def test_a_programme_that_is_not_there_has_no_rules(command: ProgrammeCommand) -> None:
    with refused("NOT_FOUND"):
        decide(None, command)


def test_terms_begin_at_midnight_in_the_programmes_zone() -> None:
    """`effective_from` is 00:00 of that day there (§6); a decision cites its version."""
    programme = after((on("2026-01-01"), START), (on("2026-01-15"), publish("2026-02-01", protection_days=45)))
    begins = on("2026-02-01")
    assert programme.terms_at(Instant(begins - 1)).version == 1
    assert programme.terms_at(begins).terms.protection_days == 45
    assert (programme.terms_on(date(2026, 1, 31)).version, programme.terms_on(date(2026, 2, 1)).version) == (1, 2)
    assert programme.version(2).position == 2


def test_of_terms_that_begin_on_one_day_the_last_published_hold() -> None:
    """A correction of the same day; the latest effective date otherwise."""
    programme = after(
        (on("2026-01-01"), START),
        (on("2026-01-02"), publish("2026-03-01", protection_days=45)),
        (on("2026-01-03"), publish("2026-03-01", protection_days=60)),
        (on("2026-01-04"), publish("2026-02-01", protection_days=10)),
    )
    assert programme.terms_on(date(2026, 2, 1)).version == 4
    assert programme.terms_on(date(2026, 3, 1)).version == 3
    assert programme.terms_at(on("2026-03-01")).version == 3


def test_terms_bind_decisions_only_after_their_publication() -> None:
    """Published with a date in the past they price what was won since (§6), and undo no decision (§3)."""
    programme = after((on("2026-01-01"), START), (on("2026-03-01"), publish("2026-02-01", protection_days=45)))
    assert programme.terms_on(date(2026, 2, 10)).version == 2
    assert programme.terms_at(on("2026-02-10")).version == 1
    assert programme.terms_at(on("2026-03-01")).version == 2


@pytest.mark.parametrize(("currency", "second"), [("USD", 10_000_000), ("JPY", 100_000), ("KWD", 100_000_000)])
def test_a_programme_begins_with_the_seed_tiers_in_its_own_currency(currency: str, second: int) -> None:
    """100,000 is 100,000 whatever the currency's digits (§6)."""
    assert [band.from_minor for band in seed_terms(currency).tiers] == [0, second, 5 * second]


def test_the_same_terms_again_change_nothing() -> None:
    """From another day on they are another version."""
    programme = after((on("2026-01-01"), START), (on("2026-01-02"), publish("2026-02-01", protection_days=45)))
    assert decide(programme, publish("2026-02-01", protection_days=45)) == []
    (event,) = decide(programme, publish("2026-03-01", protection_days=45))
    assert getattr(event, "changed", None) == ()


def test_terms_may_not_reach_into_a_closed_period() -> None:
    """`PERIOD_CLOSED` (§6); the day after is free."""
    programme = after((on("2026-01-01"), START))
    closed = on("2026-04-01")
    with refused("PERIOD_CLOSED"):
        decide(programme, publish("2026-03-31", closed_until=closed, protection_days=45))
    assert decide(programme, publish("2026-04-01", closed_until=closed, protection_days=45))


def test_terms_may_begin_on_any_day_while_no_period_is_closed() -> None:
    """Also before 1970: what begins with the epoch is a clock, not the calendar."""
    assert decide(after((on("2026-01-01"), START)), publish("1960-01-01", protection_days=45))


def test_the_rate_with_the_latest_date_on_or_before_the_day_is_used() -> None:
    """Whenever it was published; no inverse (§6)."""
    programme = after(
        (on("2026-01-01"), START),
        (on("2026-03-01"), replace(RATE, date=date(2026, 2, 10), rate="1.2")),
        (on("2026-03-02"), RATE),
    )
    rates = [programme.rate_on(date(2026, 2, day), "EUR", "USD") for day in (1, 9, 10)]
    assert [None if rate is None else rate.rate for rate in rates] == ["1.1000", "1.1000", "1.2"]
    assert programme.rate_on(date(2026, 1, 31), "EUR", "USD") is None
    assert programme.rate_on(date(2026, 2, 10), "USD", "EUR") is None


def test_a_second_rate_for_a_day_says_that_it_replaces_the_first() -> None:
    """`RATE_EXISTS` (§6); the same figure again changes nothing."""
    programme = after((on("2026-01-01"), START), (on("2026-02-01"), RATE))
    assert decide(programme, replace(RATE, rate="1.1")) == []
    with refused("RATE_EXISTS"):
        decide(programme, replace(RATE, rate="1.2"))
    replaced = after(
        (on("2026-01-01"), START),
        (on("2026-02-01"), RATE),
        (on("2026-02-02"), replace(RATE, rate="1.2", replaces=True)),
    )
    rate = replaced.rate_on(date(2026, 2, 1), "EUR", "USD")
    assert rate is not None and rate.rate == "1.2"


def test_a_sandbox_clock_moves_only_forwards() -> None:
    """The same instant again changes nothing (§2)."""
    sandbox = after((Instant(100), replace(START, sandbox=True, clock=Instant(100))))
    assert decide(sandbox, MoveClock(now=Instant(100))) == []
    with refused("CLOCK_MOVES_FORWARD"):
        decide(sandbox, MoveClock(now=Instant(99)))
    moved = after(
        (Instant(100), replace(START, sandbox=True, clock=Instant(100))), (Instant(200), MoveClock(now=Instant(200)))
    )
    assert moved.clock == 200
    with refused("NOT_A_SANDBOX"):
        decide(after((Instant(1), START)), MoveClock(now=Instant(200)))


def begun(*commands: ProgrammeCommand) -> Programme:
    """The rule book after its beginning and commands."""
    return after(*((on("2026-01-01"), command) for command in (START, *commands)))


def importing(*lines: tuple[str, str, bool]) -> ImportExchangeRates:
    """Rates of the euro in dollars: day, rate, and whether the line replaces another; lines are counted from 2."""
    return ImportExchangeRates(
        lines=tuple(
            (
                number,
                PublishExchangeRate(
                    date=date.fromisoformat(day), base="EUR", quote="USD", rate=rate, replaces=replaces
                ),
            )
            for number, (day, rate, replaces) in enumerate(lines, start=2)
        )
    )


def test_a_file_of_rates_is_published_as_a_whole() -> None:
    """What is published already, or stands in it twice, is published once; a line may replace a rate."""
    programme = begun(importing(("2026-02-01", "1.1", False)))
    again = importing(
        ("2026-02-01", "1.10", False),
        ("2026-02-02", "1.2", False),
        ("2026-02-02", "1.2", False),
        ("2026-02-02", "1.3", True),
    )
    published = decide(programme, again)
    assert [event.rate for event in published if isinstance(event, ExchangeRatePublished)] == ["1.2", "1.3"]


def test_a_file_that_contradicts_a_rate_publishes_nothing_and_names_the_lines() -> None:
    programme = begun(importing(("2026-02-01", "1.1", False)))
    with pytest.raises(Refusal) as refusal:
        decide(
            programme,
            importing(("2026-02-01", "1.2", False), ("2026-02-02", "1.2", False), ("2026-02-02", "1.3", False)),
        )
    assert refusal.value.code == "RATE_EXISTS"
    errors = cast("list[dict[str, str]]", refusal.value.facts["errors"])
    assert [error["field"] for error in errors] == ["line 2", "line 4"]


SPIFF = PublishSpiff(
    spiff="launch",
    name="Launch",
    products=(Product("edge"),),
    first_on=date(2026, 4, 1),
    last_on=date(2026, 6, 30),
    rate_basis_points=200,
    amount_minor=0,
    closed_through=date(2026, 3, 31),
)


def test_a_spiff_is_published_once_and_ends_with_its_last_day() -> None:
    programme = begun(SPIFF)
    [spiff] = programme.spiffs
    assert spiff.is_for(date(2026, 6, 30), [Product("edge")]) and not spiff.is_for(date(2026, 7, 1), [Product("edge")])
    with refused("ALREADY_EXISTS"):
        decide(programme, SPIFF)
    end = EndSpiff(spiff="launch", last_on=date(2026, 5, 31), closed_through=None)
    programme = begun(SPIFF, replace(SPIFF, spiff="other"), end)
    assert [spiff.last_on for spiff in programme.spiffs] == [date(2026, 5, 31), date(2026, 6, 30)]
    assert decide(programme, end) == []
    with refused("WRONG_STATE"):
        decide(programme, replace(end, last_on=date(2026, 6, 1)))
    with refused("NOT_FOUND"):
        decide(programme, replace(end, spiff="nothing"))


def test_a_spiff_reaches_into_no_closed_period() -> None:
    with refused("PERIOD_CLOSED"):
        decide(begun(), replace(SPIFF, closed_through=date(2026, 4, 1)))
    end = EndSpiff(spiff="launch", last_on=date(2026, 5, 31), closed_through=date(2026, 6, 30))
    with refused("PERIOD_CLOSED"):
        decide(begun(SPIFF), end)
