"""Registrations outside their partner's territory, where the terms let a person look at them (rules §3, §4)."""

from dataclasses import replace

import pytest

from domain.deal_registration.aggregate import ApproveRegistration, WithdrawRegistration
from domain.partner.events import Agreement
from domain.programme.terms import Approval
from tests.domain.scenario import ACME, Scenario, refused
from tests.domain.told_programme import EVERYTHING

IN_FRANCE: Agreement = replace(EVERYTHING, territories=("FR",))


def in_france(approval: Approval = "automatic") -> Scenario:
    """A programme that reviews what is outside a territory, with a partner `Z` for France; the account is German."""
    story = Scenario(outside_territory="review", approval=approval)
    story.enrol("Z", IN_FRANCE)
    return story


def test_a_registration_outside_the_territory_takes_its_place_and_is_reviewed() -> None:
    """Nothing of it is approved, by itself or by hand, before the case is decided."""
    story = in_france()
    story.register("Z")
    (case,) = story.cases("territory")
    assert (case.challenger, case.holder, case.product, story.status("Z")) == ("Z", None, None, "under_review")
    with refused("WRONG_STATE"):
        story.decide("Z", ApproveRegistration())
    story.register("A")
    assert story.queue() == ["Z", "A"]


@pytest.mark.parametrize("territories", [("DE",), ("*",)])
def test_what_is_inside_is_approved_as_ever(territories: tuple[str, ...]) -> None:
    """No case."""
    story = in_france()
    story.enrol("Y", replace(EVERYTHING, territories=territories))
    story.register("Y")
    assert (story.status("Y"), story.cases()) == ("approved", [])


def test_a_limited_agreement_still_needs_a_country() -> None:
    """What cannot be told is refused, and so is everything else that the agreement does not cover."""
    story = in_france()
    with refused("OUTSIDE_AGREEMENT"):
        story.register("Z", facts=replace(ACME, country=None))
    story.enrol("Y", replace(IN_FRANCE, products=("core",)))
    with refused("OUTSIDE_AGREEMENT"):
        story.register("Y", "edge")


@pytest.mark.parametrize(("approval", "then"), [("automatic", "approved"), ("manual", "under_review")])
def test_upheld_it_stands_as_if_it_were_inside(approval: Approval, then: str) -> None:
    """Approved by itself where the terms say so, else by a reviewer."""
    story = in_france(approval=approval)
    story.register("Z")
    story.settle(story.review("Z"), "uphold")
    assert story.status("Z") == then
    if then == "under_review":
        story.decide("Z", ApproveRegistration())
    assert story.holder() == "Z"


def test_void_it_is_over_and_whoever_waits_is_first() -> None:
    """At once."""
    story = in_france()
    story.register("Z")
    story.register("A")
    story.settle(story.review("Z"), "void")
    assert (story.status("Z"), story.holder()) == ("rejected", "A")


def test_the_case_is_moot_once_the_registration_is_over() -> None:
    """There is nothing left to approve."""
    story = in_france()
    story.register("Z")
    story.decide("Z", WithdrawRegistration(reason="no more"))
    assert story.review("Z").status == "moot"


def test_promoted_it_is_still_reviewed() -> None:
    """First, without protection, until the case is decided."""
    story = in_france()
    story.register("A")
    story.register("Z")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert (story.holder(), story.status("Z")) == ("Z", "under_review")
    story.settle(story.review("Z"), "uphold")
    assert story.status("Z") == "approved"


def test_deciding_about_one_says_nothing_about_another() -> None:
    """Each registration has its own case, and waits for that."""
    story = in_france()
    story.enrol("Y", IN_FRANCE)
    story.register("Z", "edge")
    story.register("Y", "core")
    story.settle(story.review("Z"), "uphold")
    assert (story.status("Z"), story.status("Y")) == ("approved", "under_review")
