"""A deal that the customer does not pay in time is withheld until it is paid (rules §6, `payable_on`)."""

from domain.deal_registration.aggregate import WithdrawRegistration
from domain.deal_registration.events import PaymentAwaited
from domain.money import Money
from tests.domain.scenario import Scenario, usd


def won(**settings: object) -> Scenario:
    """A registers and wins 1,000 dollars on 20 February."""
    story = Scenario(payable_on="paid", **settings)  # type: ignore[arg-type]  # each test names real settings
    story.register("A")
    story.won("A")
    return story


def pay(story: Scenario, amount: Money) -> None:
    story.report("A", story.fact("paid", value=amount))


def held(story: Scenario) -> tuple[str, ...]:
    story.catch_up()
    return story.credit("A").held_because


def test_an_unpaid_deal_is_withheld_sixty_days_after_its_win() -> None:
    """From 00:00 of that day in the programme's zone; the customer's payment releases it."""
    story = won()
    story.at("2026-04-20T23:59:59.999999")
    assert held(story) == ()
    story.at("2026-04-21T00:00")
    assert held(story) == ("UNPAID",)
    assert story.happened == (
        PaymentAwaited(registration=story.registration("A").id, account=story.account.id, at=story.now),
    )
    assert story.history[-1].position in story.credit("A").evidence
    recorded = len(story.history)
    assert held(story) == ("UNPAID",)
    assert len(story.history) == recorded
    pay(story, usd(400))
    assert held(story) == ("UNPAID",)
    pay(story, usd(600))
    assert held(story) == ()


def test_a_deal_paid_in_time_is_never_withheld() -> None:
    story = won()
    pay(story, usd(1_000))
    story.later(days=100)
    assert held(story) == ()


def test_what_was_refunded_need_not_be_paid() -> None:
    story = won()
    story.refunded("A", usd(300), "R-1")
    pay(story, usd(700))
    story.later(days=100)
    assert held(story) == ()


def test_a_payment_in_another_currency_pays_nothing() -> None:
    story = won()
    pay(story, Money(amount_minor=100_000, currency="EUR"))
    story.later(days=100)
    assert held(story) == ("UNPAID",)


def test_with_no_days_a_deal_is_withheld_from_its_win() -> None:
    assert held(won(unpaid_after_days=0)) == ("UNPAID",)


def test_where_deals_are_payable_when_won_payments_play_no_part() -> None:
    story = Scenario()
    story.register("A")
    story.won("A")
    story.later(days=400)
    assert held(story) == ()


def test_the_terms_at_the_win_count() -> None:
    story = won()
    story.publish(payable_on="won")
    story.later(days=100)
    assert held(story) == ("UNPAID",)


def test_a_deal_that_is_reopened_is_not_waited_for_and_one_won_again_anew() -> None:
    """Payments before the reopening do not count for the second win."""
    story = won()
    pay(story, usd(1_000))
    story.later(days=10)
    story.reopened("A")
    story.later(days=100)
    story.catch_up()
    assert not any(isinstance(event, PaymentAwaited) for event in story.happened)
    story.won("A")
    assert "UNPAID" not in held(story)
    story.later(days=60)
    assert "UNPAID" in held(story)


def test_a_win_that_credits_nobody_waits_for_no_payment() -> None:
    story = Scenario(payable_on="paid")
    story.register("A")
    story.decide("A", WithdrawRegistration(reason="no more"))
    story.won("A")
    story.later(days=100)
    story.catch_up()
    assert story.happened == ()


def test_a_deal_linked_to_another_registration_brings_its_wait_along() -> None:
    story = won()
    story.register("B", "core")
    story.later(days=100)
    assert held(story) == ("UNPAID",)
    story.relink("A", "B")
    story.catch_up()
    assert story.credit("B").held_because == ("UNPAID",)


def test_a_registration_is_approved_when_it_first_is() -> None:
    """By approval, by promotion to a place that needs none, or by decision: never later than the first time."""
    story = Scenario()
    story.register("A")
    story.register("B")
    first = story.registration("A").approved_at
    assert first is not None and story.registration("B").approved_at is None
    story.later(days=40)
    story.catch_up()
    promoted = story.registration("B").approved_at
    assert promoted is not None and promoted > first
    story.register("A")
    story.settle(story.case("A2"), "reassign")
    decided = story.registration("A2").approved_at
    assert decided == story.now
