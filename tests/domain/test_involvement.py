"""Who sourced a deal and who influenced it: decided once, at the win, and paid by shares alone (rules §5)."""

from dataclasses import replace

import pytest

from domain.deal_registration.aggregate import StateRoles
from domain.deal_registration.events import RolesStated
from domain.deal_registration.involvement import LeadOrigin, PartnerRole, Role, unknown_in_the_roles
from domain.ids import LeadId, PartnerId
from tests.domain.scenario import Scenario, refused


def roles(**parts: Role) -> tuple[PartnerRole, ...]:
    """A role of each partner."""
    return tuple(PartnerRole(partner=PartnerId(partner), role=role) for partner, role in parts.items())


def attributed(story: Scenario, registration: str = "A") -> dict[str, str]:
    """What each partner was to the won deal."""
    outcome = story.outcome(registration)
    return {} if outcome is None else {one.partner: one.how for one in outcome.attributions}


def made_from_a_lead(story: Scenario, source: str | None) -> None:
    """As if the registration A had been made from a lead."""
    origin = LeadOrigin(lead=LeadId("lead"), source=None if source is None else PartnerId(source))
    registration = replace(story.registration("A"), origin=origin)
    story.account = replace(story.account, registrations={registration.id: registration})


@pytest.fixture
def story() -> Scenario:
    """A has registered and shares with B."""
    story = Scenario()
    story.register("A", shares={"A": 6_000, "B": 4_000})
    return story


def test_the_holder_sourced_what_came_from_nobody_else(story: Scenario) -> None:
    """Who shares, and who has a role, influenced it; nothing is decided before the win."""
    story.decide("A", StateRoles(roles=roles(C="influence", D="delivery")))
    assert attributed(story) == {}
    story.won("A")
    assert attributed(story) == {"A": "sourced", "B": "influenced", "C": "influenced", "D": "influenced"}
    assert story.outcome("A").partners == ("A", "B")  # type: ignore[union-attr]  # it is won


def test_the_partner_that_passed_the_lead_sourced_it(story: Scenario) -> None:
    """Whatever roles say; the holder influenced it then."""
    made_from_a_lead(story, "C")
    story.decide("A", StateRoles(roles=roles(D="source")))
    story.won("A")
    assert attributed(story) == {"C": "sourced", "A": "influenced", "B": "influenced", "D": "influenced"}


def test_what_the_vendor_passed_no_partner_sourced(story: Scenario) -> None:
    """Unless staff says so."""
    made_from_a_lead(story, None)
    story.won("A")
    assert attributed(story) == {"A": "influenced", "B": "influenced"}
    story.reopened("A")
    story.decide("A", StateRoles(roles=roles(E="source")))
    story.won("A")
    assert attributed(story) == {"E": "sourced", "A": "influenced", "B": "influenced"}


def test_a_role_says_who_sourced_it_where_no_lead_does(story: Scenario) -> None:
    """Also when that is the holder itself, with another role besides."""
    story.decide("A", StateRoles(roles=(*roles(A="source"), *roles(A="delivery"))))
    story.won("A")
    assert attributed(story) == {"A": "sourced", "B": "influenced"}


def test_roles_are_as_they_were_at_the_win(story: Scenario) -> None:
    """`ALREADY_WON`, as with shares; stated again before, they change nothing."""
    story.decide("A", StateRoles(roles=roles(C="influence")))
    (stated,) = story.happened
    assert isinstance(stated, RolesStated)
    story.decide("A", StateRoles(roles=roles(C="influence")))
    assert story.happened == ()
    story.won("A")
    with refused("ALREADY_WON"):
        story.decide("A", StateRoles(roles=()))


def test_whoever_the_credit_goes_to_decides_whose_deal_it_was() -> None:
    """A win on the deal of a waiting registration is the holder's: it sourced it."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.won("B")
    assert attributed(story, "B") == {"A": "sourced"}
    story.settle(story.case("B"), "reassign")
    assert attributed(story, "B") == {"B": "sourced"}


def test_a_role_is_stated_once(story: Scenario) -> None:
    """And of partners that are in the programme."""
    with refused("MALFORMED"):
        story.decide("A", StateRoles(roles=(*roles(C="delivery"), *roles(C="delivery"))))
    assert unknown_in_the_roles(PartnerId("X")).code == "PARTNER_NOT_ACTIVE"


def test_roles_are_evidence_of_the_registration(story: Scenario) -> None:
    """§9: who said so, and when."""
    story.decide("A", StateRoles(roles=roles(C="influence")))
    stated = [r for r in story.history if isinstance(r.event, RolesStated)]
    assert stated[0].position in story.registration("A").evidence
