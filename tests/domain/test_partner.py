"""A partner's stages and agreement (rules §8, §3 eligibility)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.ids import Instant, PartnerId, Position
from domain.partner.aggregate import (
    AdjudicateHeldPay,
    EnrolPartner,
    Partner,
    PartnerCommand,
    ReinstatePartner,
    ReplaceAgreement,
    SuspendPartner,
    TerminatePartner,
    decide,
    fold,
)
from domain.partner.events import Agreement, PartnerEvent
from domain.partner.own_terms import OwnSettings, OwnTerms
from domain.partner.paperwork import FilePaperwork, RevokePaperwork
from domain.partner.pay import AgreeOwnTerms, EndOwnTerms, SetTarget
from domain.recorded import Recorded
from tests.domain.scenario import refused

FROM_JANUARY = Agreement(products=("*",), territories=("*",), effective_from=date(2026, 1, 1), ends_on=None)
ENROL = EnrolPartner(
    partner=PartnerId("northwind"),
    name="Northwind Traders",
    currency="USD",
    agreement=FROM_JANUARY,
    today=date(2026, 1, 1),
)


def after(*commands: tuple[int, PartnerCommand]) -> Partner:
    """The partner after commands at instants."""
    history: list[Recorded[PartnerEvent]] = []
    for at, command in commands:
        for event in decide(fold(history), command):
            position = Position(len(history) + 1)
            history.append(Recorded(position=position, recorded_at=Instant(at), actor="test", event=event))
    partner = fold(history)
    assert partner is not None
    return partner


def suspend(at: int) -> tuple[int, PartnerCommand]:
    """Suspended at an instant."""
    return at, SuspendPartner(reason="unpaid", now=Instant(at))


def reinstate(at: int) -> tuple[int, PartnerCommand]:
    """Reinstated at an instant."""
    return at, ReinstatePartner(reason="paid", now=Instant(at))


def terminate(at: int, ends_at: int, **facts: object) -> tuple[int, PartnerCommand]:
    """Terminated at an instant, with an end."""
    command = TerminatePartner(reason="over", cause="other", last_day=None, ends_at=Instant(ends_at))
    return at, replace(command, **facts)  # type: ignore[arg-type]  # each test names real fields


def test_an_enrolled_partner_is_active() -> None:
    """With the agreement that it came with."""
    partner = after((1, ENROL))
    assert (partner.enrolled_at, partner.is_suspended, partner.lines_are_held) == (1, False, False)
    assert partner.active_from(Instant(5)) == 5
    assert partner.agreement_on(date(2026, 1, 1)) == FROM_JANUARY
    assert partner.agreement_on(date(2025, 12, 31)) is None


def test_an_id_is_enrolled_once() -> None:
    """The id is the caller's choice, so a second one is another partner."""
    with refused("ALREADY_EXISTS"):
        decide(after((1, ENROL)), ENROL)


@pytest.mark.parametrize("command", [suspend(1)[1], reinstate(1)[1], terminate(1, 1)[1]])
def test_nobody_is_changed_who_is_not_there(command: PartnerCommand) -> None:
    with refused("NOT_FOUND"):
        decide(None, command)


def test_another_agreement_replaces_the_last_from_its_date_on() -> None:
    """Before that date the earlier one holds; the one put in place last decides where several have begun."""
    later = replace(FROM_JANUARY, products=("edge",), effective_from=date(2026, 3, 1))
    corrected = replace(later, products=("edge", "core"))
    from_february = replace(FROM_JANUARY, products=("mesh",), effective_from=date(2026, 2, 1))
    partner = after((1, ENROL), (2, ReplaceAgreement(agreement=later)), (3, ReplaceAgreement(agreement=corrected)))
    assert partner.agreement_on(date(2026, 2, 28)) == FROM_JANUARY
    assert partner.agreement_on(date(2026, 3, 1)) == corrected
    assert decide(partner, ReplaceAgreement(agreement=corrected)) == []
    partner = after((1, ENROL), (2, ReplaceAgreement(agreement=later)), (3, ReplaceAgreement(agreement=from_february)))
    assert partner.agreement_on(date(2026, 3, 1)) == from_february


