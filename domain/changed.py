"""A frozen state with some of its fields changed.

`changed` is `dataclasses.replace` without looking every field up anew: a replay does this several times for each event.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

__all__ = ["changed"]

if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state, **changes):
        """The same state with these fields changed. States check nothing when they are made, so nothing is skipped."""
        made = object.__new__(type(state))
        for name, read, write in _fields(type(state)):
            write(made, changes[name] if name in changes else read(state))
        return made


@lru_cache(maxsize=100)
def _fields(kind: type) -> tuple[tuple[str, Callable[[object], object], Callable[[object, object], None]], ...]:
    """Each field of a slotted class: its name, and how it is read, and written although the class is frozen."""
    slots = [(name, getattr(kind, name)) for name in kind.__dict__["__slots__"]]
    return tuple((name, slot.__get__, slot.__set__) for name, slot in slots)
