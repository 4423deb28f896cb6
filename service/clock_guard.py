"""Whether this host's clock may be trusted to date events (log.md, "The batch", 12).

A clock that runs ahead would, once one event is dated by it, freeze `recorded_at` until real time catches up. So the
clock is compared with the database host's under every head lock, and the fast path, which does not take the lock, is
open only while a recent comparison holds and the clock has not jumped since.
"""

import time
from collections.abc import Callable

from domain.ids import Instant

MICROSECONDS = 1_000_000
TOLERATED = 5 * MICROSECONDS
JUMP = 1 * MICROSECONDS
MEASURED_AT_MOST = 60 * MICROSECONDS


class ClockWrong(Exception):
    """This host's clock is too far from the database host's, or behind what is recorded already."""


class ClockGuard:
    """Compares this host's clock with the database host's."""

    def __init__(self, host_now: Callable[[], Instant]) -> None:
        self.host_now = host_now
        self._measured_at: int | None = None
        self._clock_less_monotonic = 0
        self._off = 0

    def measured(self, before: Instant, database_now: Instant | None, after: Instant) -> None:
        """Takes note of the database host's time, read between two readings of this clock (None: the same host)."""
        database = time.time_ns() // 1_000 if database_now is None else database_now
        self._off = max(before - database, database - after, 0)
        self._measured_at = monotonic()
        self._clock_less_monotonic = after - self._measured_at

    def must_measure(self) -> bool:
        """Whether the last comparison is too old, or this clock has jumped since."""
        if self._measured_at is None:
            return True
        elapsed = monotonic()
        jumped = self.host_now() - elapsed - self._clock_less_monotonic
        return elapsed - self._measured_at > MEASURED_AT_MOST or abs(jumped) > JUMP

    def check(self, last_recorded_at: Instant) -> None:
        """Raises `ClockWrong` when nothing may be dated by this clock."""
        if self._off > TOLERATED:
            raise ClockWrong(f"this host's clock is {self._off / MICROSECONDS:.0f} s off the database host's")
        behind = last_recorded_at - self.host_now()
        if behind > TOLERATED:
            raise ClockWrong(f"this host's clock is {behind / MICROSECONDS:.0f} s behind the last recorded event")


def monotonic() -> int:
    """A clock that never jumps, in microseconds."""
    return time.monotonic_ns() // 1_000
