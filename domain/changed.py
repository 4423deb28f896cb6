"""Frozen values, made and changed in a fraction of the usual time: a decision makes dozens, a replay millions.

A frozen dataclass sets every field by a call, because its own `__setattr__` refuses. Here a value is filled while it is
of another class, its *draft*, which has the same slots and is not frozen; then it becomes what it is. All that the
dataclass promises stays: keywords, defaults, `__post_init__`, equality, and that nobody changes it afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

__all__ = ["changed", "quickly_made"]

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state, **changes):
        """The same state with these fields changed. States check nothing when they are made, so nothing is skipped."""
        return _changer(type(state), *changes)(state, *changes.values())


def quickly_made(kind: type[T]) -> type[T]:
    """Decorates a frozen, slotted, keyword-only dataclass whose values are made often."""
    of_kind: tuple[Any, ...] = fields(kind)  # type: ignore[arg-type]
    known: dict[str, object] = {"_missing": MISSING}
    parameters: list[str] = []
    body = ["_become(self, '__class__', _draft)"]
    for field in of_kind:
        name = value = parameter = field.name
        if field.default is not MISSING:
            known[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
        elif field.default_factory is not MISSING:
            known[f"_make_{name}"] = field.default_factory
            parameter, value = f"{name}=_missing", f"_make_{name}() if {name} is _missing else {name}"
        parameters.append(parameter)
        body.append(f"self.{name} = {value}")
    body.append("self.__class__ = _kind")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    init = _compiled(kind, f"def __init__(self, *, {', '.join(parameters)})", body, known)
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    type.__setattr__(kind, "__init__", init)
    return kind


@lru_cache(maxsize=1_000)
def _changer(kind: type, *names: str) -> Callable[..., Any]:
    """Makes copies of one class's values with these fields changed."""
    known = [field.name for field in fields(kind)]
    for name in names:
        if name not in known:
            raise AttributeError(f"{kind.__name__} has no field {name}")
    body = ["_made = _new(_draft)"]
    body += [f"_made.{name} = {name if name in names else '_state.' + name}" for name in known]
    body += ["_made.__class__ = _kind", "return _made"]
    return _compiled(kind, f"def change({', '.join(['_state', *names])}, /)", body, {})


def _compiled(kind: type, head: str, body: Sequence[str], names: Mapping[str, object]) -> Callable[..., Any]:
    """A function made of source code in which nothing stands but the names of the class's own fields."""
    known = {"_kind": kind, "_draft": _draft_of(kind), "_become": object.__setattr__, "_new": object.__new__, **names}
    made: dict[str, Callable[..., Any]] = {}
    exec(f"{head}:\n " + "\n ".join(body), known, made)  # noqa: S102 - as the standard library makes its dataclasses
    (function,) = made.values()
    return function


@lru_cache(maxsize=1_000)
def _draft_of(kind: type) -> type:
    """A class with the slots of a frozen one, whose objects may become objects of that."""
    content = {"__slots__": kind.__dict__["__slots__"]}
    content |= {name: getattr(object, name) for name in ("__setattr__", "__delattr__")}  # not what a frozen base says
    if "__orig_bases__" in kind.__dict__:
        content["__orig_bases__"] = kind.__dict__["__orig_bases__"]
    return type(f"{kind.__name__}Draft", kind.__bases__, content)
