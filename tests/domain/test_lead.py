"""A lead is offered, taken on or not, and stays the origin of what is registered from it (decision 18)."""

from dataclasses import replace

import pytest

from domain.deal_registration.involvement import LeadOrigin
from domain.ids import Instant, LeadId, PartnerId, Position, Product
from domain.lead.aggregate import (
    AcceptLead,
    DeclineLead,
    ExpireLead,
    Lead,
    LeadCommand,
    OfferLead,
    WithdrawLead,
    decide,
    fold,
)
from domain.lead.events import LeadAccepted, LeadDeclined, LeadEvent, LeadExpired, LeadOffered, LeadWithdrawn
from domain.lead.origin import origin_from
from domain.ledger import Ledger
from domain.recorded import Recorded
from tests.domain.scenario import ACME, Scenario, refused

END = Instant(1_000)


class Passing:
    """One lead, from partner A to partner B unless said."""

    def __init__(self) -> None:
        self.story = Scenario()
        self.history: list[Recorded[LeadEvent]] = []

    @property
    def lead(self) -> Lead | None:
        """The lead as the log states it."""
        return fold(self.history)

    def offer(self, source: str | None = "A", recipient: str = "B", *products: str) -> None:
        """It is offered until `END`."""
        self.do(
            OfferLead(
                lead=LeadId("lead"),
                source=None if source is None else self.story.partners[PartnerId(source)],
                recipient=self.story.partners[PartnerId(recipient)],
                facts=ACME,
                products=tuple(Product(product) for product in products or ("edge",)),
                known_products=(Product("edge"),),
                expires_at=END,
                terms_version=1,
            )
        )

    def accept(self, now: int = 10) -> None:
        """B takes it on."""
        self.do(AcceptLead(recipient=self.story.partners[PartnerId("B")], now=Instant(now)))

    def do(self, command: LeadCommand) -> list[type]:
        """A command; gives the kinds of its events."""
        events = decide(self.lead, command)
        for event in events:
            position = Position(len(self.history) + 1)
            self.history.append(Recorded(position=position, recorded_at=Instant(5), actor="test", event=event))
        return [type(event) for event in events]

    def status(self, now: int) -> str:
        """How it stands at an instant."""
        assert self.lead is not None
        return self.lead.status(Instant(now))


@pytest.fixture
def passing() -> Passing:
    """A lead offered by A to B."""
    passing = Passing()
    passing.offer()
    return passing


def test_a_lead_that_is_accepted_in_time_is_accepted_for_ever(passing: Passing) -> None:
    """Up to its last microsecond; said again it changes nothing."""
    passing.accept(END - 1)
    assert passing.do(AcceptLead(recipient=passing.story.partners[PartnerId("B")], now=END)) == []
    assert passing.do(ExpireLead(now=Instant(END + 1))) == []
    assert passing.status(END + 1) == "accepted"
    assert [type(recorded.event) for recorded in passing.history] == [LeadOffered, LeadAccepted]


def test_an_offer_ends_at_its_instant_whether_or_not_that_is_written(passing: Passing) -> None:
    """Half-open, by comparison; written once."""
    assert (passing.status(END - 1), passing.status(END)) == ("offered", "expired")
    with refused("WRONG_STATE"):
        passing.accept(END)
    assert passing.do(ExpireLead(now=Instant(END - 1))) == []
    assert passing.do(ExpireLead(now=Instant(END + 5))) == [LeadExpired]
    assert passing.history[-1].event == LeadExpired(lead=LeadId("lead"), at=END)
    assert passing.do(ExpireLead(now=Instant(END + 5))) == []


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (DeclineLead(reason="no time", now=Instant(10)), LeadDeclined),
        (WithdrawLead(reason="a mistake", now=Instant(10)), LeadWithdrawn),
    ],
)
def test_a_lead_that_is_declined_or_taken_back_is_over(passing: Passing, command: LeadCommand, kind: type) -> None:
    """With its reason; said again it changes nothing, and nobody can accept it."""
    assert passing.do(command) == [kind]
    assert passing.do(command) == []
    assert passing.lead is not None
    assert passing.lead.reason in ("no time", "a mistake")
    with refused("WRONG_STATE"):
        passing.accept()


def test_what_was_accepted_is_neither_declined_nor_taken_back(passing: Passing) -> None:
    """The recipient may have registered from it."""
    passing.accept()
    for command in (DeclineLead(reason=None, now=Instant(11)), WithdrawLead(reason="late", now=Instant(11))):
        with refused("WRONG_STATE"):
            passing.do(command)


def test_leads_pass_between_two_active_partners_about_products_that_there_are() -> None:
    """Or from the vendor; nobody passes one to itself."""
    passing = Passing()
    with refused("MALFORMED"):
        passing.offer("A", "A")
    with refused("UNKNOWN_PRODUCT"):
        passing.offer("A", "B", "edge", "core")
    passing.story.suspend("A")
    with refused("PARTNER_NOT_ACTIVE"):
        passing.offer()
    with refused("PARTNER_NOT_ACTIVE"):
        passing.offer(None, "A")
    passing.offer(None)
    assert passing.status(0) == "offered"
    with refused("NOT_FOUND"):
        decide(None, ExpireLead(now=END))


def test_only_an_active_partner_takes_a_lead_on(passing: Passing) -> None:
    """Suspended, it can still decline."""
    passing.story.suspend("B")
    with refused("PARTNER_NOT_ACTIVE"):
        passing.accept()
    assert passing.do(DeclineLead(reason=None, now=Instant(10))) == [LeadDeclined]


def test_a_registration_from_an_accepted_lead_names_its_origin(passing: Passing) -> None:
    """The lead and who passed it on; for the recipient, about that account, after its acceptance."""
    recipient = PartnerId("B")
    with refused("LEAD_NOT_ACCEPTED"):
        origin_from(passing.lead, recipient, ACME)
    passing.accept()
    assert origin_from(passing.lead, recipient, ACME) == LeadOrigin(lead=LeadId("lead"), source=PartnerId("A"))
    with refused("UNKNOWN_LEAD"):
        origin_from(passing.lead, PartnerId("C"), ACME)
    with refused("UNKNOWN_LEAD"):
        origin_from(None, recipient, ACME)
    with refused("LEAD_FOR_ANOTHER_ACCOUNT"):
        origin_from(passing.lead, recipient, replace(ACME, name="Globex", domain="globex.example"))


def test_the_whole_log_tells_how_a_lead_stands(passing: Passing) -> None:
    """§9: replay reproduces it."""
    passing.accept()
    ledger = Ledger()
    for recorded in passing.history:
        ledger.apply(recorded)
    assert ledger.leads == {LeadId("lead"): passing.lead}
