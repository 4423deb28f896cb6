"""A registration is accepted as a whole or refused with a reason, and then reviewed (rules §3)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.deal_registration.aggregate import (
    ApproveRegistration,
    LinkDeal,
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.deal_registration.eligibility import refuse_bad_shares
from domain.deal_registration.events import DealLinked, DealUnlinked, RegistrationApproved
from domain.ids import DealRef, PartnerId, Share
from domain.matching import AccountFacts
from domain.money import Money
from domain.partner.events import Agreement
from tests.domain.scenario import ACME, Scenario, refused, usd
from tests.domain.told_programme import EVERYTHING

RETURN = ReturnRegistration(reason="the value is missing", fields=("value", "expected_close_on"))
REJECT = RejectRegistration(reason="no lead")
WITHDRAW = WithdrawRegistration(reason="no more")


def test_an_overlap_with_a_live_claim_of_the_same_partner_is_refused_as_a_whole() -> None:
    """§3.5: with the id and the products."""
    story = Scenario()
    story.register("A", "edge", "core")
    with refused("ALREADY_REGISTERED") as facts:
        story.register("A", "core", "mesh")
    assert facts == {"registration": "A", "products": ["core"]}
    assert story.queue("mesh") == []
    story.register("A", "mesh")
    story.decide("A", WITHDRAW)
    story.register("A", "core")


def test_an_unknown_product_is_refused_where_the_terms_list_those_that_exist() -> None:
    """§1: compared exactly; none listed: any."""
    story = Scenario(products=("edge", "core"))
    with refused("UNKNOWN_PRODUCT"):
        story.register("A", "edge", "Edge")
    story.register("A", "edge")


def test_a_partner_that_is_not_active_is_refused() -> None:
    """Suspended or terminated; new registrations are refused at once, before a last day too (§8)."""
    story = Scenario()
    story.suspend("A")
    story.terminate("B", last_day="2026-12-31")
    for partner in "AB":
        with refused("PARTNER_NOT_ACTIVE"):
            story.register(partner)
    assert story.queue() == []


def test_every_partner_in_the_shares_is_active() -> None:
    """§5."""
    story = Scenario()
    story.suspend("B")
    with refused("PARTNER_NOT_ACTIVE"):
        story.register("A", shares={"A": 5_000, "B": 5_000})
    story.register("A")
    with refused("PARTNER_NOT_ACTIVE"):
        story.agree_shares("A", {"A": 5_000, "B": 5_000})


@pytest.mark.parametrize(
    "shares",
    [
        {"A": 3_333, "B": 3_333, "C": 3_333},
        {"A": 6_000, "B": 5_000},
        {"A": 10_500, "B": -500},
        {"B": 10_000},
        {"A": 10_000, "B": 0},
    ],
)
def test_shares_sum_to_the_whole_with_the_lead_among_them(shares: dict[str, int]) -> None:
    """33.33 % times three, or 60/50, are refused; no silent remainder (situations)."""
    story = Scenario()
    with refused("MALFORMED"):
        story.register("A", shares=shares)


def test_each_partner_has_one_share() -> None:
    """Two shares of one partner would be two lines of one deal."""
    half = Share(partner=PartnerId("A"), basis_points=5_000)
    with refused("MALFORMED"):
        refuse_bad_shares((half, half), PartnerId("A"))


@pytest.mark.parametrize(
    ("agreement", "facts"),
    [
        (replace(EVERYTHING, products=("core",)), ACME),
        (replace(EVERYTHING, territories=("FR",)), ACME),
        (replace(EVERYTHING, territories=("DE",)), replace(ACME, country=None)),
        (replace(EVERYTHING, effective_from=date(2026, 2, 21)), ACME),
        (replace(EVERYTHING, ends_on=date(2026, 2, 19)), ACME),
    ],
)
def test_the_agreement_in_force_covers_product_and_territory(agreement: Agreement, facts: AccountFacts) -> None:
    """A limited agreement needs a stated country; a day that ends something is included (§2, §3)."""
    story = Scenario()
    story.enrol("Z", agreement)
    with refused("OUTSIDE_AGREEMENT"):
        story.register("Z", "edge", facts=facts)


def test_an_agreement_covers_what_it_names_up_to_its_last_day() -> None:
    """The last day is included."""
    story = Scenario()
    day = date(2026, 2, 20)
    story.enrol("Z", Agreement(products=("edge",), territories=("DE",), effective_from=day, ends_on=day))
    story.register("Z", "edge")
    assert story.holder() == "Z"


def test_a_refused_request_leaves_no_claim() -> None:
    """A's first request was refused with the reason; B has priority; A's place is that of its good request (§3.2)."""
    story = Scenario(minimum_value_minor=100_000)
    with refused("BELOW_MINIMUM_VALUE"):
        story.register("A", value=usd(10))
    assert story.dropped == ()
    story.register("B", value=usd(1_000))
    story.register("A", value=usd(1_000))
    assert story.queue() == ["B", "A"]


def test_capacity_is_a_limit_on_live_registrations() -> None:
    """`max_live_registrations`; 0 is off."""
    story = Scenario(max_live_registrations=2)
    with refused("TOO_MANY_REGISTRATIONS"):
        story.register("A", live_registrations=2)
    story.register("A", live_registrations=1)
    Scenario().register("A", live_registrations=1_000)


def test_the_value_reaches_the_minimum_converted_where_its_currency_differs() -> None:
    """`minimum_value`; a value in a currency without a published rate cannot be compared and passes."""
    story = Scenario(minimum_value_minor=100_000)
    with refused("BELOW_MINIMUM_VALUE"):
        story.register("A", value=Money(amount_minor=99_999, currency="USD"))
    story.register("A", value=Money(amount_minor=100_000, currency="USD"))
    yen = Money(amount_minor=1_000, currency="JPY")
    story.register("B", value=yen)
    story.publish_rate("JPY", "0.0067")
    with refused("BELOW_MINIMUM_VALUE"):
        story.register("C", value=yen)
    story.register("C", value=Money(amount_minor=150_000, currency="JPY"))


def test_a_linked_deal_is_refused_whoever_has_it() -> None:
    """§5: a deal has one linked registration."""
    story = Scenario()
    with refused("DEAL_ALREADY_LINKED"):
        story.register("A", deal_is_linked=True)


def test_a_review_approves_rejects_or_returns() -> None:
    """`under_review` → `approved` | `returned` | `rejected`; a return keeps the place."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    story.decide("A", RETURN)
    assert (story.status("A"), story.holder()) == ("returned", "A")
    with refused("WRONG_STATE"):
        story.decide("A", ApproveRegistration())
    with refused("WRONG_STATE"):
        story.decide("A", RETURN)
    answer = ResubmitRegistration(value=usd(5_000), engagement="resell", expected_close_on=None, changed=("value",))
    story.decide("A", answer)
    assert (story.status("A"), story.registration("A").value) == ("under_review", usd(5_000))
    story.decide("A", ApproveRegistration())
    assert isinstance(story.happened[0], RegistrationApproved) and not story.happened[0].automatic
    story.decide("A", ApproveRegistration())
    assert story.happened == ()
    with refused("WRONG_STATE"):
        story.decide("A", REJECT)


