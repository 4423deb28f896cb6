"""The vendor's own sales in the queues: direct deals and customers that are won already (rules §3, §4, situations)."""

from dataclasses import replace

import pytest

from domain.account.state import Case, Direct, Waiting
from domain.conflict_case.commands import CommunicateCase, DecideCase
from domain.conflict_case.events import Message
from domain.deal_registration.deal_facts import ReportFact
from domain.direct_deal.reporting import (
    OpenDirectDeal,
    RecordCustomer,
    open_direct_deal,
    parked_until_created,
    record_customer,
)
from domain.ids import DealRef, Instant, Product, RegistrationId
from domain.matching import keys_of
from tests.domain.scenario import ACME, Scenario, refused, usd


class Sales(Scenario):
    """A scenario in which the vendor's own sales are at work. A direct deal's claims stand under its name."""

    def opening(self, deal: str, *products: str, created: str | None = None) -> OpenDirectDeal:
        """What the CRM says of a new opportunity on `edge` (unless said), created now."""
        return OpenDirectDeal(
            registration=RegistrationId(deal),
            facts=ACME,
            keys=keys_of(ACME),
            products=tuple(Product(product) for product in products or ("edge",)),
            value=usd(70_000),
            deal=DealRef(source="crm", id=deal),
            created_at=self.now if created is None else self.instant(created),
            fact=self.fact("reopened"),
        )

    def opens(self, deal: str, *products: str, created: str | None = None) -> bool:
        """Sales opens an opportunity."""
        with self._draft() as draft:
            return open_direct_deal(draft, self.opening(deal, *products, created=created))

    def has(self, *products: str) -> bool:
        """The account is a customer for these products, or for all."""
        with self._draft() as draft:
            return record_customer(
                draft,
                RecordCustomer(
                    facts=ACME,
                    keys=keys_of(ACME),
                    products=tuple(Product(product) for product in products),
                    since_on=None,
                    deal=None,
                    fact=self.fact("reopened"),
                ),
            )

    def direct_case(self) -> Case:
        """The latest case about a direct deal."""
        return self.cases("direct_deal")[-1]


def test_an_older_direct_deal_refuses_a_newcomer_on_its_products() -> None:
    """Situations: direct sales has an open opportunity already. Another product is free."""
    story = Sales()
    story.opens("O", "edge", "core")
    with refused("DIRECT_ACTIVE") as facts:
        story.register("A", "core", "mesh")
    assert facts == {"products": ["core"], "offer": None}
    story.register("A", "mesh")
    assert (story.holder(), story.claim("O").stage) == ("O", Direct(since=story.now))
    assert story.timeline() == [("O", "2026-02-20T12:00Z", None, None)]
    story.later(days=4_000)
    with refused("DIRECT_ACTIVE"):
        story.register("B")


def test_whatever_stands_in_the_queue_is_older_than_a_newcomer() -> None:
    """Also a direct deal that waits itself."""
    story = Sales()
    story.register("A")
    story.opens("O")
    with refused("DIRECT_ACTIVE"):
        story.register("B")


def test_a_direct_deal_behind_a_partner_waits_and_opens_a_case() -> None:
    """When its CRM says that it is older, that is evidence for whoever decides, and moves nobody."""
    story = Sales()
    story.register("A")
    story.opens("O", created="2025-11-03T09:00")
    case = story.direct_case()
    assert (case.challenger, case.holder, case.near_simultaneous) == ("O", "A", True)
    assert story.queue() == ["A", "O"]
    assert story.registration("O").created_at == story.instant("2025-11-03T09:00")
    assert story.status("O") == "waiting"
    story.later(days=30)
    story.catch_up()
    assert (story.holder(), story.status("O")) == ("O", "approved")
    assert story.case_now(case).status == "moot"
    assert story.timeline()[-1] == ("O", "2026-03-22T12:00Z", None, None)


