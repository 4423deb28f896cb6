"""Deals that the CRM merged are one, credited to whoever was accepted first, and partners contest it (rules §4)."""

import pytest

from domain.account.evolve import fold
from domain.account.state import Case
from domain.conflict_case.events import Duplicate, Outcome
from domain.deal_registration.aggregate import WithdrawRegistration
from domain.deal_registration.events import DealUnlinked
from domain.ids import AccountId, DealRef, RegistrationId
from domain.money import Money
from tests.domain.scenario import Scenario, refused, usd


@pytest.fixture
def rivals() -> Scenario:
    """A and then B registered one product of one customer, each with a deal of its own."""
    story = Scenario()
    story.register("A")
    story.register("B")
    return story


@pytest.fixture
def neighbours() -> Scenario:
    """A holds one product and B another, each with a deal of its own; C waits behind A."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "core")
    story.register("C", "edge")
    return story


def merged_case(story: Scenario) -> Case:
    """The latest case about merged deals."""
    return story.cases("merged_deals")[-1]


def test_the_deal_of_two_rivals_leads_to_the_first_and_their_clash_is_about_it(rivals: Scenario) -> None:
    """The older case about the place becomes moot, and what was found in it still holds the first one's win."""
    clash = rivals.case("B")
    rivals.investigate(clash)
    assert rivals.merge_deals("B", "A") == "A"
    case = merged_case(rivals)
    assert (case.challenger, case.holder, case.product) == ("B", "A", "edge")
    assert rivals.case_now(clash).status == "moot"
    rivals.won("B")
    assert rivals.credited("A") == ("A", "CONFLICT_OPEN")
    assert rivals.outcome("B") is None
    rivals.settle(case, "uphold")
    assert (rivals.credited("A"), rivals.status("B")) == (("A",), "rejected")


def test_a_merge_again_of_what_is_one_opens_nothing(rivals: Scenario) -> None:
    """Nor do one's own two deals."""
    rivals.register("B", "core")
    rivals.merge_deals("A", "B")
    rivals.merge_deals("B", "A")
    rivals.merge_deals("B", "B2")
    assert [(case.challenger, case.product) for case in rivals.cases("merged_deals")] == [("B", "edge"), ("B2", None)]
    story = Scenario()
    story.register("A", "edge")
    story.register("A", "core")
    story.merge_deals("A", "A2")
    assert story.cases() == []


def test_neighbours_whose_deals_are_one_contest_the_deal_as_a_whole(neighbours: Scenario) -> None:
    """Held once somebody investigates, or at once where the terms say so."""
    neighbours.merge_deals("A", "B")
    case = merged_case(neighbours)
    assert (case.challenger, case.holder, case.product) == ("B", "A", None)
    neighbours.won("B")
    assert neighbours.credited("A") == ("A",)
    neighbours.investigate(case)
    assert neighbours.credited("A") == ("A", "CONFLICT_OPEN")
    story = Scenario(hold_contested="open")
    story.register("A", "edge")
    story.register("B", "core")
    story.merge_deals("A", "B")
    story.won("A")
    assert story.credited("A") == ("A", "CONFLICT_OPEN")


@pytest.mark.parametrize("is_won", [False, True])
@pytest.mark.parametrize(
    ("outcome", "credited", "statuses"),
    [
        ("uphold", {"A": ("A",)}, ("won", "rejected")),
        ("reassign", {"B": ("B",)}, ("approved", "won")),
        ("void", {}, ("rejected", "rejected")),
        ("distinct", {"B": ("B",)}, ("approved", "won")),
    ],
)
def test_what_is_decided_of_neighbours_holds_before_and_after_the_win(
    neighbours: Scenario,
    is_won: bool,
    outcome: Outcome,
    credited: dict[str, tuple[str, ...]],
    statuses: tuple[str, str],
) -> None:
    """B's deal is won. A's claim stays where it is, unless neither may have the deal."""
    neighbours.merge_deals("A", "B")
    for step in ("won", "decided") if is_won else ("decided", "won"):
        if step == "won":
            neighbours.won("B")
        else:
            neighbours.settle(merged_case(neighbours), outcome)
    found = {name: neighbours.credited(name) for name in "AB"}
    assert {name: whom for name, whom in found.items() if whom is not None} == credited
    if outcome != "void" or not is_won:
        assert (neighbours.status("A"), neighbours.status("B")) == statuses
    assert [case.status for case in neighbours.cases("merged_deals")] == ["decided"]
    assert fold(neighbours.history) == neighbours.account


