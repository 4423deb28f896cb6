"""What time it is for a programme: the host's time, or where a sandbox's own clock stands (rules §2)."""

from collections.abc import Callable, Sequence
from typing import cast

from domain.ids import Instant
from domain.programme.aggregate import Programme
from service.host_time import host_now
from service.states import PROGRAMME_KEY
from service.work import Known, StateKey


class ProgrammeClock:
    """Reads the programme's rule book to know whose clock counts."""

    needs: Sequence[StateKey] = (PROGRAMME_KEY,)

    def __init__(self, host: Callable[[], Instant] = host_now) -> None:
        self._host = host

    def now(self, known: Known) -> Instant:
        """The time of the programme."""
        clock = self._sandbox_clock(known)
        return self._host() if clock is None else clock

    def follows_host(self, known: Known) -> bool:
        """False in a sandbox."""
        return self._sandbox_clock(known) is None

    def _sandbox_clock(self, known: Known) -> Instant | None:
        programme = cast("Programme | None", known(PROGRAMME_KEY))
        return None if programme is None else programme.clock
