"""The host's clock. Signatures, keys and secrets live by it, also in a sandbox with its own clock (rules §2)."""

import time

from domain.ids import Instant


def host_now() -> Instant:
    """The host's time, in microseconds."""
    return Instant(time.time_ns() // 1_000)
