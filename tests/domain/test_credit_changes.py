"""What changes a credit once the deal is won: its facts, its partner, an approval (rules §5; situations)."""

from datetime import date

from domain.deal_registration.aggregate import ApproveRegistration, ExtendProtection
from domain.money import Money
from tests.domain.scenario import queue_of, usd

# reopened and refunded


def test_a_reopened_deal_credits_nobody_until_it_is_won_again() -> None:
    """Won, reopened, won again next month with another amount: one line, on the second date (situations)."""
    story = queue_of("A")
    story.at("2026-02-24T17:08")
    story.won("A", value=usd(5_000))
    story.at("2026-02-24T18:16")
    story.reopened("A")
    assert story.credited("A") is None
    story.at("2026-03-15T10:00")
    story.won("A", value=usd(8_000))
    credit = story.credit("A")
    assert (credit.won_on, credit.value) == (date(2026, 3, 15), usd(8_000))


def test_a_later_won_replaces_the_day() -> None:
    """`won_on` only picks the period and the rate (§5)."""
    story = queue_of("A")
    story.later(days=5)
    story.won("A", on="2026-02-25")
    story.later(days=40)
    story.won("A", on="2026-03-01")
    assert story.credited("A") == ("A",)
    assert story.credit("A").won_on == date(2026, 3, 1)


def test_a_lapse_between_two_wins_counts_only_when_the_first_was_undone() -> None:
    """Reopened, it is a new sale: nobody held then."""
    story = queue_of("A", credit_after_expiry="review")
    story.later(days=5)
    story.won("A")
    story.later(days=40)
    story.won("A")
    assert story.credited("A") == ("A",)
    story.report("A", story.fact("reopened", occurred="2026-03-20T12:00"))
    assert story.credited("A") == ("A", "AFTER_EXPIRY")


def test_a_credit_is_the_value_less_refunds_and_never_below_zero() -> None:
    """A fully refunded deal keeps a line of 0.00 (§5)."""
    story = queue_of("A")
    story.won("A", value=usd(500))
    story.refunded("A", usd(200), "R1")
    assert story.credit("A").value == usd(300)
    story.refunded("A", usd(400), "R2")
    assert story.credit("A").value == usd(0)


def test_an_amount_that_arrives_after_the_win_but_happened_before_counts() -> None:
    """120k → 90k at 10:05 arrives after the win at 10:10 (situations): 90,000."""
    story = queue_of("A")
    story.at("2026-02-21T10:20")
    story.valued("A", usd(120_000), occurred="2026-02-21T10:00")
    story.won("A", occurred="2026-02-21T10:10")
    story.valued("A", usd(90_000), occurred="2026-02-21T10:05")
    assert story.credit("A").value == usd(90_000)


def test_a_suspended_partners_protected_deal_is_credited() -> None:
    """Accrued; that it is held is the statement's (situations)."""
    story = queue_of("A")
    story.suspend("A")
    story.won("A")
    assert story.credited("A") == ("A",)
    assert story.partners[story.registration("A").partner].lines_are_held


def test_a_terminated_partners_protection_that_runs_out_is_still_credited() -> None:
    """Terminated on day 12, won on day 25 (situations)."""
    story = queue_of("A")
    story.later(days=12)
    story.terminate("A")
    story.later(days=13)
    story.won("A")
    assert story.credited("A") == ("A",)
    assert not story.partners[story.registration("A").partner].lines_are_held


def test_a_win_after_fraud_credits_nobody_and_one_before_is_held_with_the_partner() -> None:
    """Void from the instant of termination (situations)."""
    story = queue_of("A")
    story.terminate("A", cause="fraud")
    story.won("A")
    assert story.credited("A") is None
    other = queue_of("A")
    other.won("A")
    other.terminate("A", cause="fraud")
    assert other.credited("A") == ("A",)
    assert other.partners[other.registration("A").partner].lines_are_held


def test_the_evidence_names_every_event_that_led_to_the_credit() -> None:
    """Registration, approval, extension, win, value, and the case (§9)."""
    story = queue_of("A", "B")
    story.decide("A", ExtendProtection(evidence="a meeting"))
    story.won("A")
    story.settle(story.case("B"), "uphold")
    credit = story.credit("A")
    kinds = [type(r.event).__name__ for r in story.history if r.position in credit.evidence]
    assert kinds == [
        "DealRegistered",
        "RegistrationApproved",
        "CaseIdentified",
        "ProtectionExtended",
        "DealWon",
        "CaseInvestigated",
        "CaseMediated",
        "CaseDecided",
    ]


def test_under_review_is_held_until_approved() -> None:
    """`NOT_APPROVED`, for the holder's part in a rival's win too."""
    story = queue_of("A", "B", approval="manual")
    story.won("B")
    assert story.credited("B") == ("A", "CONFLICT_OPEN", "NOT_APPROVED")
    story.decide("A", ApproveRegistration())
    assert story.credited("B") == ("A", "CONFLICT_OPEN")


def test_what_lasted_without_protection_lasts_through_a_win() -> None:
    """Won under review, said again long after: the holder is as it was."""
    story = queue_of("A", approval="manual")
    story.won("A")
    story.later(days=100)
    story.won("A", value=Money(amount_minor=1, currency="USD"))
    assert story.credited("A") == ("A", "NOT_APPROVED")