def test_neighbours_may_share_the_deal_whoever_of_them_leads_it(neighbours: Scenario) -> None:
    """Shares name both; when A is rejected the deal leads to B, shared as it was decided."""
    neighbours.merge_deals("A", "B")
    neighbours.settle(merged_case(neighbours), "split", {"A": 6_000, "B": 4_000})
    neighbours.decide("A", WithdrawRegistration(reason="no"))
    neighbours.won("A")
    outcome = neighbours.outcome("B")
    assert outcome is not None
    assert [(c.partner, c.deal and c.deal.id) for c in outcome.credits] == [("A", "A"), ("B", "B")]


def test_a_deal_passes_on_when_its_registration_is_taken_back_and_comes_back_when_sold_before_it_expired() -> None:
    """A holds until 22 March; sold later it is B's, sold before it is A's, whenever the CRM says so."""
    story = Scenario()
    story.register("A", "edge")
    story.later(days=20)
    story.register("B", "core")
    story.merge_deals("A", "B")
    story.later(days=20)
    story.catch_up()
    assert (story.leading("A").id, story.status("A")) == ("B", "expired")
    assert story.account.cases[merged_case(story).id].status == "moot"
    story.won("A", occurred="2026-03-25T12:00")
    assert story.credited("B") == ("B",)
    story.won("A", occurred="2026-03-12T12:00")
    assert (story.leading("B").id, story.credited("A"), story.outcome("B")) == ("A", ("A",), None)
    story.won("B", occurred="2026-02-25T12:00")
    assert story.credited("A") == ("A",)


@pytest.mark.parametrize("outcome", ["reassign", "distinct"])
def test_a_deal_does_not_pass_to_whom_it_would_be_worth_two_currencies(outcome: Outcome) -> None:
    """A refund in dollars cannot be set against B's euros: the deal stays with A though that is withdrawn."""
    story = Scenario()
    story.register("A", "edge")
    story.register("B", "core", value=Money(amount_minor=100_000, currency="EUR"))
    story.refunded("A", usd(10), "R1")
    story.merge_deals("A", "B")
    story.refunded("B", usd(1), "R2")
    with refused("CURRENCY_MISMATCH"):
        story.settle(merged_case(story), outcome)
    story.decide("A", WithdrawRegistration(reason="no"))
    assert story.leading("B").id == "A"


def test_a_lost_deal_is_nobodys_to_contest(neighbours: Scenario) -> None:
    """Merged when it is lost already: a case opens once it is open again."""
    neighbours.lost("B")
    neighbours.merge_deals("A", "B")
    assert neighbours.cases("merged_deals") == []
    assert (neighbours.status("A"), neighbours.status("B")) == ("lost", "approved")
    neighbours.reopened("B")
    assert [case.challenger for case in neighbours.cases("merged_deals")] == ["B"]


def test_a_deal_is_not_contested_among_what_one_partner_has(neighbours: Scenario) -> None:
    """B is bought by A."""
    neighbours.merge_deals("A", "B")
    neighbours.acquire("B", by="A")
    assert neighbours.case_now(merged_case(neighbours)).status == "moot"


def test_who_co_sells_does_not_contest_the_deal() -> None:
    """A decision let both go on: that their deals are one now is no new question."""
    story = Scenario()
    story.register("A")
    story.register("B")
    story.settle(story.case("B"), "split", {"A": 6_000, "B": 4_000})
    story.merge_deals("A", "B")
    assert (story.leading("B").id, story.cases("merged_deals")) == ("A", [])
    assert [case.status for case in story.cases("same_account")] == ["decided"]


def test_two_behind_another_contest_each_others_deal_once_one_of_them_is_first() -> None:
    """B and C wait for A: who of them goes first is asked when A is gone."""
    story = Scenario()
    for name in "ABC":
        story.register(name)
    story.merge_deals("C", "B")
    assert story.leading("C").id == "B"
    assert story.cases("merged_deals") == []
    story.decide("A", WithdrawRegistration(reason="no"))
    assert [(case.challenger, case.holder) for case in story.cases("merged_deals")] == [("C", "B")]


def test_a_decision_between_two_of_three_stands_against_the_third() -> None:
    """C is put in A's place, ahead of B too, who may contest that; when C is over the deal is A's again."""
    story = Scenario()
    for name, product in zip("ABC", ("edge", "core", "other"), strict=True):
        story.register(name, product)
    story.merge_deals("A", "B", "C")
    story.settle(next(case for case in story.cases("merged_deals") if case.challenger == "C"), "reassign")
    assert story.leading("A").id == "C"
    asked = {(case.challenger, case.holder) for case in story.cases("merged_deals") if case.is_undecided}
    assert asked == {("B", "C")}
    last = story.position
    story.catch_up()
    assert (story.leading("B").id, story.position) == ("C", last)
    story.decide("C", WithdrawRegistration(reason="no"))
    assert story.leading("C").id == "A"