def test_an_agreement_holds_on_its_last_day() -> None:
    """`ends_on` is included (§2); the one that it had replaced does not come back."""
    ended = replace(FROM_JANUARY, ends_on=date(2026, 6, 30))
    partner = after((1, ENROL), (2, ReplaceAgreement(agreement=ended)))
    assert partner.agreement_on(date(2026, 6, 30)) == ended
    assert partner.agreement_on(date(2026, 7, 1)) is None


def test_a_suspension_holds_lines_and_skips_claims_while_it_lasts() -> None:
    """§8, §3.6."""
    partner = after((1, ENROL), suspend(10))
    assert (partner.is_suspended, partner.lines_are_held) == (True, True)
    assert (partner.active_from(Instant(9)), partner.active_from(Instant(10))) == (9, None)
    partner = after((1, ENROL), suspend(10), reinstate(20), suspend(20), reinstate(30), suspend(50))
    assert [partner.active_from(Instant(at)) for at in (9, 10, 29, 30, 50)] == [9, 30, 30, 30, None]


def test_suspending_and_reinstating_twice_changes_nothing() -> None:
    """Already so: no events."""
    suspended = after((1, ENROL), suspend(10))
    assert decide(suspended, suspend(11)[1]) == []
    assert decide(after((1, ENROL)), reinstate(11)[1]) == []


def test_a_terminated_partner_leaves_at_its_end() -> None:
    """And is neither suspended nor reinstated any more."""
    partner = after((1, ENROL), terminate(10, 50, last_day=date(2026, 1, 31)))
    assert (partner.active_from(Instant(49)), partner.active_from(Instant(50))) == (49, None)
    assert not partner.lines_are_held
    for _, command in (suspend(60), reinstate(60)):
        with refused("WRONG_STATE"):
            decide(partner, command)


def test_a_termination_begins_when_it_is_known_at_the_earliest() -> None:
    """A last day in the past re-dates nothing."""
    partner = after((1, ENROL), terminate(10, 5))
    assert partner.termination is not None and partner.termination.ends_at == 10


def test_a_partner_is_terminated_once() -> None:
    """The same again changes nothing; another cause or last day is refused."""
    partner = after((1, ENROL), terminate(10, 10))
    assert decide(partner, terminate(20, 20)[1]) == []
    with refused("WRONG_STATE"):
        decide(partner, terminate(20, 20, cause="fraud")[1])


def test_fraud_holds_lines() -> None:
    """What is unpaid is held (situations)."""
    assert after((1, ENROL), terminate(10, 10, cause="fraud")).lines_are_held


def test_the_held_pay_of_a_partner_that_left_is_adjudicated() -> None:
    """Released, or forfeited; of a partner that has not left, or of whom nothing is held, nothing is (situations)."""
    release = AdjudicateHeldPay(outcome="released", reason="nothing found")
    with refused("WRONG_STATE"):
        decide(after((1, ENROL), suspend(10)), release)
    with refused("WRONG_STATE"):
        decide(after((1, ENROL), terminate(10, 10)), release)
    forfeited = after((1, ENROL), suspend(5), terminate(10, 10), (11, replace(release, outcome="forfeited")))
    assert forfeited.lines_are_held
    assert decide(forfeited, replace(release, outcome="forfeited")) == []
    released = after((1, ENROL), terminate(10, 10, cause="fraud"), (11, release))
    assert not released.lines_are_held


def test_a_partners_paperwork_is_what_is_on_file() -> None:
    filed = (10, FilePaperwork(kind="tax_form", reference="DMS-1", expires_on=None))
    assert [paper.reference for paper in after((1, ENROL), filed).paperwork] == ["DMS-1"]
    assert after((1, ENROL), filed, (11, RevokePaperwork(kind="tax_form", reason="wrong"))).paperwork == ()


