"""What would have been: other terms, facts that were not told, decisions that were not taken (rules §9)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from domain.calendar import end_of_day, period_from, zone_named
from domain.commission.credit import DealOutcome
from domain.commission_period.aggregate import ClosePeriod, close
from domain.conflict_case.commands import MediateCase
from domain.conflict_case.events import CaseIdentified
from domain.deal_registration.commands import ExtendProtection
from domain.deal_registration.deal_facts import ReportFact
from domain.ids import CaseId, DealRef, Position, RegistrationId
from domain.ledger import Ledger
from domain.programme.terms import Terms
from domain.recorded import Recorded
from domain.refusal import Refusal
from domain.what_if.comparison import LineChange, PartnerChange
from domain.what_if.hypothesis import CaseDecidedSo, FactTold, Hypothesis, tells_again
from domain.what_if.retelling import ChangeTerms
from domain.what_if.world import Worlds
from tests.domain.scenario import Scenario, usd
from tests.domain.tales import TALES, TERMS, Move, told


def worlds(story: Scenario, *happens: FactTold | CaseDecidedSo, change: ChangeTerms | None = None) -> Worlds:
    """Both worlds after the story; the log is told again where the change of terms calls for it."""
    again = change is not None and tells_again(change, story.programme.terms[0].terms)
    found = Worlds(Hypothesis(change=change, happens=happens), again=again)
    for recorded in story.log:
        found.apply(recorded)
    return found


def changes(
    story: Scenario, *happens: FactTold | CaseDecidedSo, change: ChangeTerms | None = None
) -> dict[str, PartnerChange]:
    """What would change, by partner."""
    found = worlds(story, *happens, change=change).changes(story.now)
    return {one.partner: one for one in found}


def shown(change: LineChange) -> tuple[str, str, str, int, int]:
    place = change.place
    return place.lands_in, place.kind, place.about, change.before.amount_minor, change.after.amount_minor


def closed(story: Scenario, partner: str, period: str) -> None:
    """The partner's period is closed, at the end of the log."""
    ledger = Ledger()
    for recorded in story.log:
        ledger.apply(recorded)
    asked, head = period_from(period), Position(story.position)
    inputs = ledger.inputs_of(next(one for one in ledger.partners if one == partner), head)
    now = end_of_day(asked.ends_on, zone_named("UTC"))
    for event in close(ClosePeriod(inputs=inputs, period=asked, now=now, read_to=head, forced=False)):
        story.position = Position(story.position + 1)
        story.log.append(Recorded(position=story.position, recorded_at=now, actor="test", event=event))
    story.now = max(story.now, now)


def deal_of(story: Scenario, name: str) -> DealRef:
    deal = story.registration(name).deal
    assert deal is not None
    return deal


def refund(story: Scenario, name: str, amount: int, *, days_ahead: int = 0) -> FactTold:
    at = story.now + days_ahead * 86_400_000_000
    return FactTold(
        deal=deal_of(story, name),
        fact=ReportFact(
            kind="refunded",
            occurred_at=type(story.now)(at),
            delivery="what_if",
            value=usd(amount),
            on=story.today,
            refund_id="R-1",
            wanted_by_a_person=True,
        ),
    )


def without_evidence(outcomes: Mapping[RegistrationId, DealOutcome]) -> dict[RegistrationId, DealOutcome]:
    return {
        name: replace(outcome, evidence=(), credits=tuple(replace(credit, evidence=()) for credit in outcome.credits))
        for name, outcome in outcomes.items()
    }


@settings(max_examples=60, deadline=None)
@given(TALES, TERMS)
def test_told_again_under_the_same_terms_everything_is_as_it_was(tale: list[Move], terms: Terms) -> None:
    """The same credits, nothing left out, and no line that would change."""
    stories = list(told(tale, terms))
    assume(stories)
    story = stories[-1]
    story.catch_up()
    found = Worlds(Hypothesis(change=lambda same: same, happens=()), again=True)
    for recorded in story.log:
        found.apply(recorded)
    assert found.left_out == ()
    assert found.changes(story.now) == ()


