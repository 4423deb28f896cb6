"""JSON as it is let in: read by a fast parser, and what that does not take by the standard library."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import from_json

from service.payloads.strict_json import NotJson, UnusableJson, looked_at, strict_json

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(DOCUMENTS, st.binary(max_size=3), st.integers(0, 200), st.booleans())
def test_what_the_fast_parser_takes_is_the_document_that_the_standard_library_reads(
    document: object, damage: bytes, place: int, escaped: bool
) -> None:
    """So that which of them read a body never makes a difference, also where the body is not quite JSON."""
    raw = json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    place %= len(raw) + 1
    raw = raw[:place] + damage + raw[place + len(damage) // 2 :]
    try:
        read = from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError:
        return
    assert repr(read) == repr(looked_at(raw))


@pytest.mark.parametrize(
    ("raw", "kind", "why"),
    [
        (b'{"a":1,"b":{"c":1,"c":1}}', UnusableJson, "stands twice"),
        (b'{"a":"\\ud800"}', UnusableJson, "half a surrogate pair"),
        (b'{"a":"\\u0000"}', UnusableJson, "NUL"),
        (b'{"a":NaN}', NotJson, "NaN"),
        (b'{"a":1}{', NotJson, "not JSON"),
        (b"\xff", NotJson, "not JSON"),
        (b"[" * 100_000, NotJson, "nested too deeply"),
    ],
)
def test_what_is_no_json_is_told_why(raw: bytes, kind: type[NotJson], why: str) -> None:
    """A precise reason for the sender; what is JSON by its grammar but of no use is another kind."""
    with pytest.raises(NotJson, match=why) as told:
        strict_json(raw)
    assert type(told.value) is kind
