"""A request's headers, read once and asked for by name."""

from collections.abc import Sequence


class Headers:
    """The headers as they came; names are in lower case. Most requests state each of theirs once."""

    __slots__ = ("_by_name", "_stated")

    def __init__(self, stated: Sequence[tuple[bytes, bytes]]) -> None:
        self._stated = stated
        self._by_name = dict(stated)

    def values(self, name: bytes) -> list[bytes]:
        """Every value that the header was given, in order."""
        value = self._by_name.get(name)
        if value is None:
            return []
        if len(self._by_name) == len(self._stated):
            return [value]
        return [value for other, value in self._stated if other == name]