def test_longer_protection_gives_a_win_to_whoever_would_have_held() -> None:
    """30 → 90 days: the rival of day 40 would have waited, and its win would be the holder's, held for their case."""
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(10_000))
    story.at("2026-02-14T12:00")
    story.register("B", value=usd(10_000))
    story.at("2026-02-20T12:00")
    story.won("B", on="2026-02-20")
    found = changes(story, change=lambda terms: replace(terms, protection_days=90))
    assert [shown(change) for change in found["B"].changes] == [("2026-Q1", "line", "2026-Q1", 150_000, 0)]
    [gained] = found["A"].changes
    assert (gained.after.amount_minor, gained.after.held_minor, gained.difference_minor) == (150_000, 150_000, 150_000)
    assert (found["A"].difference_minor, found["B"].difference_minor) == (150_000, -150_000)


def test_shorter_protection_approves_who_waited_and_leaves_out_what_was_said_of_their_clash() -> None:
    """10 days: nobody was ahead on day 20, so the investigation has nothing to be about."""
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(10_000))
    story.at("2026-01-25T12:00")
    story.register("B", value=usd(10_000))
    case = story.case("B")
    story.investigate(case)
    investigated = story.position
    story.settle(case, "uphold")
    story.won("A", on="2026-01-25")
    shorter = worlds(story, change=lambda terms: replace(terms, protection_days=10))
    assert investigated in shorter.left_out
    before, after = worlds(story, change=lambda terms: replace(terms, protection_days=31)), shorter
    assert before.left_out == ()
    assert {one.partner: one.difference_minor for one in after.changes(story.now)} != {}


def test_an_extension_that_other_terms_would_not_have_allowed_is_left_out() -> None:
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(10_000))
    story.decide("A", ExtendProtection(evidence="a meeting"))
    assert worlds(story, change=lambda terms: replace(terms, extensions=0)).left_out == (story.position,)


def test_what_went_over_to_a_buyer_goes_over_again_and_waits_for_its_sales_owner_again() -> None:
    """Told again, the acquisition credits whom it credited; what waited for its sales owner is not approved now."""
    story = Scenario(sales_owner_required_for=("resell",))
    story.register("A")
    story.register("B", "core", engagement="resell")
    story.register("C", "core", engagement="resell", has_sales_owner=True)
    story.later(days=1)
    story.acquire("A", "E")
    story.acquire("B", "D")
    story.won("A")
    found = worlds(story, change=lambda terms: replace(terms, protection_days=60))
    assert found.changes(story.now) == ()
    assert changes(story, change=lambda terms: replace(terms, method="retroactive")) == {}


def test_another_method_changes_open_lines_where_they_are_and_closed_ones_as_adjustments() -> None:
    """Marginal → retroactive: 150,000 at 20 %."""
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(150_000))
    story.won("A", on="2026-01-05")
    story.register("B", "core", value=usd(150_000))
    story.won("B", on="2026-01-05")
    closed(story, "A", "2026-Q1")
    found = changes(story, change=lambda terms: replace(terms, method="retroactive"))
    assert [shown(change) for change in found["A"].changes] == [("2026-Q2", "prior_period", "2026-Q1", 0, 500_000)]
    assert [shown(change) for change in found["B"].changes] == [("2026-Q1", "line", "2026-Q1", 2_500_000, 3_000_000)]


def test_a_refund_after_closing_lands_in_the_open_period_and_nothing_is_changed_by_asking() -> None:
    """120,000 won in the first quarter, 30,000 refunded: −5,500.00 in the second (rules §7)."""
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(120_000))
    story.won("A", on="2026-01-05")
    closed(story, "A", "2026-Q1")
    [change] = changes(story, refund(story, "A", 30_000))["A"].changes
    assert shown(change) == ("2026-Q2", "prior_period", "2026-Q1", 0, -550_000)
    assert changes(story) == {}


