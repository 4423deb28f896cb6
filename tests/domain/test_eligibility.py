"""Who may register what: segments, certifications, and leaving an account to others for a while (rules §3)."""

from dataclasses import replace

import pytest

from domain.conflict_case.events import Outcome
from domain.deal_registration.aggregate import (
    RejectRegistration,
    ResubmitRegistration,
    ReturnRegistration,
    WithdrawRegistration,
)
from domain.deal_registration.application import Application
from domain.deal_registration.eligibility import POLICIES, SPEAK_OF_OTHERS, verdicts
from domain.deal_registration.events import Engagement
from domain.ids import PartnerId, Product
from domain.programme.terms import RequiredCertification
from tests.domain.scenario import ACME, Scenario, refused, usd
from tests.domain.told_programme import EVERYTHING

WITHDRAW = WithdrawRegistration(reason="no more")
RESALE = (
    RequiredCertification(engagement="resell", level="sales"),
    RequiredCertification(engagement="resell", level="technical"),
    RequiredCertification(engagement="delivery", level="advanced"),
)


def test_an_agreement_that_is_limited_to_segments_needs_one_of_them_stated() -> None:
    """§3: like a territory."""
    story = Scenario()
    story.enrol("Z", replace(EVERYTHING, segments=("enterprise", "public_sector")))
    for segment in (None, "small_business"):
        with refused("OUTSIDE_AGREEMENT"):
            story.register("Z", segment=segment)
    story.register("Z", segment="enterprise")
    assert story.registration("Z").segment == "enterprise"


def test_an_engagement_asks_for_each_of_its_certifications() -> None:
    """§8: enablement precedes scale. What is asked for another engagement does not matter."""
    story = Scenario(required_certifications=RESALE)
    story.certify("A", "technical")
    with refused("CERTIFICATION_MISSING") as facts:
        story.register("A", engagement="resell")
    assert facts == {"engagement": "resell", "certification": "sales"}
    story.certify("A", "sales", expires="2026-03-01")
    story.register("A", engagement="resell")
    story.register("B", "core", engagement="referral")


def test_an_expired_certification_is_missing() -> None:
    """Its last day is included."""
    story = Scenario(required_certifications=RESALE[2:])
    story.certify("A", "advanced", expires="2026-02-21")
    story.at("2026-02-21T23:59")
    story.register("A", "edge", engagement="delivery")
    story.at("2026-02-22T00:00")
    with refused("CERTIFICATION_MISSING"):
        story.register("A", "core", engagement="delivery")


@pytest.mark.parametrize(("engagement", "allowed"), [("resell", False), ("co_sell", True), ("referral", True)])
def test_the_answer_to_a_return_needs_the_certifications_of_its_engagement(
    engagement: Engagement, allowed: bool
) -> None:
    """Else a registration would be turned into what the partner may not register."""
    story = Scenario(approval="manual", required_certifications=RESALE)
    story.register("A")
    story.decide("A", ReturnRegistration(reason="how?", fields=("engagement",)))
    answer = ResubmitRegistration(value=None, engagement=engagement, expected_close_on=None, changed=("engagement",))
    if allowed:
        story.decide("A", answer)
        assert story.registration("A").engagement == engagement
        return
    with refused("CERTIFICATION_MISSING"):
        story.decide("A", answer)


def test_whoever_lets_a_protection_run_out_leaves_the_account_to_others_for_a_while() -> None:
    """Situations, squatting: the minute its protection lapses it may not register again, and others may."""
    story = Scenario(cool_down_days=14)
    story.register("A", "edge", "core")
    story.later(days=30)
    with refused("COOL_DOWN") as facts:
        story.register("A", "edge", "mesh")
    assert facts == {"products": ["edge"], "until": "2026-04-05T12:00:00.000000Z"}
    story.register("A", "mesh")
    story.register("B", "edge")
    assert story.holder() == "B"
    story.at("2026-04-05T12:00")
    story.register("A", "core")
    assert story.holder("core") == "A3"


def test_withdrawing_just_before_the_end_does_not_avoid_the_cool_down() -> None:
    """Whoever held protection and took it back waits as well."""
    story = Scenario(cool_down_days=14)
    story.register("A")
    story.decide("A", WITHDRAW)
    with refused("COOL_DOWN"):
        story.register("A")
    story.publish(cool_down_days=0)
    story.register("A")


def test_what_was_never_protected_or_was_taken_away_needs_no_cool_down() -> None:
    """Only letting go of a protection does."""
    story = Scenario(cool_down_days=14, approval="manual")
    story.register("A")
    story.decide("A", WITHDRAW)
    story.register("A")
    story.decide("A2", RejectRegistration(reason="no lead"))
    story.register("A")
    story.publish(approval="automatic")
    story.register("B", "core")
    story.lost("B")
    story.register("B", "core")


@pytest.mark.parametrize("outcome", ["uphold", "reassign"])
def test_a_case_lost_needs_no_cool_down(outcome: Outcome) -> None:
    """The decision ended the claim, not its partner."""
    story = Scenario(cool_down_days=14)
    story.register("A")
    story.register("B")
    story.settle(story.case("B"), outcome)
    if outcome == "uphold":
        story.register("B")
    else:
        with refused("ALREADY_REGISTERED"):
            story.register("A")


def test_each_policy_is_a_sentence() -> None:
    """Their names are what a check shows, so each stands once, and says what has to be true."""
    names = [policy.__name__ for policy in POLICIES]
    assert len(set(names)) == len(names)
    assert set(POLICIES) > SPEAK_OF_OTHERS
    assert all(policy.__doc__ for policy in POLICIES)


def test_after_a_first_no_a_partner_is_told_nothing_of_others() -> None:
    """As registering would tell it no more than that; staff sees what each policy says (issue 3)."""
    story = Scenario()
    story.suspend("A")
    partner = story.partners[PartnerId("A")]
    application = Application(
        partner=partner,
        sharing=(partner,),
        agreement=partner.agreement_on(story.today),
        account=story.account,
        facts=ACME,
        segment=None,
        products=(Product("edge"),),
        value=usd(1_000),
        engagement="referral",
        deal_is_linked=True,
        live_registrations=0,
        now=story.now,
        today=story.today,
        programme=story.programme,
        terms=story.programme.terms[-1].terms,
    )
    told = verdicts(application, for_staff=False)
    assert [one.policy for one in told if one.refusal is not None] == ["partner_is_active"]
    assert {one.policy for one in told if not one.looked_at} == {policy.__name__ for policy in SPEAK_OF_OTHERS}
    seen = verdicts(application, for_staff=True)
    assert all(one.looked_at for one in seen)
    assert [one.refusal.code for one in seen if one.refusal is not None] == [
        "PARTNER_NOT_ACTIVE",
        "PARTNER_NOT_ACTIVE",
        "DEAL_ALREADY_LINKED",
    ]
