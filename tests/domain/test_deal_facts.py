"""What the CRM says about a deal: recorded, parked, ignored or refused (rules §5; situations)."""

from dataclasses import replace

import pytest

from domain.deal_registration.deal_facts import Parked, ReportFact, parked
from domain.deal_registration.events import DealPaid, DealRefunded
from domain.money import Money
from tests.domain.scenario import Scenario, refused, usd


def euros(amount: int) -> Money:
    """Whole euros."""
    return Money(amount_minor=amount * 100, currency="EUR")


def registered(**settings: object) -> Scenario:
    """A holds."""
    story = Scenario(**settings)  # type: ignore[arg-type]  # each test names real settings
    story.register("A")
    return story


def test_a_fact_within_five_minutes_of_the_future_is_taken() -> None:
    """Clocks differ (§5)."""
    story = registered()
    assert parked(story.programme, story.fact("lost", occurred="2026-02-20T12:05"), story.now) is None


def test_a_fact_dated_further_in_the_future_is_parked_until_then() -> None:
    """Parked and shown, never applied by itself before its time (situations)."""
    story = registered()
    fact = story.fact("lost", occurred="2026-02-20T12:05:00.000001")
    until = story.instant("2026-02-20T12:00:00.000001")
    assert parked(story.programme, fact, story.now) == Parked(reason="FUTURE_DATED", until=until)
    assert parked(story.programme, fact, until) is None


def test_a_win_dated_after_today_is_parked_until_that_day_begins() -> None:
    """Today is the programme's day (§5)."""
    story = Scenario(zone="America/New_York", now="2026-02-20T23:30")
    tomorrow = story.fact("won", on="2026-02-21")
    assert parked(story.programme, tomorrow, story.now) == Parked(
        reason="FUTURE_DATED", until=story.instant("2026-02-21T00:00")
    )
    assert parked(story.programme, story.fact("won", on="2026-02-20"), story.now) is None


@pytest.mark.parametrize(
    ("occurred", "on", "reason"),
    [
        ("2025-01-16T12:00", "2026-02-20", None),
        ("2025-01-16T11:59:59.999999", "2026-02-20", "TOO_OLD"),
        ("2026-02-20T12:00", "2025-01-16", None),
        ("2026-02-20T12:00", "2025-01-15", "TOO_OLD"),
    ],
)
def test_a_fact_older_than_the_terms_allow_waits_for_a_person(occurred: str, on: str, reason: str | None) -> None:
    """`oldest_fact_days` (400), by its instant and by the day won."""
    story = registered()
    fact = story.fact("won", occurred=occurred, on=on)
    found = parked(story.programme, fact, story.now)
    assert (None if found is None else found.reason) == reason
    assert parked(story.programme, replace(fact, wanted_by_a_person=True), story.now) is None


def test_a_refund_id_counts_once() -> None:
    """The second is a no-op, also under another delivery id (situations)."""
    story = registered()
    story.won("A")
    assert story.refunded("A", usd(100), "R1")
    position = story.position
    story.later(seconds=60)
    assert not story.refunded("A", usd(100), "R1")
    assert not story.refunded("A", usd(999), "R1")
    assert not story.refunded("A", usd(100), "R1", occurred="2026-02-20T12:00")
    assert story.position == position
    assert story.credit("A").value == usd(900)


def test_a_refund_said_again_with_an_earlier_instant_counts_in_the_others_place() -> None:
    """Else the order of arrival would matter; said a third time it is nothing new."""
    story = registered()
    story.later(days=3)
    story.won("A")
    story.refunded("A", usd(100), "R1", occurred="2026-02-22T12:00")
    assert story.refunded("A", usd(40), "R1", occurred="2026-02-21T12:00")
    assert story.credit("A").value == usd(960)
    assert not story.refunded("A", usd(40), "R1", occurred="2026-02-21T12:00")
    assert not story.refunded("A", usd(100), "R1", occurred="2026-02-22T12:00")


def test_a_reopening_drops_the_refunds_before_it() -> None:
    """§5."""
    story = registered()
    story.won("A")
    story.refunded("A", usd(100), "R1")
    story.later(days=1)
    story.reopened("A")
    story.won("A")
    assert story.credit("A").value == usd(1_000)
    story.refunded("A", usd(10), "R2")
    assert story.credit("A").value == usd(990)


def test_a_refund_before_its_win_is_recorded() -> None:
    """Any well-formed fact of a known deal is, whatever the order of arrival."""
    story = registered()
    story.later(days=1)
    assert story.refunded("A", usd(100), "R1")
    assert isinstance(story.happened[0], DealRefunded)
    story.won("A", occurred="2026-02-20T18:00")
    assert story.credit("A").value == usd(900)


def test_a_refund_in_another_currency_than_the_value_is_refused() -> None:
    """`CURRENCY_MISMATCH`: against the registration's own figure, or what the CRM stated last."""
    story = registered()
    with refused("CURRENCY_MISMATCH"):
        story.refunded("A", euros(1), "R1")
    story.valued("A", euros(900))
    with refused("CURRENCY_MISMATCH"):
        story.refunded("A", usd(1), "R1")
    assert story.refunded("A", euros(1), "R1")


def test_a_value_in_another_currency_than_its_refunds_is_refused() -> None:
    """The two could not be set against each other. A value that is out of date already does no harm."""
    story = registered()
    story.later(days=1)
    story.refunded("A", usd(1), "R1")
    with refused("CURRENCY_MISMATCH"):
        story.won("A", value=euros(900))
    story.won("A", value=usd(900))
    story.valued("A", euros(800), occurred="2026-02-20T13:00")
    assert story.credit("A").value == usd(899)


def test_a_payment_is_recorded() -> None:
    """In whatever currency; it changes no credit yet."""
    story = registered()
    story.won("A")
    story.report("A", story.fact("paid", value=euros(5)))
    assert isinstance(story.happened[0], DealPaid)
    assert story.credit("A").value == usd(1_000)


def test_a_fact_lets_time_pass_first() -> None:
    """The protection that ended before is written before the fact."""
    story = registered()
    story.register("B")
    story.later(days=31)
    story.won("B")
    assert [type(event).__name__ for event in story.happened] == [
        "ProtectionExpired",
        "RegistrationPromoted",
        "CaseBecameMoot",
        "DealWon",
    ]


def test_a_fact_says_nothing_but_what_its_kind_says() -> None:
    """A lost deal has its reason, a won one its day."""
    story = registered()
    lost = ReportFact(kind="lost", occurred_at=story.now, delivery="msg_x", reason="price")
    story.report("A", lost)
    (fact,) = story.registration("A").deal_facts
    assert (fact.kind, fact.reason, fact.value, fact.on) == ("lost", "price", None, None)