@pytest.mark.parametrize("approval", ["automatic", "manual"])
def test_a_closed_direct_deal_leaves_its_place_to_whoever_waits(approval: str) -> None:
    """Nobody approves the vendor's own claim, and nobody has to be active for it."""
    story = Sales(older_direct_deal="offer_co_sell", approval=approval)
    story.opens("O")
    story.register("A", engagement="co_sell")
    assert (story.queue(), story.status("A")) == (["O", "A"], "waiting")
    case = story.direct_case()
    assert (case.challenger, case.holder) == ("A", "O")
    story.lost("O")
    assert story.holder() == "A"
    assert story.status("A") == ("approved" if approval == "automatic" else "under_review")
    assert story.case_now(case).status == "moot"
    assert story.status("O") == "lost"


def test_the_terms_may_offer_co_sell_where_sales_is_first() -> None:
    """Only as co-sell; the answer to any other engagement says so."""
    story = Sales(older_direct_deal="offer_co_sell")
    story.opens("O")
    with refused("DIRECT_ACTIVE") as facts:
        story.register("A", engagement="resell")
    assert facts == {"products": ["edge"], "offer": "co_sell"}


def test_a_direct_deal_said_again_is_no_news_unless_it_names_more_products() -> None:
    """It stays where it is; on a product that is new to it, it goes behind."""
    story = Sales()
    story.opens("O")
    story.register("A", "core")
    assert not story.opens("O")
    assert story.happened == ()
    assert story.opens("O", "edge", "core")
    assert story.queue("core") == ["A", "O"]
    assert story.registration("O").products == ("edge", "core")


def test_a_reopened_direct_deal_comes_back_at_its_old_place() -> None:
    """As any deal does, ahead of later registrations, each of which gets a case (rules §3.9)."""
    story = Sales()
    story.opens("O")
    story.lost("O")
    story.later(days=1)
    story.register("A")
    assert story.opens("O")
    assert story.queue() == ["O", "A"]
    assert isinstance(story.claim("A").stage, Waiting)
    assert (story.direct_case().challenger, story.direct_case().holder) == ("A", "O")


def test_facts_of_a_direct_deal_fold_by_when_they_happened() -> None:
    """An opening that arrives late does not reopen what was closed after it."""
    story = Sales()
    late = story.opening("O")
    story.later(seconds=60)
    story.opens("O")
    story.later(seconds=60)
    story.lost("O")
    with story._draft() as draft:
        assert open_direct_deal(draft, late)
    assert story.status("O") == "lost"


def test_the_vendors_own_win_ends_the_queue_and_credits_nobody() -> None:
    """A registration recorded later is about a new opportunity."""
    story = Sales()
    story.opens("O")
    story.won("O", on="2026-01-05")
    assert (story.status("O"), story.credited("O"), story.queue()) == ("won", None, [])
    assert story.cases() == []
    story.register("A")
    assert story.claim("A").opportunity == 2


def test_what_sales_won_while_a_partner_held_it_is_held_for_the_partner() -> None:
    """A win of a waiting claim makes a line for the holder, until their case is decided (rules §5)."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.won("O", value=usd(50_000))
    assert story.credited("O") == ("A", "CONFLICT_OPEN")
    story.settle(story.direct_case(), "uphold")
    assert story.credited("O") == ("A",)


def test_a_decision_for_sales_takes_the_credit_from_the_partner() -> None:
    """After the win it moves the credit, to nobody."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.won("O", value=usd(50_000))
    story.settle(story.direct_case(), "reassign")
    assert story.credited("O") is None


def test_sales_goes_first_by_decision_until_its_deal_is_closed() -> None:
    """Reassigned before a win: the partner waits, and is first again when sales has lost."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.settle(story.direct_case(), "reassign")
    assert (story.holder(), story.claim("O").stage) == ("O", Direct(since=story.now))
    story.later(days=400)
    story.catch_up()
    assert story.holder() == "O"
    story.lost("O")
    assert story.holder() == "A"


def test_a_partner_that_is_upheld_keeps_its_place() -> None:
    """And the vendor's claim is over, so that newcomers wait behind the partner again."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.settle(story.direct_case(), "uphold")
    assert (story.queue(), story.status("O")) == (["A"], "rejected")
    story.register("B")
    assert story.case("B").holder == "A"


