"""Event names: permanent, written down, and read for ever."""

from dataclasses import dataclass
from datetime import date

import pytest

from domain.ids import Instant
from service.appenders import Appenders
from service.database import Database
from service.event_types import EventTypes, JsonObject, UnknownEventType, Upcaster
from service.work import Unavailable
from tests.service.tally import PROGRAMME, TYPES, Raise, RaiseByOther, Raised, appenders


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The newest shape: an amount with its currency, and when."""

    amount: Money
    paid_on: date
    seen_at: Instant


def with_currency(body: JsonObject) -> JsonObject:
    """v1 knew only dollars."""
    return {"amount": {"amount_minor": body["amount_minor"], "currency": "USD"}, "paid_on": body["paid_on"]}


def with_time(body: JsonObject) -> JsonObject:
    """v2 did not say when it was seen."""
    return {**body, "seen_at": 0}


PAYMENTS = EventTypes(
    {"payment.paid.v3": Paid},
    {
        "payment.paid.v1": Upcaster("payment.paid.v2", with_currency),
        "payment.paid.v2": Upcaster("payment.paid.v3", with_time),
    },
)


def test_an_event_is_stored_under_its_newest_name() -> None:
    """Amounts and instants as integers, dates as ISO text, in the order of the class."""
    event = Paid(amount=Money(amount_minor=1050, currency="EUR"), paid_on=date(2026, 11, 21), seen_at=Instant(7))
    name, body = PAYMENTS.encode(event)
    assert name == "payment.paid.v3"
    assert body == b'{"amount":{"amount_minor":1050,"currency":"EUR"},"paid_on":"2026-11-21","seen_at":7}'
    assert PAYMENTS.decode(name, body) == event


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("payment.paid.v1", b'{"amount_minor":1050,"paid_on":"2026-11-21"}'),
        ("payment.paid.v2", b'{"amount":{"amount_minor":1050,"currency":"USD"},"paid_on":"2026-11-21"}'),
    ],
)
def test_an_older_event_is_read_as_the_newest(name: str, body: bytes) -> None:
    """Each upcaster leads to the next version; what is stored stays as it is."""
    expected = Paid(amount=Money(amount_minor=1050, currency="USD"), paid_on=date(2026, 11, 21), seen_at=Instant(0))
    assert PAYMENTS.decode(name, body) == expected


def test_an_event_may_not_hold_a_float() -> None:
    """Not even deep inside: an amount that is a float is a mistake found when the service starts."""

    @dataclass(frozen=True)
    class Rate:
        rates: tuple[dict[str, float | None], ...]

    with pytest.raises(AssertionError, match="float"):
        EventTypes({"rate.published.v1": Rate})


@pytest.mark.parametrize(
    ("classes", "upcasters"),
    [
        ({"a.b.v1": Raised, "a.b.v2": Raised}, {}),
        ({"a.b.v2": Raised}, {"a.b.v1": Upcaster("a.b.v3", with_time)}),
        ({"a.b.v1": Raised}, {"a.b.v1": Upcaster("a.b.v1", with_time)}),
    ],
    ids=["one class under two names", "an upcaster that leads nowhere", "a name both current and old"],
)
def test_a_table_that_contradicts_itself_is_found_at_the_start(
    classes: dict[str, type], upcasters: dict[str, Upcaster]
) -> None:
    """The table of names is checked when it is made."""
    with pytest.raises(AssertionError):
        EventTypes(classes, upcasters)


async def test_an_unknown_event_stops_the_appender(log: Database, process: Appenders) -> None:
    """A newer version of the service has written: this one cannot know what it would decide on, so it stops."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Doubled:
        tally: str
        by: int

    newer = appenders(log, types=EventTypes({"tally.doubled.v1": Doubled}))
    await process.submit(PROGRAMME, Raise(tally="a"))
    await newer.submit(PROGRAMME, RaiseByOther(tally="b", event=Doubled(tally="b", by=1)))
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"tally\.doubled\.v1"):
            await process.submit(PROGRAMME, Raise(tally="a"))
    assert "tally.doubled.v1" in (process.health.reason or "")
    with pytest.raises(UnknownEventType):
        TYPES.decode("tally.doubled.v1", b"{}")
    await newer.close()
