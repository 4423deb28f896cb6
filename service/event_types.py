"""The permanent names of stored events, their classes, and how older bodies are read.

A name is dotted and versioned (`deal_registration.registered.v1`) and never a Python path. A class may move and be
renamed; a name and the shape that it stands for never change. A changed shape gets the next version's name, and an
upcaster that turns the older JSON into the newer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

JsonObject = dict[str, Any]


class UnknownEventType(Exception):
    """The log holds an event that this version of the service does not know: it must not go on writing."""

    def __init__(self, type_name: str) -> None:
        super().__init__(f"the event type {type_name!r} is unknown to this version of the service")
        self.type_name = type_name


@dataclass(frozen=True, slots=True)
class Upcaster:
    """Turns the JSON of an older version into that of the next: `becomes` is the name that the result has."""

    becomes: str
    change: Callable[[JsonObject], JsonObject]


class EventTypes:
    """An explicit table of event types: what is stored under which name, and how it is read back."""

    def __init__(self, classes: Mapping[str, type], upcasters: Mapping[str, Upcaster] | None = None) -> None:
        """`classes` has the name under which each class is written; `upcasters` the older names that are still read."""
        self._upcasters = dict(upcasters or {})
        self._classes = dict(classes)
        self._names = {event_class: name for name, event_class in classes.items()}
        self._encode = msgspec.json.Encoder(order="deterministic").encode
        self._decoders: dict[str, Callable[[bytes], object]] = {
            name: msgspec.json.Decoder(event_class).decode for name, event_class in classes.items()
        }
        assert len(self._names) == len(self._classes), "a class is written under one name"
        for name, upcaster in self._upcasters.items():
            assert name not in self._classes, f"{name} is both current and upcast"
            assert upcaster.becomes in self._classes or upcaster.becomes in self._upcasters, f"{name} leads nowhere"
        for event_class in self._names:
            assert not holds_floats(msgspec.inspect.type_info(event_class)), f"{event_class.__name__} holds a float"

    def names(self) -> Mapping[str, type]:
        """Every name that is written, with its class."""
        return dict(self._classes)

    def class_of(self, type_name: str) -> type | None:
        """The class of what is stored under a name, an older one too; None for one that is unknown."""
        while (upcaster := self._upcasters.get(type_name)) is not None:
            type_name = upcaster.becomes
        return self._classes.get(type_name)

    def encode(self, event: object) -> tuple[str, bytes]:
        """The permanent name and the UTF-8 JSON of an event, as they are stored."""
        return self._names[type(event)], self._encode(event)

    def decode(self, type_name: str, body: bytes) -> object:
        """The event that was stored under this name; raises `UnknownEventType`."""
        decoder = self._decoders.get(type_name)
        if decoder is not None:
            return decoder(body)
        if type_name not in self._upcasters:
            raise UnknownEventType(type_name)
        content: JsonObject = msgspec.json.decode(body)
        while (upcaster := self._upcasters.get(type_name)) is not None:
            content, type_name = upcaster.change(content), upcaster.becomes
        return msgspec.convert(content, self._classes[type_name])


def holds_floats(info: object) -> bool:
    """Whether a stored type could hold a float, directly or inside: amounts, rates and times are integers."""
    seen: set[int] = set()
    waiting = [info]
    while waiting:
        part = waiting.pop()
        if isinstance(part, msgspec.inspect.FloatType):
            return True
        if not isinstance(part, (msgspec.inspect.Type, msgspec.inspect.Field)) or id(part) in seen:
            continue
        seen.add(id(part))
        for name in part.__struct_fields__:
            value = getattr(part, name)
            waiting.extend(value if isinstance(value, tuple) else (value,))
    return False