def test_a_partner_can_be_put_before_sales() -> None:
    """A co-sell that a person decides for goes first, with its protection."""
    story = Sales(older_direct_deal="offer_co_sell")
    story.opens("O")
    story.register("A", engagement="co_sell")
    story.settle(story.direct_case(), "reassign")
    assert (story.queue(), story.protected_until("A")) == (["A", "O"], "2026-03-22T12:00Z")
    story.won("A", value=usd(1_000))
    assert story.credited("A") == ("A",)


def test_two_direct_deals_of_one_account_do_not_clash() -> None:
    """Both are the vendor's: the second waits without a case."""
    story = Sales()
    story.opens("O")
    story.opens("P")
    assert (story.queue(), story.cases()) == (["O", "P"], [])
    story.lost("O")
    assert story.holder() == "P"


def test_a_terminated_partner_leaves_no_trace_on_direct_deals() -> None:
    """What a reopening brings back of the vendor's own asks for no partner."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.won("A")
    story.terminate("A", cause="fraud")
    story.reopened("A")
    assert story.holder() == "O"


def test_an_existing_customer_is_refused_for_what_it_buys() -> None:
    """By product where stated, else altogether; who has registered before stays."""
    story = Sales()
    story.register("A")
    assert story.has("edge", "core")
    with refused("EXISTING_CUSTOMER") as facts:
        story.register("B", "mesh", "core")
    assert facts == {"products": ["core"]}
    story.register("B", "mesh")
    assert not story.has("core")
    assert story.has()
    assert not story.has("disk")
    assert not story.has()
    with refused("EXISTING_CUSTOMER"):
        story.register("C", "disk")
    assert story.holder() == "A"


def test_a_product_that_the_programme_does_not_have_is_refused() -> None:
    """From a CRM, too (rules §1)."""
    story = Sales(products=("edge",))
    with refused("UNKNOWN_PRODUCT"):
        story.opens("O", "mesh")
    with refused("UNKNOWN_PRODUCT"):
        story.has("mesh")


def test_what_is_created_in_the_future_is_not_applied_yet() -> None:
    """Neither by its own date nor by that of the fact; clocks may differ by five minutes (rules §5)."""
    story = Sales()
    opening = story.opening("O")
    assert parked_until_created(story.programme, opening, story.now) is None
    soon = replace(opening, created_at=Instant(story.now + 299_000_000))
    assert parked_until_created(story.programme, soon, story.now) is None
    created = parked_until_created(
        story.programme, replace(opening, created_at=Instant(story.now + 600_000_000)), story.now
    )
    assert created is not None and (created.reason, created.until) == ("FUTURE_DATED", story.now + 300_000_000)
    late = ReportFact(kind="reopened", occurred_at=Instant(0), delivery="msg_old")
    old = parked_until_created(story.programme, replace(opening, fact=late), story.now)
    assert old is not None and old.reason == "TOO_OLD"


def test_a_win_before_sales_took_over_is_looked_at_by_a_person() -> None:
    """The holder changed between the win and its record: held, until a person says whose it is (rules §5)."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.later(days=31)
    story.won("A", occurred="2026-03-01T12:00")
    assert story.credited("A") == ("A", "HOLDER_CHANGED")
    with refused("WRONG_STATE"):
        story.settle(story.review("A"), "split", {"A": 10_000})
    story.step(story.review("A"), DecideCase(outcome="reassign", rule="§5", reason="sales did the work"))
    assert story.credited("A") is None


def test_nobody_has_to_write_to_the_vendors_own_sales() -> None:
    """The partner is the only party that has to be told how a case about a direct deal was decided (rules §4)."""
    story = Sales()
    story.register("A")
    story.opens("O-1")
    story.settle(story.direct_case(), "uphold")
    story.step(story.direct_case(), CommunicateCase(messages=(Message(party="A", text="It is yours."),)))
    assert story.direct_case().status == "communicated"


def test_sales_can_be_told_apart_as_an_opportunity_of_its_own() -> None:
    """Two opportunities: both go on, each in a queue of its own, and the vendor's has no end."""
    story = Sales()
    story.register("A")
    story.opens("O")
    story.settle(story.direct_case(), "distinct")
    assert (story.holder(), story.status("A"), story.status("O")) == ("A", "approved", "approved")
    assert isinstance(story.claim("O").stage, Direct)
    story.won("O", value=usd(5_000))
    assert story.credited("O") is None