def test_a_resubmission_changes_only_what_was_asked_for() -> None:
    """And only a returned registration is resubmitted."""
    story = Scenario(approval="manual")
    story.register("A")
    answer = ResubmitRegistration(value=None, engagement="resell", expected_close_on=None, changed=("engagement",))
    with refused("WRONG_STATE"):
        story.decide("A", answer)
    story.decide("A", RETURN)
    with refused("WRONG_STATE"):
        story.decide("A", answer)
    on = ResubmitRegistration(
        value=None, engagement=None, expected_close_on=date(2026, 6, 1), changed=("expected_close_on",)
    )
    story.decide("A", on)
    assert story.registration("A").expected_close_on == date(2026, 6, 1)


def test_the_terms_of_the_day_decide_whether_a_registration_needs_approval() -> None:
    """Settings of §3 to §5 bind what is decided after their publication; a decision cites its version."""
    story = Scenario()
    story.publish(approval="manual")
    story.register("A")
    assert story.status("A") == "under_review"
    story.publish(approval="automatic")
    story.register("B", "core")
    assert story.status("B") == "approved"
    approved = story.happened[1]
    assert isinstance(approved, RegistrationApproved) and approved.terms_version == 3


def test_rejecting_and_withdrawing_twice_changes_nothing() -> None:
    """Already so: no events. What is over stays over."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B")
    story.decide("A", REJECT)
    story.decide("B", WITHDRAW)
    for name, command in (("A", REJECT), ("B", WITHDRAW)):
        story.decide(name, command)
        assert story.happened == ()
    with refused("WRONG_STATE"):
        story.decide("A", WITHDRAW)
    with refused("WRONG_STATE"):
        story.decide("B", REJECT)
    with refused("WRONG_STATE"):
        story.decide("B", ApproveRegistration())


def test_a_waiting_registration_can_be_rejected() -> None:
    """Its claim ends, its case is moot."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.decide("B", REJECT)
    assert (story.status("B"), story.case("B").status) == ("rejected", "moot")


