"""The rule book: which terms and which exchange rate hold when (rules §2, §6)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import assert_never
from zoneinfo import ZoneInfo

from domain.calendar import local_date, zone_named
from domain.ids import CaseId, Instant, ProgrammeId
from domain.programme import exchange_rates, spiffs
from domain.programme.events import (
    ClockMoved,
    ExchangeRatePublished,
    ProgrammeEvent,
    ProgrammeStarted,
    SpiffEnded,
    SpiffPublished,
    TermsPublished,
)
from domain.programme.exchange_rates import ImportExchangeRates, PublishExchangeRate
from domain.programme.spiffs import EndSpiff, PublishSpiff, Spiff
from domain.programme.terms import ExchangeRate, Terms, TermsVersion
from domain.recorded import Recorded
from domain.refusal import Refusal

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProgramme:
    """Make a programme. `clock` (a sandbox's first instant) is None for a programme that lives by the real clock."""

    programme: ProgrammeId
    time_zone: str
    currency: str
    sandbox: bool
    clock: Instant | None
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTerms:
    """Publish the whole rule book as it shall be from `effective_from` on: the last version, some settings changed.

    `starts_at` is 00:00 of that day in the programme's zone; `closed_until` the instant up to which some partner's
    periods are closed (None: none is), before which no terms may begin.
    """

    effective_from: date
    starts_at: Instant
    terms: Terms
    closed_until: Instant | None
    case: CaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveClock:
    """Move a sandbox's clock forwards to `now`."""

    now: Instant


ProgrammeCommand = (
    StartProgramme | PublishTerms | PublishExchangeRate | ImportExchangeRates | MoveClock | PublishSpiff | EndSpiff
)

# state


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme's rule book as it stands."""

    id: ProgrammeId
    time_zone: str
    currency: str
    sandbox: bool
    clock: Instant | None
    terms: tuple[TermsVersion, ...]
    rates: tuple[ExchangeRate, ...]
    spiffs: tuple[Spiff, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone."""
        return zone_named(self.time_zone)

    def terms_at(self, instant: Instant) -> TermsVersion:
        """The terms that bind what is decided at an instant (rules §3): published by then, and begun.

        Of several those of the latest effective date; of equal ones the last published.
        """
        if len(self.terms) == 1:
            return self.terms[0]
        binding = (
            version
            for version in self.terms
            if version.version == 1 or (version.starts_at <= instant and version.recorded_at <= instant)
        )
        return max(binding, key=lambda version: (version.starts_at, version.version))

    def terms_on(self, day: date) -> TermsVersion:
        """The terms in force on a date (a deal's `won_on`)."""
        begun = (v for v in self.terms if v.effective_from is None or v.effective_from <= day)
        return max(begun, key=lambda version: (version.effective_from or date.min, version.version))

    def version(self, number: int) -> TermsVersion:
        """The terms version that a decision cites."""
        return self.terms[number - 1]

    def rate_on(self, day: date, base: str, quote: str) -> ExchangeRate | None:
        """The published rate with the latest date on or before `day`; of a replaced one, the replacement (rules §6)."""
        dated = (r for r in self.rates if r.base == base and r.quote == quote and r.date <= day)
        return max(dated, key=lambda rate: (rate.date, rate.position), default=None)


# decide


def decide(programme: Programme | None, command: ProgrammeCommand) -> list[ProgrammeEvent]:
    """The events that a command causes; refuses what the rules do not allow (rules §2, §6)."""
    if isinstance(command, StartProgramme):
        return _start(programme, command)
    if programme is None:
        raise Refusal("NOT_FOUND", "There is no such programme.")
    if isinstance(command, PublishTerms):
        return _publish_terms(programme, command)
    if isinstance(command, PublishExchangeRate | ImportExchangeRates):
        return [*exchange_rates.decide(programme.rates, command)]
    if isinstance(command, PublishSpiff | EndSpiff):
        return [*spiffs.decide(programme.spiffs, command)]
    return _move_clock(programme, command)


def _start(programme: Programme | None, command: StartProgramme) -> list[ProgrammeEvent]:
    if programme is not None:
        raise Refusal("ALREADY_EXISTS", f"Programme {command.programme} exists already.")
    return [
        ProgrammeStarted(
            programme=command.programme,
            time_zone=command.time_zone,
            currency=command.currency,
            sandbox=command.sandbox,
            clock=command.clock,
            terms=command.terms,
        )
    ]


def _publish_terms(programme: Programme, command: PublishTerms) -> list[ProgrammeEvent]:
    if command.closed_until is not None and command.starts_at < command.closed_until:
        last_closed = local_date(Instant(command.closed_until - 1), programme.zone)
        raise Refusal(
            "PERIOD_CLOSED",
            f"Terms may not reach into a period that is closed: these begin on {command.effective_from}, and "
            f"there are periods closed through {last_closed}.",
        )
    last = programme.terms[-1]
    changed = tuple(f.name for f in fields(Terms) if getattr(command.terms, f.name) != getattr(last.terms, f.name))
    if not changed and command.effective_from == last.effective_from:
        return []
    return [
        TermsPublished(
            version=last.version + 1,
            effective_from=command.effective_from,
            starts_at=command.starts_at,
            terms=command.terms,
            changed=changed,
            case=command.case,
        )
    ]


def _move_clock(programme: Programme, command: MoveClock) -> list[ProgrammeEvent]:
    if not programme.sandbox or programme.clock is None:
        raise Refusal("NOT_A_SANDBOX", "Only a sandbox programme has a clock that can be moved.")
    if command.now < programme.clock:
        raise Refusal("CLOCK_MOVES_FORWARD", "A sandbox's clock only moves forwards.")
    return [] if command.now == programme.clock else [ClockMoved(now=command.now)]


# evolve and fold


def evolve(programme: Programme | None, recorded: Recorded[ProgrammeEvent]) -> Programme:
    """The rule book after one more event."""
    event = recorded.event
    if isinstance(event, ProgrammeStarted):
        first = TermsVersion(
            version=1,
            effective_from=None,
            starts_at=Instant(0),
            position=recorded.position,
            recorded_at=recorded.recorded_at,
            terms=event.terms,
        )
        return Programme(
            id=event.programme,
            time_zone=event.time_zone,
            currency=event.currency,
            sandbox=event.sandbox,
            clock=event.clock,
            terms=(first,),
            rates=(),
        )
    assert programme is not None
    if isinstance(event, TermsPublished):
        version = TermsVersion(
            version=event.version,
            effective_from=event.effective_from,
            starts_at=event.starts_at,
            position=recorded.position,
            recorded_at=recorded.recorded_at,
            terms=event.terms,
            case=event.case,
        )
        return replace(programme, terms=(*programme.terms, version))
    if isinstance(event, ExchangeRatePublished):
        rate = ExchangeRate(
            date=event.date, base=event.base, quote=event.quote, rate=event.rate, position=recorded.position
        )
        return replace(programme, rates=(*programme.rates, rate))
    if isinstance(event, ClockMoved):
        return replace(programme, clock=event.now)
    if isinstance(event, SpiffPublished | SpiffEnded):
        return replace(programme, spiffs=spiffs.evolve(programme.spiffs, event, recorded.position))
    assert_never(event)


def fold(history: Iterable[Recorded[ProgrammeEvent]], programme: Programme | None = None) -> Programme | None:
    """The rule book after a history."""
    for recorded in history:
        programme = evolve(programme, recorded)
    return programme