def test_a_decision_about_a_product_puts_the_deal_where_it_puts_the_claim() -> None:
    """C goes first for what A held, and B, who waits too, goes behind both."""
    story = Scenario()
    for name in "ABC":
        story.register(name)
    story.merge_deals("A", "B", "C")
    story.settle(next(case for case in story.cases("merged_deals") if case.challenger == "C"), "reassign")
    assert (story.queue(), story.leading("B").id) == (["C", "A", "B"], "C")


def test_what_comes_back_to_life_as_its_deal_leaves_it_is_the_buyers(neighbours: Scenario) -> None:
    """A's deal was lost and is B's by decision: A's claim is alive again, and C has bought A meanwhile."""
    neighbours.merge_deals("A", "B")
    neighbours.lost("A")
    neighbours.acquire("A", by="C")
    assert neighbours.registration("A").partner == "A"
    neighbours.settle(merged_case(neighbours), "reassign")
    assert (neighbours.status("A"), neighbours.registration("A").partner) == ("approved", "C")


def test_all_that_follows_when_a_deal_passes_on_is_written_with_it() -> None:
    """The lost deal passes from A to C: what A had lives again and is its buyer's, and D holds what C held."""
    story = Scenario()
    story.register("E", "core")
    story.later(days=40)
    story.register("C", "edge")
    story.register("D", "edge")
    story.won("C", occurred="2026-02-11T12:00")
    story.merge_deals("C", "E")
    assert (story.leading("C").id, story.holder()) == ("E", "C")
    story.register("A", "other")
    story.lost("A")
    story.acquire("A", by="B")
    story.merge_deals("A", "E")
    assert (story.leading("A").id, story.status("C")) == ("C", "lost")
    assert (story.registration("A").partner, story.holder()) == ("B", "D")
    last = story.position
    story.catch_up()
    assert story.position == last


def test_a_win_is_not_held_for_an_investigation_of_something_else() -> None:
    """Whether B's customer is another one has been looked at; whose the deal is has not."""
    story = Scenario()
    story.register("A", "edge")
    alike = Duplicate(account=AccountId("acc_1"), registration=RegistrationId("X"), rule="similar_name", score=95)
    story.register("B", "core", duplicates=(alike,))
    [doubt] = story.cases("possible_duplicate")
    story.investigate(doubt)
    story.merge_deals("A", "B")
    story.won("A")
    assert story.credited("A") == ("A",)
    story.investigate(merged_case(story))
    assert story.credited("A") == ("A", "CONFLICT_OPEN")


def test_who_loses_the_deal_to_its_challenger_contests_it_at_once() -> None:
    """B asked for A's deal as a whole; put first on their product, it has the deal, and A asks for that in turn."""
    story = Scenario()
    story.register("A")
    story.won("A")
    story.register("B")
    story.merge_deals("A", "B")
    assert merged_case(story).product is None
    story.reopened("A")
    story.settle(story.case("B"), "reassign")
    asked = [(case.challenger, case.holder) for case in story.cases("merged_deals") if case.is_undecided]
    assert (story.leading("A").id, asked) == ("B", [("A", "B")])


def test_staff_links_the_deal_to_the_challenger_and_the_case_is_only_about_its_place(rivals: Scenario) -> None:
    """Then it is one deal still, which leads to B; deciding the case lets it be."""
    rivals.merge_deals("A", "B")
    deals = rivals.registration("A").leading_deals
    rivals.relink("B", "B", one_deal=deals)
    assert rivals.registration("B").leading_deals == deals
    assert (rivals.registration("A").deal, rivals.registration("A").leading_deals) == (None, ())
    rivals.settle(merged_case(rivals), "distinct")
    assert rivals.registration("B").leading_deals == deals


def test_a_deal_that_was_merged_before_is_registered_under_all_its_ids() -> None:
    """And unlinked under all of them, when staff links another."""
    story = Scenario()
    ids = tuple(DealRef(source="crm", id=name) for name in ("A", "Z"))
    story.register("A", one_deal=ids)
    assert story.registration("A").leading_deals == ids
    story.relink("Y", "A")
    [unlinked] = [event for event in story.happened if isinstance(event, DealUnlinked)]
    assert unlinked.deals == ids
    assert story.registration("A").leading_deals == (DealRef(source="crm", id="Y"),)
