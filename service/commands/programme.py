"""The rule book: starting a programme, publishing terms and exchange rates, moving a sandbox's clock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import end_of_day, instant_text, start_of_day
from domain.ids import AccountId, CaseId, Instant, LeadId
from domain.programme import aggregate as programmes
from domain.programme.aggregate import (
    MoveClock,
    Programme,
    ProgrammeCommand,
    PublishTerms,
    StartProgramme,
)
from domain.programme.events import ProgrammeEvent
from domain.programme.exchange_rates import ImportExchangeRates, PublishExchangeRate
from domain.programme.spiffs import EndSpiff, PublishSpiff
from domain.programme.terms import Terms
from domain.recorded import Recorded
from projections.leads import due_leads
from service.attempt import Attempt
from service.closed_statements import closed_through
from service.commands.due import due_accounts, due_parked, load_due, write_due
from service.commands.on_account import answer, encode, programme_of, written_of
from service.presentation.programme import rate_document, spiff_document, terms_document
from service.presentation.values import Document
from service.states import PROGRAMME_KEY
from service.streams import PROGRAMME
from service.work import Answer, Cause, Known, RequestKey, StateKey, Work

PARKED_OF_A_MOVE_AT_MOST = 100_000

SpiffCommandAt = Callable[[Programme, date | None], PublishSpiff | EndSpiff]
"""Makes the command from the rule book and the last day of anybody's closed periods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Work):
    """Make the programme. A sandbox begins at the instant of its own clock."""

    actor: str
    command: StartProgramme
    cause: Cause | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The programme, which must not exist."""
        del known
        return (PROGRAMME_KEY,)

    def run(self, attempt: Attempt) -> Answer:
        """Record the beginning."""
        if self.command.clock is not None:
            attempt.now = self.command.clock
        decided(attempt, self.command)
        return Answer(body=encode(written_of(attempt)), created=True)


@dataclass(kw_only=True)
class PublishTermsVersion(Work):
    """Publish terms that change some settings of the last version. `merge` gives them from the last ones."""

    actor: str
    effective_from: date
    merge: Callable[[Terms, str], Terms]
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _closed_until: Instant | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads up to when some partner's periods are closed."""
        self._closed_until = await closed_until(connection, attempt)

    def run(self, attempt: Attempt) -> Answer:
        """Publish, and show the version."""
        programme = programme_of(attempt)
        command = terms_to_publish(programme, self.effective_from, self.merge, self._closed_until)
        version = decided(attempt, command).terms[-1]
        document: Document = {
            "version": version.version,
            "effective_from": None if version.effective_from is None else version.effective_from.isoformat(),
            "terms": terms_document(version.terms, programme.currency),
        }
        return answer(attempt, document, created=bool(attempt.events))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRate(Work):
    """Publish the exchange rate of a day."""

    actor: str
    command: PublishExchangeRate
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book."""
        del known
        return (PROGRAMME_KEY,)

    def run(self, attempt: Attempt) -> Answer:
        """Publish, and show the rate."""
        programme = decided(attempt, self.command)
        rate = programme.rate_on(self.command.date, self.command.base, self.command.quote)
        assert rate is not None
        document = rate_document(rate)
        return answer(attempt, document, created=bool(attempt.events))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRates(Work):
    """Publish the exchange rates of a whole file, or none."""

    actor: str
    command: ImportExchangeRates
    cause: Cause | None = None
    request: RequestKey | None = None

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The rule book."""
        del known
        return (PROGRAMME_KEY,)

    def run(self, attempt: Attempt) -> Answer:
        """Publish, and say how many were new."""
        decided(attempt, self.command)
        return answer(attempt, {"lines": len(self.command.lines), "published": len(attempt.events)})


@dataclass(kw_only=True)
class PublishOrEndSpiff(Work):
    """A command about a SPIFF."""

    actor: str
    command: SpiffCommandAt
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _closed_through: date | None = field(default=None, init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads up to when some partner's periods are closed."""
        await attempt.load(connection, PROGRAMME_KEY)
        self._closed_through = await closed_through(connection, attempt.programme)

    def run(self, attempt: Attempt) -> Answer:
        """Decide, and show the SPIFF."""
        command = self.command(programme_of(attempt), self._closed_through)
        programme = decided(attempt, command)
        spiff = next(spiff for spiff in programme.spiffs if spiff.id == command.spiff)
        created = isinstance(command, PublishSpiff)
        return answer(attempt, spiff_document(spiff, programme.currency), created=created)


@dataclass(kw_only=True)
class MoveSandboxClock(Work):
    """Move a sandbox's clock; all that falls due up to then is written in the same transaction, in order of instant."""

    actor: str
    command: MoveClock
    token: str
    cause: Cause | None = None
    request: RequestKey | None = None
    exclusive = True
    _accounts: Sequence[AccountId] = field(default=(), init=False)
    _leads: Sequence[LeadId] = field(default=(), init=False)
    _parked: Sequence[str] = field(default=(), init=False)

    async def prepare(self, connection: AsyncConnection, attempt: Attempt) -> None:
        """Reads what will be due."""
        now = self.command.now
        self._accounts = await due_accounts(connection, attempt.programme, now, None)
        self._leads = await due_leads(connection, attempt.programme, now, None)
        self._parked = await due_parked(connection, attempt.programme, now, PARKED_OF_A_MOVE_AT_MOST)
        await load_due(connection, attempt, self._accounts, self._leads)

    def run(self, attempt: Attempt) -> Answer:
        """Move the clock and write what fell due."""
        programmes.decide(programme_of(attempt), self.command)
        attempt.move_clock(self.command.now)
        programme = decided(attempt, self.command)
        write_due(attempt, self._accounts, self._leads, self.token)
        for waits_for in self._parked:
            attempt.made_known(waits_for)
        assert programme.clock is not None
        return answer(attempt, {"now": instant_text(programme.clock)})


def decided(attempt: Attempt, command: ProgrammeCommand) -> Programme:
    """Decide on the rule book and record what follows; gives it as it stands then."""
    programme = cast("Programme | None", attempt.state(PROGRAMME_KEY))
    for event in programmes.decide(programme, command):
        recorded = attempt.record(PROGRAMME, event, begins_stream=programme is None)
        programme = programmes.evolve(programme, cast("Recorded[ProgrammeEvent]", recorded))
    assert programme is not None
    attempt.put(PROGRAMME_KEY, programme)
    return programme


def terms_to_publish(
    programme: Programme,
    effective_from: date,
    merge: Callable[[Terms, str], Terms],
    until: Instant | None,
    *,
    case: CaseId | None = None,
) -> PublishTerms:
    """Terms that change some settings of the last version; periods are closed `until` then."""
    return PublishTerms(
        effective_from=effective_from,
        starts_at=start_of_day(effective_from, programme.zone),
        terms=merge(programme.terms[-1].terms, programme.currency),
        closed_until=until,
        case=case,
    )


async def closed_until(connection: AsyncConnection, attempt: Attempt) -> Instant | None:
    """Up to when some partner's periods are closed; None where none is."""
    await attempt.load(connection, PROGRAMME_KEY)
    last_day = await closed_through(connection, attempt.programme)
    return None if last_day is None else end_of_day(last_day, programme_of(attempt).zone)
