"""The hash chain: what it covers, byte for byte."""

from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest

from domain.ids import Instant, ProgrammeId
from service.chain import ChainBroken, EventRow, Tip, empty_log, extend, first_hash, follow
from service.work import Cause, cause_of_delivery, cause_of_request, cause_of_timer

PROGRAMME = ProgrammeId("acme")


def test_the_first_hash_is_the_name_of_the_format_and_the_programme() -> None:
    """Golden for ever: hash(0) = SHA-256("firstclaim-log-v1", programme), each prefixed with its length."""
    assert first_hash(PROGRAMME) == sha256(b"\x00\x00\x00\x11firstclaim-log-v1\x00\x00\x00\x04acme").digest()
    assert first_hash(PROGRAMME).hex() == GOLDEN_FIRST


def test_a_link_covers_every_field_of_its_event() -> None:
    """Golden for ever: every field prefixed with its length, integers as 8 bytes, a missing cause as 0xFFFFFFFF."""
    row = event(empty_log(PROGRAMME))
    written_out = (
        b"\x00\x00\x00\x20" + first_hash(PROGRAMME),
        b"\x00\x00\x00\x04acme",
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01",
        b"\x00\x00\x00\x07tally/a",
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01",
        b"\x00\x00\x00\x0ftally.raised.v1",
        b"\x00\x00\x00\x08\x00\x06\x44\x59\x41\x62\x40\x00",
        b"\x00\x00\x00\x06tester",
        b"\xff\xff\xff\xff",
        b'\x00\x00\x00\x14{"tally":"a","by":1}',
    )
    assert row.hash == sha256(b"".join(written_out)).digest()
    assert row.hash.hex() == GOLDEN_LINK


def test_no_cause_and_an_empty_cause_are_different() -> None:
    """Null is distinct from empty."""
    tip = empty_log(PROGRAMME)
    assert event(tip).hash != event(tip, cause=Cause("")).hash


@pytest.mark.parametrize(
    "change",
    [
        {"stream": "tally/b"},
        {"version": 3},
        {"type_name": "tally.raised.v2"},
        {"body": b"{}"},
        {"recorded_at": Instant(1_764_000_000_000_001)},
        {"actor": "somebody"},
        {"cause": Cause("timer:1")},
        {"hash": b"\x00" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_field_breaks_the_chain_at_its_position(change: dict[str, Any]) -> None:
    """Whatever was changed, the first position that does not continue the chain is named."""
    rows = three()
    rows[1] = rows[1]._replace(**change)
    with pytest.raises(ChainBroken) as broken:
        list(follow(empty_log(PROGRAMME), PROGRAMME, rows))
    assert broken.value.position == 2


def test_a_missing_or_swapped_event_breaks_the_chain() -> None:
    """A gap is named at the position that should have been there."""
    first, second, third = three()
    for rows, position in (([first, third], 2), ([second, first], 1), ([first, third, second], 2)):
        with pytest.raises(ChainBroken) as broken:
            list(follow(empty_log(PROGRAMME), PROGRAMME, rows))
        assert broken.value.position == position


def test_an_intact_chain_is_given_on() -> None:
    """From any tip that is known."""
    rows = three()
    assert list(follow(empty_log(PROGRAMME), PROGRAMME, rows)) == rows
    assert list(follow(Tip(1, rows[0].hash, rows[0].recorded_at), PROGRAMME, rows[1:])) == rows[1:]
    assert all(earlier.recorded_at <= later.recorded_at for earlier, later in pairwise(rows))


def test_causes_read_back() -> None:
    """A delivery's cause holds the digest of its raw body, behind whatever the id holds."""
    cause = cause_of_delivery("crm", "msg:1:2", b"\x01" * 32)
    kind, source, rest = cause.split(":", 2)
    assert (kind, source, *rest.rsplit(":", 1)) == ("delivery", "crm", "msg:1:2", "01" * 32)
    assert cause_of_request("key_1", "k:1") == "request:key_1:k:1"
    assert cause_of_timer(Instant(5)) == "timer:5"


def three() -> list[EventRow]:
    """A log of three events."""
    rows = [event(empty_log(PROGRAMME))]
    for version in (2, 3):
        last = rows[-1]
        rows.append(event(Tip(last.position, last.hash, last.recorded_at), version=version))
    return rows


def event(tip: Tip, *, version: int = 1, cause: Cause | None = None) -> EventRow:
    """One event after a tip."""
    return extend(
        tip,
        programme=PROGRAMME,
        stream="tally/a",
        version=version,
        type_name="tally.raised.v1",
        recorded_at=Instant(1_764_000_000_000_000),
        actor="tester",
        cause=cause,
        body=b'{"tally":"a","by":1}',
    )


GOLDEN_FIRST = "f02ffe54d6998a29c00fd1983970e140ee2c6561f2ff8dc43a50a99ba1aecf0b"
GOLDEN_LINK = "ea1ae8abba671e4e2b5f52f6805f2a9c3a88e75dad227083d6704c1884d047e7"
