"""The states of one programme that this process remembers, as of the last head that it saw.

States are immutable. The cache is changed only by merging a committed batch and by dropping what another process's
events touched, so it never holds anything that was not committed.
"""

from collections import OrderedDict
from typing import Final

from service.work import StateKey

BYTES_OF_AN_ENTRY = 200
"""About what a key and its place in the cache occupy beside the state itself."""


class Missing:
    """Not in the cache: unlike None, which is a state known not to exist."""


MISSING: Final = Missing()


class StateCache:
    """States by key, the least recently used dropped first once they exceed the byte limit."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._entries: OrderedDict[StateKey, tuple[object, int]] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: StateKey) -> object:
        """The state of a key, or `MISSING`."""
        entry = self._entries.get(key)
        if entry is None:
            return MISSING
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: StateKey, state: object, size_bytes: int) -> None:
        """Remembers a state. One that is larger than the whole limit is not remembered at all."""
        known = self._entries.pop(key, None)
        if known is not None:
            self.size_bytes -= known[1]
        size_bytes += BYTES_OF_AN_ENTRY
        if size_bytes > self._limit_bytes:
            return
        self._entries[key] = (state, size_bytes)
        self.size_bytes += size_bytes
        while self.size_bytes > self._limit_bytes:
            _, (_, dropped_bytes) = self._entries.popitem(last=False)
            self.size_bytes -= dropped_bytes

    def drop(self, key: StateKey) -> None:
        """Forgets one state."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size_bytes -= entry[1]

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
        self.size_bytes = 0
