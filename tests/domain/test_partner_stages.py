"""How a partner becomes active, and what it is certified for (rules §8)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.ids import Instant, PartnerId, Position
from domain.partner.aggregate import (
    AdvancePartner,
    EnrolPartner,
    Partner,
    PartnerCommand,
    ReplaceAgreement,
    SuspendPartner,
    TerminatePartner,
    decide,
    fold,
)
from domain.partner.certification import CertifyPartner, RevokeCertification
from domain.partner.events import EnrolmentStage, PartnerEvent
from domain.recorded import Recorded
from tests.domain.scenario import refused
from tests.domain.told_programme import EVERYTHING

TODAY = date(2026, 3, 2)
PROSPECT = EnrolPartner(
    partner=PartnerId("northwind"),
    name="Northwind Traders",
    currency="USD",
    agreement=None,
    today=TODAY,
    stage="identified",
)
SALES = CertifyPartner(
    level="sales", passed_on=TODAY, expires_on=date(2028, 3, 1), certificate="S-2026-0417", today=TODAY
)
SUSPEND = SuspendPartner(reason="unpaid", now=Instant(9))


def after(*commands: PartnerCommand) -> Partner:
    """The partner after these commands."""
    history: list[Recorded[PartnerEvent]] = []
    for command in commands:
        for event in decide(fold(history), command):
            position = Position(len(history) + 1)
            history.append(Recorded(position=position, recorded_at=Instant(1), actor="test", event=event))
    partner = fold(history)
    assert partner is not None
    return partner


def to(stage: EnrolmentStage) -> AdvancePartner:
    """Forwards to a stage."""
    return AdvancePartner(stage=stage, reason=None)


def test_a_partner_comes_from_identified_to_active_step_by_step() -> None:
    """It is active once it got there with an agreement, and may pass a stage over."""
    partner = after(PROSPECT, to("qualified"), to("in_negotiation"))
    assert (partner.stage, partner.is_active) == ("in_negotiation", False)
    partner = after(PROSPECT, to("qualified"), ReplaceAgreement(agreement=EVERYTHING), to("active"))
    assert (partner.stage, partner.is_active) == ("active", True)
    assert decide(partner, to("active")) == []


def test_no_partner_is_active_without_an_agreement() -> None:
    """Neither from the beginning nor later."""
    with refused("WRONG_STATE"):
        decide(None, replace(PROSPECT, stage="active"))
    with refused("WRONG_STATE"):
        decide(after(PROSPECT), to("active"))


def test_stages_go_forwards_only() -> None:
    """Who is lost on the way is terminated; who is active is suspended."""
    with refused("WRONG_STATE"):
        decide(after(PROSPECT, to("onboarding")), to("qualified"))
    with refused("WRONG_STATE"):
        decide(after(PROSPECT), SUSPEND)
    over = TerminatePartner(reason="no interest", cause="other", last_day=None, ends_at=Instant(5))
    lost = after(PROSPECT, over)
    assert not lost.is_active
    with refused("WRONG_STATE"):
        decide(lost, to("qualified"))


def test_a_suspended_partner_is_not_active() -> None:
    """Until it is reinstated."""
    assert not after(replace(PROSPECT, agreement=EVERYTHING, stage="active"), SUSPEND).is_active


def test_a_certification_counts_from_its_exam_to_its_last_day() -> None:
    """Both included; one without a last day does not expire. A level stands for itself alone."""
    partner = after(PROSPECT, SALES, replace(SALES, level="foundation", expires_on=None))
    days = [date(2026, 3, 1), TODAY, date(2028, 3, 1), date(2028, 3, 2)]
    assert [partner.is_certified_on(day, "sales") for day in days] == [False, True, True, False]
    assert [partner.is_certified_on(day, "foundation") for day in days] == [False, True, True, True]
    assert not partner.is_certified_on(TODAY, "advanced")


def test_an_exam_is_recorded_once_and_not_in_advance() -> None:
    """The same again changes nothing; a renewal is another exam."""
    partner = after(PROSPECT, SALES)
    assert decide(partner, SALES) == []
    assert len(decide(partner, replace(SALES, expires_on=None))) == 1
    with refused("MALFORMED") as facts:
        decide(partner, replace(SALES, passed_on=date(2026, 3, 3)))
    assert facts == {"field": "passed_on"}


def test_a_revoked_certification_counts_no_longer() -> None:
    """A later exam counts again; what was never earned cannot be revoked."""
    revoke = RevokeCertification(level="sales", reason="the exam was taken by somebody else")
    partner = after(PROSPECT, SALES, replace(SALES, level="technical"), revoke)
    assert not partner.is_certified_on(TODAY, "sales")
    assert partner.is_certified_on(TODAY, "technical")
    assert decide(partner, revoke) == []
    again = after(PROSPECT, SALES, revoke, replace(SALES, certificate="S-2026-0900"))
    assert again.is_certified_on(TODAY, "sales")
    with pytest.raises(Exception, match="never certified for advanced"):
        decide(again, replace(revoke, level="advanced"))
