"""Accounts that may be one: what is held back until a person has decided, and what the decision does (rules §3, §4)."""

from dataclasses import replace

import pytest

from domain.conflict_case.aggregate import DecideCase, MediateCase
from domain.conflict_case.events import Duplicate
from domain.deal_registration.aggregate import ApproveRegistration, WithdrawRegistration
from domain.ids import AccountId, RegistrationId
from domain.matching import shares_domain
from tests.domain.scenario import ACME, Scenario, refused

ALIKE = Duplicate(account=AccountId("acc_1"), registration=RegistrationId("X"), rule="similar_name", score=95)
BY_KEY = replace(ALIKE, account=AccountId("acc_2"), rule="equal_keys")


@pytest.fixture
def story() -> Scenario:
    """A is registered on an account that may be another one's double."""
    story = Scenario()
    story.register("A", duplicates=(ALIKE,))
    return story


def test_nothing_on_an_account_in_doubt_is_approved(story: Scenario) -> None:
    """Not by itself, not by hand, and not when whoever was first gives up."""
    story.register("B")
    with refused("WRONG_STATE"):
        story.decide("A", ApproveRegistration())
    story.decide("A", WithdrawRegistration(reason="no budget"))
    assert (story.status("B"), story.protected_until("B")) == ("under_review", None)
    (case,) = story.cases("possible_duplicate")
    assert (case.challenger, case.holder, case.product, case.duplicates) == ("A", None, None, (ALIKE,))


def test_another_account_is_released(story: Scenario) -> None:
    """Approved at the decision, by the terms then."""
    story.later(days=1)
    story.settle(story.cases()[0], "distinct")
    assert (story.status("A"), story.protected_until("A")) == ("approved", "2026-03-23T12:00Z")


def test_under_manual_approval_a_person_approves_what_is_released() -> None:
    """The decision is about the account, not about the registration."""
    story = Scenario(approval="manual")
    story.register("A", duplicates=(ALIKE,))
    story.settle(story.cases()[0], "distinct")
    assert story.status("A") == "under_review"
    story.decide("A", ApproveRegistration())
    assert story.status("A") == "approved"


def test_a_void_one_ends_and_the_next_in_line_is_first(story: Scenario) -> None:
    """Nobody is left in doubt: the case was decided."""
    story.register("B")
    story.settle(story.cases()[0], "void")
    assert (story.status("A"), story.holder(), story.status("B")) == ("rejected", "B", "approved")


def test_the_same_account_stays_under_review_until_it_is_merged(story: Scenario) -> None:
    """Merging is an event of its own; which account it is must be one that the case names."""
    case = story.cases()[0]
    story.investigate(case)
    story.step(case, MediateCase(summary=None, skipped="no need"))
    with refused("MALFORMED"):
        decide(story, same_as="acc_other")
    decide(story, same_as="acc_1")
    decided = story.case_now(case).decision
    assert decided is not None and (decided.outcome, decided.same_as) == ("uphold", "acc_1")
    assert story.status("A") == "under_review"


def decide(story: Scenario, *, same_as: str) -> None:
    """It is upheld that the account is another one."""
    step = DecideCase(outcome="uphold", rule="§3", reason="one customer", same_as=AccountId(same_as))
    story.step(story.cases()[0], step)


def test_an_account_found_by_its_keys_is_in_no_doubt() -> None:
    """The others that the keys lead to are; each is asked about once."""
    story = Scenario()
    story.register("A", duplicates=(BY_KEY,))
    story.register("B", "core", duplicates=(BY_KEY, ALIKE))
    story.register("C", "core", duplicates=(BY_KEY, ALIKE))
    assert story.status("A") == "approved"
    assert [case.duplicates for case in story.cases("possible_duplicate")] == [(BY_KEY,), (ALIKE,)]


def test_the_question_is_idle_once_nothing_is_claimed(story: Scenario) -> None:
    """Nobody has to say whose account it is when nobody wants it."""
    story.decide("A", WithdrawRegistration(reason="no budget"))
    (case,) = story.cases()
    assert case.status == "moot"


@pytest.mark.parametrize("outcome", ["reassign", "split"])
def test_who_goes_first_is_another_case(story: Scenario, outcome: str) -> None:
    with refused("WRONG_STATE"):
        story.settle(story.cases()[0], outcome)  # type: ignore[arg-type]  # of its literals


def test_a_shared_domain_says_something_only_where_it_is_a_companys() -> None:
    assert shares_domain(ACME, replace(ACME, country="FR"))
    assert not shares_domain(ACME, replace(ACME, domain="acme.de"))
    assert not shares_domain(replace(ACME, domain="gmail.com"), replace(ACME, domain="gmail.com"))
    assert not shares_domain(replace(ACME, domain=None), replace(ACME, domain=None))
