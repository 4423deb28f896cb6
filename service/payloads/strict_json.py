"""JSON and nothing else: no member twice, no NaN, no text that a database could not hold."""

import json
from typing import Any, Final, NoReturn

from jiter import from_json
from pydantic import ValidationError


class NotJson(ValueError):
    """The bytes are not one JSON document. The text of the exception is a sentence for the sender."""


class UnusableJson(NotJson):
    """JSON by its grammar, but ambiguous or not storable: a member twice, NUL, or half a surrogate pair in a text."""


def strict_json(raw: bytes) -> Any:
    """The document in the bytes.

    Raises NotJson where they are not UTF-8 JSON, UnusableJson where they name a member twice or hold text that no
    database could hold.
    """
    try:
        document = from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError:
        document = looked_at(raw)
    if b"\\u" in raw:
        _check_text(document)
    return document


def looked_at(raw: bytes) -> Any:
    """What the fast parser did not take, read by the standard library, which tells what is wrong with it."""
    try:
        return _decoder.decode(raw.decode("utf-8"))
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("The document is nested too deeply.") from None
    except ValueError as failure:
        raise NotJson(f"This is not JSON: {str(failure)[:200]}.") from None


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnusableJson("The same member stands twice in one object.")
    return found


def _no_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON.")


_decoder: Final = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_constant)


def _check_text(document: Any) -> None:
    """Refuse strings that escapes made impossible to store: with NUL, or with half a surrogate pair."""
    waiting = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if "\x00" in item:
                raise UnusableJson("A text holds the character NUL.")
            try:
                item.encode("utf-8")
            except UnicodeEncodeError:
                raise UnusableJson("A text holds half a surrogate pair.") from None
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def mistakes(failure: ValidationError, *prefix: str) -> list[dict[str, str]]:
    """What a model did not accept, as the contract's `errors`: where, which kind, and a sentence."""
    return [
        {
            "field": ".".join(str(part) for part in (*prefix, *error["loc"])),
            "code": error["type"],
            "message": error["msg"].removeprefix("Value error, "),
        }
        for error in failure.errors(include_url=False, include_context=False, include_input=False)[:MISTAKES_AT_MOST]
    ]


MISTAKES_AT_MOST: Final = 50
"""The most mistakes that one malformed payload is told of."""