def test_a_fact_that_nobody_could_tell_now_is_refused() -> None:
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(120_000))
    with pytest.raises(Refusal) as parked:
        changes(story, refund(story, "A", 30_000, days_ahead=2))
    unknown = replace(refund(story, "A", 30_000), deal=DealRef(source="crm", id="D-unknown"))
    with pytest.raises(Refusal) as nobody_knows:
        changes(story, unknown)
    assert [parked.value.facts["field"], nobody_knows.value.facts["field"]] == ["happens.0", "happens.0"]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_decision_is_tried_out_whatever_steps_were_taken(steps: int) -> None:
    """Reassigned after the win, the credit moves."""
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(10_000))
    story.register("B", value=usd(10_000))
    case = story.case("B")
    story.won("A", on="2026-01-05")
    if steps > 0:
        story.investigate(case)
    if steps > 1:
        story.step(case, MediateCase(summary=None, skipped="no need"))
    settled = CaseDecidedSo(case=case.id, outcome="reassign", shares=())
    found = changes(story, settled, change=None)
    assert (found["A"].difference_minor, found["B"].difference_minor) == (-150_000, 150_000)
    with pytest.raises(Refusal):
        changes(story, replace(settled, case=CaseId("cft_unknown")))
    assert story.case_now(case).decision is None


def test_facts_and_other_terms_go_together() -> None:
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(120_000))
    story.won("A", on="2026-01-05")
    for change in (
        lambda terms: replace(terms, method="retroactive"),
        lambda terms: replace(terms, method="retroactive", protection_days=60),
    ):
        [line] = changes(story, refund(story, "A", 30_000), change=change)["A"].changes
        assert shown(line) == ("2026-Q1", "line", "2026-Q1", 1_900_000, 1_350_000)


def test_only_terms_that_decide_who_is_first_call_for_telling_again() -> None:
    assert not tells_again(lambda terms: replace(terms, method="retroactive"), Terms())
    assert tells_again(lambda terms: replace(terms, protection_days=60), Terms())


def test_a_deal_that_was_taken_elsewhere_leads_to_nothing_there_either() -> None:
    """And neither a published rate nor a case that nobody's clash opened is lost when the log is told again."""
    story = Scenario(now="2026-01-05T12:00")
    story.publish_rate("EUR", "1.1")
    story.register("A", value=usd(10_000))
    story.register("B", "core", value=usd(10_000))
    story.won("A", on="2026-01-05")
    story.relink("A", "B")
    with story._draft() as draft:
        draft.add(
            CaseIdentified(
                case=CaseId("cft_by_hand"),
                account=story.account.id,
                kind="territory",
                challenger=RegistrationId("B"),
                holder=RegistrationId("A"),
                product=None,
                because=None,
                near_simultaneous=False,
                terms_version=1,
            )
        )
    assert worlds(story, change=lambda terms: replace(terms, protection_days=31)).left_out == ()
    assert changes(story, change=lambda terms: replace(terms, protection_days=31)) == {}


def test_a_customer_that_has_not_paid_by_other_terms_holds_the_line() -> None:
    """Payable on payment: 60 days after the win the line would be held, whether or not anything happened since."""
    story = Scenario(now="2026-01-05T12:00")
    story.register("A", value=usd(10_000))
    story.won("A", on="2026-01-05")
    story.at("2026-03-20T12:00")
    story.publish_rate("EUR", "1.1")
    [change] = changes(story, change=lambda terms: replace(terms, payable_on="paid"))["A"].changes
    assert (change.before.held_minor, change.after.held_minor, change.difference_minor) == (0, 150_000, 0)


def test_a_win_that_a_merge_of_deals_brings_along_is_nowhere_missing_in_between() -> None:
    """It leaves one registration and arrives at another: nobody is promoted while it is on its way."""
    story = Scenario(terms=Terms(approval="manual"))
    story.register("A", "edge", "core")
    story.register("B", "edge")
    story.register("C", "core", "edge")
    story.won("B")
    story.terminate("A")
    story.merge_deals("A", "B")
    story.catch_up()
    same = Worlds(Hypothesis(change=lambda terms: terms, happens=()), again=True)
    for recorded in story.log:
        same.apply(recorded)
    assert same.left_out == ()
    assert same.changes(story.now) == ()
