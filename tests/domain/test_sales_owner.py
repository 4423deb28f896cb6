"""Nothing is approved before a sales owner is named, in the engagements for which the terms ask for one (issue 3)."""

from dataclasses import replace

import pytest

from domain.account.approval import approval_awaits
from domain.account.notices import notices_of
from domain.conflict_case.commands import DecideCase
from domain.conflict_case.events import Outcome
from domain.deal_registration.aggregate import (
    ApproveRegistration,
    NameSalesOwner,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.deal_registration.sales_owner_events import SalesOwnerAwaited, SalesOwnerNamed
from domain.ids import PartnerId, Share
from domain.programme.terms import Approval, OutsideTerritory
from tests.domain.scenario import Scenario, refused
from tests.domain.told_programme import EVERYTHING

ANSWER = ResubmitRegistration(
    value=None, engagement=None, expected_close_on=None, changed=("sales_owner",), names_sales_owner=True
)


def asking(approval: Approval = "automatic", outside_territory: OutsideTerritory = "refuse") -> Scenario:
    """A programme that asks for a sales owner of a referral, and of nothing else."""
    return Scenario(approval=approval, outside_territory=outside_territory, sales_owner_required_for=("referral",))


def awaited(story: Scenario, name: str) -> list[str]:
    """What a registration's approval waits for."""
    return [*approval_awaits(story.account, story.registration(name), story.programme.terms_at(story.now).terms)]


def test_without_one_a_claim_that_would_be_approved_keeps_its_place_under_review() -> None:
    """It says so once, in an event and a notice to the partner; naming one releases it."""
    story = asking()
    story.register("A", "edge", "core")
    assert (story.status("A"), awaited(story, "A"), story.holder()) == ("under_review", ["sales_owner"], "A")
    assert [type(event) for event in story.happened[1:]] == [SalesOwnerAwaited]
    (notice,) = notices_of(story.account, story.history[-1])
    assert (notice.partner, notice.kind) == ("A", "sales_owner_awaited")
    story.register("B")
    story.catch_up()
    assert story.happened == ()
    story.later(days=1)
    story.decide("A", NameSalesOwner())
    assert (story.status("A"), awaited(story, "A")) == ("approved", [])
    assert story.protected_until("A") == "2026-03-23T12:00Z"
    story.decide("A", NameSalesOwner())
    assert story.happened == ()


def test_whoever_names_one_when_registering_or_works_otherwise_waits_for_nothing() -> None:
    """The setting names engagements."""
    story = asking()
    story.register("A", has_sales_owner=True)
    story.register("B", "core", engagement="resell")
    assert (story.status("A"), story.status("B")) == ("approved", "approved")


def test_a_reviewer_cannot_approve_it_and_naming_one_does_not_approve_what_a_person_has_to() -> None:
    """Under manual approval."""
    story = asking("manual")
    story.register("A")
    with refused("SALES_OWNER_MISSING"):
        story.decide("A", ApproveRegistration())
    story.decide("A", NameSalesOwner())
    assert [type(event) for event in story.happened] == [SalesOwnerNamed]
    assert story.status("A") == "under_review"
    story.decide("A", ApproveRegistration())
    assert story.status("A") == "approved"


def test_whoever_is_promoted_without_one_is_first_without_protection() -> None:
    """Nobody has to say so while it waits."""
    story = asking()
    story.register("A", has_sales_owner=True)
    story.register("B")
    story.decide("A", WithdrawRegistration(reason="no more"))
    assert (story.holder(), story.status("B"), awaited(story, "B")) == ("B", "under_review", ["sales_owner"])
    assert SalesOwnerAwaited in [type(event) for event in story.happened]


def test_naming_one_releases_nothing_that_waits_for_a_persons_decision_too() -> None:
    """A territory case goes on; once it is decided, nothing else is in the way."""
    story = asking(outside_territory="review")
    story.enrol("Z", replace(EVERYTHING, territories=("FR",)))
    story.register("Z")
    assert awaited(story, "Z") == ["territory_case", "sales_owner"]
    story.decide("Z", NameSalesOwner())
    assert (story.status("Z"), awaited(story, "Z")) == ("under_review", ["territory_case"])
    story.settle(story.cases("territory")[0], "uphold")
    assert story.status("Z") == "approved"


def test_the_decision_of_a_case_does_not_approve_it_alone() -> None:
    """The other way round."""
    story = asking(outside_territory="review")
    story.enrol("Z", replace(EVERYTHING, territories=("FR",)))
    story.register("Z")
    story.settle(story.cases("territory")[0], "uphold")
    assert (story.status("Z"), awaited(story, "Z")) == ("under_review", ["sales_owner"])


def test_naming_one_approves_nothing_that_did_not_wait_for_it() -> None:
    """What was left to a reviewer under terms that have changed since stays with the reviewer."""
    story = Scenario(approval="manual")
    story.register("A")
    story.publish(approval="automatic")
    story.decide("A", NameSalesOwner())
    assert story.status("A") == "under_review"


def test_an_answered_return_can_name_one() -> None:
    """The reviewer asks for it by returning the registration."""
    story = asking()
    story.register("A")
    story.decide("A", ReturnRegistration(reason="who?", fields=("sales_owner",)))
    story.decide("A", ANSWER)
    assert story.status("A") == "approved"


def test_terms_published_later_bind_what_is_decided_then() -> None:
    """What is approved already stays so."""
    story = Scenario(approval="manual")
    story.register("A")
    story.register("B", "core")
    story.decide("B", ApproveRegistration())
    story.publish(sales_owner_required_for=("referral",))
    with refused("SALES_OWNER_MISSING"):
        story.decide("A", ApproveRegistration())
    story.catch_up()
    assert [(type(e), getattr(e, "registration", None)) for e in story.happened] == [(SalesOwnerAwaited, "A")]
    assert story.status("B") == "approved"


@pytest.mark.parametrize("outcome", ["reassign", "split", "distinct"])
def test_a_decision_that_would_approve_it_is_refused_until_one_is_named(outcome: Outcome) -> None:
    """What a conflict decision lets go first, or beside the holder, is approved by it."""
    story = asking()
    story.register("A", has_sales_owner=True)
    story.register("B")
    case = story.case("B")
    shares = {"A": 5_000, "B": 5_000} if outcome == "split" else None
    with refused("SALES_OWNER_MISSING"):
        story.settle(case, outcome, shares)
    story.decide("B", NameSalesOwner())
    decided = DecideCase(
        outcome=outcome,
        rule="§3.4",
        reason="it was so",
        shares=tuple(Share(partner=PartnerId(part), basis_points=points) for part, points in (shares or {}).items()),
    )
    story.step(story.case_now(case), decided)
    assert story.status("B") == "approved"
