"""What dates events: a clock that may be trusted, and never one that goes backwards."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from domain.ids import Instant
from service.appender import Limits
from service.appenders import Appenders
from service.attempt import Attempt
from service.database import Database
from service.host_time import host_now
from service.work import Answer, Known, StateKey, Unavailable
from tests.service.tally import PROGRAMME, Raise, Raised, appenders
from tests.service.whole_log import until, whole_log

SECOND = 1_000_000


class ShiftedClock:
    """The host's clock, wrong by so much."""

    def __init__(self) -> None:
        self.shift_seconds = 0.0

    def __call__(self) -> Instant:
        return Instant(host_now() + int(self.shift_seconds * SECOND))


class SandboxClock:
    """A clock that stands where it was put; it starts in 2020."""

    needs: Sequence[StateKey] = (("tally", "clock"),)

    def now(self, known: Known) -> Instant:
        total = known(("tally", "clock")) or 0
        assert isinstance(total, int)
        return Instant(1_577_836_800 * SECOND + total)

    def follows_host(self, known: Known) -> bool:
        return False


@dataclass(kw_only=True)
class MoveClock(Raise):
    """Moves the sandbox's clock, and records what falls due on the way at its own instant."""

    def run(self, attempt: Attempt) -> Answer:
        start = attempt.now
        attempt.move_clock(Instant(start + self.by // 2))
        attempt.record("tally/due", Raised(tally="due", by=1))
        attempt.move_clock(Instant(start + self.by))
        return self.raise_it(attempt)


def shifted(log: Database) -> tuple[Appenders, ShiftedClock]:
    clock = ShiftedClock()
    return appenders(log, host_clock=clock, limits=Limits(probe_seconds=0.02)), clock


@pytest.mark.parametrize("seconds", [6, -6])
async def test_a_clock_that_is_off_from_the_beginning_dates_nothing(log: Database, seconds: int) -> None:
    """More than 5 s from the database host's: refused, not ready, and ready again once it is right."""
    process, clock = shifted(log)
    clock.shift_seconds = seconds
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, Raise(tally="a"))
    assert "clock" in (process.health.reason or "")
    clock.shift_seconds = 0
    await until(lambda: process.health.ready)
    assert (await process.submit(PROGRAMME, Raise(tally="a"))).position == 1
    await process.close()


@pytest.mark.parametrize("seconds", [6, -6])
async def test_a_clock_that_jumps_later_dates_nothing(log: Database, seconds: int) -> None:
    """A jump is noticed before the next event, on the fast path too."""
    process, clock = shifted(log)
    for _ in range(3):
        await process.submit(PROGRAMME, Raise(tally="a"))
    clock.shift_seconds = seconds
    with pytest.raises(Unavailable):
        await process.submit(PROGRAMME, Raise(tally="a"))
    assert not process.health.ready
    clock.shift_seconds = 0
    await until(lambda: process.health.ready)
    assert (await process.submit(PROGRAMME, Raise(tally="a"))).position == 4
    await process.close()


async def test_a_clock_far_behind_the_last_event_dates_nothing(log: Database) -> None:
    """Within 5 s of the database host's, but further behind what another process has recorded."""
    ahead, clock_ahead = shifted(log)
    behind, clock_behind = shifted(log)
    clock_ahead.shift_seconds, clock_behind.shift_seconds = 4, -4
    await ahead.submit(PROGRAMME, Raise(tally="a"))
    with pytest.raises(Unavailable):
        await behind.submit(PROGRAMME, Raise(tally="a"))
    for process in (ahead, behind):
        await process.close()


async def test_recorded_at_never_decreases(log: Database) -> None:
    """A clock that steps back a little dates the next event like the last one."""
    process, clock = shifted(log)
    clock.shift_seconds = 2
    await process.submit(PROGRAMME, Raise(tally="a"))
    clock.shift_seconds = 0
    await process.submit(PROGRAMME, Raise(tally="a"))
    first, second = await whole_log(log)
    assert first.recorded_at == second.recorded_at
    await process.close()


@pytest.mark.parametrize("exclusive", [True, False])
async def test_a_sandbox_lives_by_its_own_clock(log: Database, exclusive: bool) -> None:
    """It stands still between moves; what falls due in a move is dated when it fell due."""
    process = appenders(log, clock=SandboxClock())
    await process.submit(PROGRAMME, Raise(tally="a"))
    await process.submit(PROGRAMME, MoveClock(tally="clock", by=10, exclusive=exclusive))
    await process.submit(PROGRAMME, Raise(tally="a"))
    start = 1_577_836_800 * SECOND
    assert [row.recorded_at - start for row in await whole_log(log)] == [0, 5, 10, 10]
    await process.close()
