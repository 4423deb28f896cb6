"""Making a programme: its log, its first event and the key of its first admin, however many try at once."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError

from domain.ids import Instant, ProgrammeId
from domain.programme.aggregate import StartProgramme
from domain.programme.terms import seed_terms
from domain.refusal import Refusal
from service.access import NewKey, new_key
from service.attempt import Attempt
from service.commands.programme import Start
from service.database import is_data_error, write
from service.event_store import AlreadyCreated, create_log
from service.host_time import host_now
from service.running import Service
from service.work import Answer

ACTOR: Final = "command_line"
"""Who commands are from that an operator gives on the machine itself, as it stands in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWithKey(Start):
    """Start the programme, and in the same transaction make its first admin's key valid: there is never only one."""

    key: NewKey

    def run(self, attempt: Attempt) -> Answer:
        """Record the beginning, and write the key's row."""
        answer = super(StartWithKey, self).run(attempt)
        attempt.write(self.key.row)
        return answer


def starting(
    programme: ProgrammeId, *, time_zone: str = "UTC", currency: str = "USD", clock: Instant | None = None
) -> StartProgramme:
    """The command that starts a programme with the default terms; a `clock` makes it a sandbox."""
    return StartProgramme(
        programme=programme,
        time_zone=time_zone,
        currency=currency,
        sandbox=clock is not None,
        clock=clock,
        terms=seed_terms(currency),
    )


async def initialise(service: Service, command: StartProgramme) -> NewKey:
    """Make a programme and give the key of its first admin, to be shown once.

    Raises `AlreadyCreated` when it exists. Of several who try at once exactly one makes it; one that was broken off
    half way is finished by the next.
    """
    programme = command.programme
    await _begin_log(service, programme)
    key = new_key(programme, "admin", "first admin", partner=None, now=host_now(), by=ACTOR)
    try:
        await service.submit(programme, StartWithKey(actor=ACTOR, command=command, key=key))
    except Refusal:
        raise AlreadyCreated(programme) from None
    return key


async def _begin_log(service: Service, programme: ProgrammeId) -> None:
    """Make the row of the log's head, unless it is there: a log without its first event is one broken off half way."""
    try:
        async with write(service.database.engine) as connection:
            await create_log(connection, programme)
    except AlreadyCreated:
        return
    except DBAPIError as error:
        if not is_data_error(error):
            raise