LINE_CAP = OwnSettings(line_cap_minor=100_000)


def agree(first: str, last: str | None, *, closed_through: str | None = None) -> AgreeOwnTerms:
    return AgreeOwnTerms(
        effective_from=date.fromisoformat(first),
        ends_on=None if last is None else date.fromisoformat(last),
        settings=LINE_CAP,
        reason="agreed",
        closed_through=None if closed_through is None else date.fromisoformat(closed_through),
    )


def end(number: int, last: str, *, closed_through: str | None = None) -> EndOwnTerms:
    return EndOwnTerms(
        number=number,
        ends_on=date.fromisoformat(last),
        reason="ended",
        closed_through=None if closed_through is None else date.fromisoformat(closed_through),
    )


def test_own_terms_are_in_force_from_their_first_day_to_their_last() -> None:
    """Both included; no two on one day."""
    partner = after((1, ENROL), (2, agree("2026-03-01", "2026-03-31")), (3, agree("2026-04-01", None)))
    found = [in_force(partner, day) for day in (28, 59, 89, 90, 900)]
    assert [own and own.number for own in found] == [None, 1, 1, 2, 2]
    for overlapping in (agree("2026-03-31", "2026-03-31"), agree("2026-02-01", None), agree("2027-01-01", None)):
        with refused("TERMS_OVERLAP"):
            decide(partner, overlapping)


def in_force(partner: Partner, day: int) -> OwnTerms | None:
    """Counted from 1 January 2026."""
    return partner.pay.own_terms_on(date(2026, 1, 1) + timedelta(days=day))


def test_own_terms_reach_into_no_closed_period() -> None:
    partner = after((1, ENROL))
    with refused("PERIOD_CLOSED"):
        decide(partner, agree("2026-03-31", None, closed_through="2026-03-31"))
    assert decide(partner, agree("2026-04-01", None, closed_through="2026-03-31"))


def test_own_terms_are_shortened_and_never_lengthened() -> None:
    """Already so gives nothing; ended before they began they were never in force, and leave their days free."""
    partner = after((1, ENROL), (2, agree("2026-03-01", None)), (3, end(1, "2026-06-30")))
    assert decide(partner, end(1, "2026-06-30")) == []
    with refused("WRONG_STATE"):
        decide(partner, end(1, "2026-07-01"))
    with refused("NOT_FOUND"):
        decide(partner, end(2, "2026-06-30"))
    with refused("PERIOD_CLOSED"):
        decide(partner, end(1, "2026-05-31", closed_through="2026-06-30"))
    partner = after(
        (1, ENROL), (2, agree("2026-03-01", None)), (3, end(1, "2026-02-28")), (4, agree("2026-01-01", None))
    )
    own = in_force(partner, 100)
    assert own is not None and own.number == 2


def target(period: str, amount: int, *, closed_through: str | None = None, currency: str = "USD") -> SetTarget:
    return SetTarget(
        period=period,
        currency=currency,
        target_minor=amount,
        bonus_minor=100,
        accelerator_basis_points=0,
        closed_through=None if closed_through is None else date.fromisoformat(closed_through),
    )


def test_a_partner_has_one_target_for_a_period() -> None:
    """A new one takes the place of the old; the same again changes nothing."""
    partner = after(
        (1, ENROL), (2, target("2026-Q1", 1_000)), (3, target("2026-Q2", 1_000)), (4, target("2026-Q1", 2_000))
    )
    assert [(one.period, one.target_minor) for one in partner.pay.targets] == [("2026-Q2", 1_000), ("2026-Q1", 2_000)]
    assert decide(partner, target("2026-Q1", 2_000)) == []
    with refused("PERIOD_CLOSED"):
        decide(partner, target("2026-Q1", 3_000, closed_through="2026-01-31"))
    with refused("CURRENCY_MISMATCH"):
        decide(partner, target("2026-Q1", 3_000, currency="EUR"))