def test_shares_are_agreed_while_the_deal_is_open() -> None:
    """§5: as agreed at the win; after it `ALREADY_WON`."""
    story = Scenario()
    story.register("A")
    story.register("B")
    half = {"A": 5_000, "C": 5_000}
    story.agree_shares("A", half)
    story.agree_shares("A", half)
    assert story.happened == ()
    story.won("B")
    for name in "AB":
        with refused("ALREADY_WON"):
            story.agree_shares(name, {name: 10_000})
    story.register("D", "mesh")
    story.decide("D", WITHDRAW)
    with refused("WRONG_STATE"):
        story.agree_shares("D", {"D": 10_000})


def test_a_deal_is_linked_once_and_again_only_by_staff() -> None:
    """§5: `DEAL_ALREADY_LINKED`, the same text whoever has it."""
    story = Scenario()
    story.register("A")
    other = DealRef(source="crm", id="X")
    with refused("DEAL_ALREADY_LINKED"):
        story.decide("A", LinkDeal(deal=other, linked_elsewhere=False, by_staff=False, facts=()))
    story.decide("A", LinkDeal(deal=other, linked_elsewhere=False, by_staff=True, facts=()))
    assert [type(event) for event in story.happened] == [DealUnlinked, DealLinked]
    story.decide("A", LinkDeal(deal=other, linked_elsewhere=False, by_staff=False, facts=()))
    assert story.happened == ()
    assert story.registration("A").deal == other


def test_a_deal_that_leads_elsewhere_is_for_staff_to_link() -> None:
    """A registration without a deal may take one by itself, unless it is linked."""
    story = Scenario()
    story.register("A")
    story.relink("A", story.register("B", "core"))
    taken = LinkDeal(deal=DealRef(source="crm", id="Y"), linked_elsewhere=True, by_staff=False, facts=())
    assert story.registration("A").deal is None
    with refused("DEAL_ALREADY_LINKED"):
        story.decide("A", taken)
    free = LinkDeal(deal=DealRef(source="crm", id="Z"), linked_elsewhere=False, by_staff=False, facts=())
    story.decide("A", free)
    assert [type(event) for event in story.happened] == [DealLinked]


def test_a_deal_takes_its_facts_along_when_staff_links_it_again() -> None:
    """The win leaves the one registration and comes to the other."""
    story = Scenario()
    story.register("A")
    story.register("B", "core")
    story.won("A", value=usd(7_000))
    story.relink("A", "B")
    assert (story.status("A"), story.status("B")) == ("approved", "won")
    assert story.credited("A") is None
    assert story.credited("B") == ("B",)
    assert story.credit("B").value == usd(7_000)


def test_a_deal_with_facts_is_not_exchanged_for_another() -> None:
    """What is recorded of it would be lost."""
    story = Scenario()
    story.register("A")
    story.register("B", "core")
    story.lost("B")
    with refused("WRONG_STATE"):
        story.relink("A", "B")


def test_facts_come_along_only_in_the_currency_of_the_value() -> None:
    """Refunds in euros cannot be set against a value in dollars (§5)."""
    story = Scenario()
    story.register("A", value=Money(amount_minor=100_000, currency="EUR"))
    story.register("B", "core")
    story.refunded("A", Money(amount_minor=100, currency="EUR"), "R1")
    with refused("CURRENCY_MISMATCH"):
        story.relink("A", "B")


def test_a_resubmitted_value_is_in_the_currency_of_its_refunds() -> None:
    """Unless the CRM has stated the value: that one counts (§5)."""
    euros = ResubmitRegistration(
        value=Money(amount_minor=100_000, currency="EUR"),
        engagement=None,
        expected_close_on=None,
        changed=("value",),
    )
    story = Scenario(approval="manual")
    story.register("A")
    story.decide("A", RETURN)
    story.refunded("A", usd(1), "R1")
    with refused("CURRENCY_MISMATCH"):
        story.decide("A", euros)
    story.valued("A", usd(100))
    story.decide("A", euros)
    assert story.registration("A").deal_value == usd(100)
