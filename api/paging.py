"""Lists in pages, and reads that must have seen a write (api.md, Conventions)."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar, TypeVarTuple, cast
from urllib.parse import parse_qsl

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.problems import Problem, malformed, mistake
from service.payloads.base import INTEGER_LIMIT
from service.payloads.strict_json import mistakes
from service.presentation.values import Document

LIMIT_DEFAULT: Final = 50
LIMIT_MOST: Final = 200
CURSOR_MOST: Final = 1_000
PARAMETERS_MOST: Final = 50


def _digits(value: Any) -> Any:
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) <= 19):
            raise ValueError("this is not a whole number")
        return int(value)
    return value


Whole = BeforeValidator(_digits)


class Parameters(BaseModel):
    """The query of a request: exactly the stated parameters, each at most once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reading(Parameters):
    """A read that may ask to have seen a write."""

    at_least: Annotated[int, Field(ge=0, le=INTEGER_LIMIT), Whole] | None = Field(
        default=None, description="Wait until the view has seen this position of the log; 503 `VIEW_BEHIND` otherwise."
    )


class Listing(Reading):
    """A list in pages."""

    limit: Annotated[int, Field(ge=1, le=LIMIT_MOST), Whole] = Field(
        default=LIMIT_DEFAULT, description="The most items of a page."
    )
    after: Annotated[str, Field(min_length=1, max_length=CURSOR_MOST)] | None = Field(
        default=None, description="The `next` of the page before."
    )


K = TypeVarTuple("K")
Q = TypeVar("Q", bound=BaseModel)
T = TypeVar("T")


def read_query(raw: bytes, model: type[Q]) -> Q:
    """The query's parameters; 422 for anything that the model does not state."""
    if not raw:
        pairs: list[tuple[str, str]] = []
    else:
        try:
            pairs = parse_qsl(
                raw.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=True,
                errors="strict",
                max_num_fields=PARAMETERS_MOST,
            )
        except ValueError:
            raise mistake("", "malformed", "This is not a query.") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise mistake("", "repeated", "A parameter is stated at most once.")
    if any("\x00" in text for pair in pairs for text in pair):
        raise mistake("", "malformed", "A parameter holds the character NUL.")
    try:
        return model.model_validate(found)
    except ValidationError as failure:
        raise malformed(mistakes(failure), "The query does not have the stated form.") from None


CursorKey = Sequence[str | int]


def cursor(listing: str, key: CursorKey) -> str:
    """Where the next page of a listing begins: after the item with this key."""
    return base64.urlsafe_b64encode(json.dumps([listing, *key]).encode()).decode().rstrip("=")


def read_cursor(text: str | None, listing: str, *start: *K) -> tuple[*K]:
    """The key that a cursor of this listing holds; without one, the key that stands before all. 422 for other text."""
    if text is None:
        return start
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        held = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _no_cursor() from None
    if not isinstance(held, list) or len(held) != len(start) + 1 or held[0] != listing:
        raise _no_cursor()
    kinds = [type(value) for value in cast("tuple[object, ...]", start)]
    for value, kind in zip(held[1:], kinds, strict=True):
        if type(value) is not kind or (type(value) is int and abs(value) > INTEGER_LIMIT):
            raise _no_cursor()
        if type(value) is str and ("\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value)):
            raise _no_cursor()
    return tuple(held[1:])


def _no_cursor() -> Problem:
    return mistake("after", "malformed", "This is not a `next` that this list has given.")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What one page of a list shows, and where the next one begins."""

    items: Sequence[T]
    next: str | None

    def of(self, documents: Iterable[Document]) -> Document:
        """The page as an answer, its items as these documents."""
        return {"items": list(documents), "next": self.next}


def page(found: Sequence[T], limit: int, listing: str, key: Callable[[T], CursorKey]) -> Page[T]:
    """A page of at most `limit` of what was found, which may be more. `key` gives the cursor key of an item."""
    items = found[:limit]
    return Page(items, cursor(listing, key(items[-1])) if len(found) > limit else None)
