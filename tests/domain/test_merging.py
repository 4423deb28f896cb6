"""Two accounts that are one customer: one queue in the order of positions, and nobody's place moves (rules §3)."""

import contextlib
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.account.duplicates import is_in_doubt
from domain.account.events import AccountsMerged
from domain.account.evolve import AccountEvent, fold
from domain.account.joining import add_alias, merge
from domain.account.state import Account, Waiting
from domain.commission.credit import outcome_of
from domain.commission.outcomes import outcome_changes, with_later_changes
from domain.conflict_case.events import Duplicate
from domain.deal_registration.aggregate import ApproveRegistration, WithdrawRegistration
from domain.deal_registration.merging import lead_to, leave_to
from domain.ids import AccountId, AccountKey, DealRef, NameKey, PartnerId, RegistrationId
from domain.ledger import Ledger
from domain.programme.terms import Terms
from domain.recorded import Recorded
from domain.refusal import Refusal
from projections.account_stories import accounts_of
from tests.domain.scenario import ACME, Scenario
from tests.domain.tales import TERMS, Move, moves


class TwoAccounts(Scenario):
    """What happens on Acme and, while one looks there, on Globex, whose registrations are called `gA`, `gB` …"""

    def __init__(self, *, terms: Terms | None = None) -> None:
        super().__init__(terms=terms)
        self.other = Account(id=AccountId("acc_globex"))

    def look_elsewhere(self) -> None:
        """What happens next happens on the other account."""
        self.account, self.other = self.other, self.account
        self.prefix = "" if self.prefix else "g"

    def merge(self) -> AccountsMerged:
        """The account that one does not look at is merged into the one that one looks at."""
        self.look_elsewhere()
        self.catch_up()
        self.look_elsewhere()
        with self._draft() as draft:
            merge(draft, self.other, because="staff", reason="one customer")
        (event,) = (one for one in self.happened if isinstance(one, AccountsMerged))
        return event

    def duplicate(self, account: str, registration: str) -> Duplicate:
        """How the other account was found."""
        return Duplicate(
            account=AccountId(account), registration=RegistrationId(registration), rule="similar_name", score=95
        )

    def of(self, account: AccountId) -> list[Recorded[AccountEvent]]:
        """What happened on one account until it was merged."""
        return [recorded for recorded in self.history if account in accounts_of(recorded.event)]

    def ledger(self) -> Ledger:
        """The whole log folded."""
        ledger = Ledger()
        ledger.programme = self.programme
        ledger.partners.update(self.partners)
        for recorded in self.history:
            ledger.apply(recorded)
        return ledger


def test_two_queues_become_one_in_the_order_of_positions() -> None:
    """A, gB, C, gD: whoever held behind another waits, with a case; who waited goes on waiting."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("B")
    story.look_elsewhere()
    story.register("C")
    story.look_elsewhere()
    story.register("D")
    story.look_elsewhere()
    story.later(days=1)
    story.merge()
    assert story.queue() == ["A", "gB", "C", "gD"]
    assert story.holder() == "A"
    assert story.status("gB") == "waiting" and story.case("gB").holder == "A"
    assert [(who, ended) for who, _, _, ended in story.timeline()] == [("gB", "merged"), ("A", None)]
    assert story.ledger().accounts[story.account.id] == story.account


def test_the_first_of_the_merged_account_is_first() -> None:
    """The account that is merged was registered earlier: its holder goes on, protected as it was."""
    story = TwoAccounts()
    story.look_elsewhere()
    story.register("B")
    protected = story.protected_until("gB")
    story.look_elsewhere()
    story.later(days=1)
    story.register("A")
    story.register("A", "core")
    story.merge()
    assert story.queue() == ["gB", "A"]
    assert story.protected_until("gB") == protected
    assert (story.claim("A").stage, story.holder("core")) == (Waiting(case=story.case("A").id), "A2")


def test_what_a_decision_put_in_front_stays_in_front() -> None:
    """C goes before A by decision; gB, registered between them, stands behind both."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("B")
    story.look_elsewhere()
    story.register("C")
    story.settle(story.case("C"), "reassign")
    story.merge()
    assert story.queue() == ["C", "A", "gB"]


def test_two_claims_of_one_partner_wait_for_each_other_without_a_case() -> None:
    """There is nobody to quarrel with; when the first ends, the second is promoted."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("A")
    story.look_elsewhere()
    story.merge()
    assert (story.claim("gA").stage, story.cases()) == (Waiting(case=None), [])
    story.decide("A", WithdrawRegistration(reason="no budget"))
    assert story.holder() == "gA"


def test_a_claim_that_stood_behind_one_that_was_won_takes_part_in_that_sale() -> None:
    """gB was registered before the win of A: it waits in the sale that is over, with a case, and is not promoted."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("B")
    story.look_elsewhere()
    story.later(days=2)
    story.won("A")
    story.register("C")
    credited = story.credited("A")
    story.merge()
    assert (story.queue(), story.holder()) == (["C"], "C")
    assert story.claim("gB").settled_by == {"A"} and story.case("gB").holder == "A"
    assert credited == story.credited("A") == ("A",)


def test_a_sale_that_is_over_stays_what_it_was() -> None:
    """gB was won before A was registered: A holds the next opportunity, and gB is credited as before."""
    story = TwoAccounts()
    story.look_elsewhere()
    story.register("B")
    story.later(days=1)
    story.won("gB")
    before = outcome_of(story.account, story.registration("gB"), story.programme)
    story.look_elsewhere()
    story.later(days=1)
    story.register("A")
    story.merge()
    assert (story.holder(), story.credited("gB")) == ("A", ("B",))
    assert before == story.outcome("gB")
    assert story.claim("A").opportunity != story.claim("gB").opportunity


def test_who_is_first_of_an_account_in_doubt_is_approved_once_it_is_no_longer() -> None:
    """Merged into one where nobody is ahead, under automatic approval; under manual approval a person still decides."""
    for approval, status in (("automatic", "approved"), ("manual", "under_review")):
        story = TwoAccounts(terms=Terms(approval=approval))  # type: ignore[arg-type]  # of its literals
        story.register("A")
        if approval == "manual":
            story.decide("A", ApproveRegistration())
        story.later(days=31)
        story.catch_up()
        story.look_elsewhere()
        story.register("B", duplicates=(story.duplicate("acc_acme", "A"),))
        assert story.status("gB") == "under_review"
        story.look_elsewhere()
        story.merge()
        assert story.status("gB") == status
        assert story.cases("possible_duplicate")[0].status == "moot"


def test_an_account_that_was_merged_itself_is_merged_with_all_that_stood_on_it() -> None:
    """Globex into Acme, and that into a third: every fold of the log finds the same account."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("B")
    story.look_elsewhere()
    first = story.merge()
    story.other = Account(id=AccountId("acc_initech"))
    story.look_elsewhere()
    story.register("C")
    second = story.merge()
    assert (first.absorbed, second.absorbed) == ("acc_globex", "acc_acme")
    assert set(second.registrations) == {"A", "gB"}
    assert story.account.absorbed == ("acc_globex", "acc_acme")
    assert story.queue() == ["A", "gB", "gC"]
    assert fold(story.history, Account(id=story.account.id)) == story.account
    ledger = story.ledger()
    assert ledger.accounts[story.account.id] == story.account
    assert ledger.accounts[AccountId("acc_acme")].merged_into == "acc_initech"


def test_an_alias_is_added_once() -> None:
    """Its keys lead here from then on; saying it again changes nothing."""
    story = TwoAccounts()
    story.register("A")
    alias = replace(ACME, name="Acme Holding", domain=None)
    for _ in range(2):
        with story._draft() as draft:
            add_alias(
                draft,
                alias,
                keys=(AccountKey("name:DE:acme holding"),),
                name_keys=(NameKey("<acme#"),),
                reason="renamed",
            )
    assert story.account.aliases == (alias,)
    assert "name:DE:acme holding" in story.account.keys
    assert story.account.names == {"Acme GmbH": (NameKey("<acme#"),), "Acme Holding": (NameKey("<acme#"),)}


def test_what_was_credited_before_a_merge_is_the_merged_accounts_to_tell() -> None:
    """gB's deal stays B's, and is Acme's to tell from the merge on, as A's is that was won since."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("B", "core")
    story.won("gB")
    story.look_elsewhere()
    merged = story.merge()
    story.won("A")
    there = outcome_changes(Account(id=merged.absorbed), story.of(merged.absorbed), story.programme)
    here = outcome_changes(Account(id=story.account.id), story.history, story.programme)
    assert (list(there), list(here)) == (["gB"], ["gB", "A"])
    changes = with_later_changes(there, here)
    assert [(name, one.account, *one.credited) for name, one in changes.items()] == [
        ("gB", "acc_acme", "B"),
        ("A", "acc_acme", "A"),
    ]
    ledger = story.ledger()
    for partner, name in (("A", "A"), ("B", "gB")):
        assert ledger.inputs_of(PartnerId(partner), ledger.decided_to).outcomes == (
            changes[RegistrationId(name)].outcome,
        )


def test_of_two_readings_of_one_deal_the_later_counts_and_all_who_were_credited() -> None:
    """Whichever of them is read first."""
    story = TwoAccounts()
    story.register("A")
    story.register("B")
    story.won("A")
    story.settle(story.case("B"), "reassign")
    cut = len(story.history) - 1
    nothing = Account(id=story.account.id)
    before = fold(story.history[:cut], nothing)
    assert before is not None
    early = outcome_changes(nothing, story.history[:cut], story.programme)
    late = outcome_changes(before, story.history[cut:], story.programme)
    (known,), (decided,) = early.values(), late.values()
    assert ([*known.credited], [*decided.credited]) == (["A"], ["B"])
    expected = {RegistrationId("A"): replace(decided, credited=known.credited | decided.credited)}
    assert with_later_changes(early, late) == with_later_changes(late, early) == expected


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
@given(st.lists(moves(), max_size=10), st.lists(moves(), max_size=10), st.lists(moves(), max_size=8), TERMS)
def test_whatever_happened_before_and_after_a_merge_the_log_gives_the_same(
    here: list[Move], there: list[Move], later: list[Move], terms: Terms
) -> None:
    """One holder, one sale in the living queue, the same account by replay, and the same credits however it is cut."""
    story = TwoAccounts(terms=terms)
    story.look_elsewhere()
    story.register("B")
    story.look_elsewhere()
    story.register("A", "edge", "core")
    tell(story, here)
    story.look_elsewhere()
    tell(story, there)
    story.look_elsewhere()
    merged = story.merge()
    tell(story, later)
    ledger = story.ledger()
    account = story.account
    assert ledger.accounts[account.id] == account == fold(story.history, Account(id=account.id))
    for product in account.order:
        sales = {claim.opportunity for _, claim in account.queue(product)}
        assert len({sale for sale in sales if (product, sale) not in account.apart}) <= 1
    changes = with_later_changes(
        outcome_changes(Account(id=merged.absorbed), story.of(merged.absorbed), story.programme),
        outcome_changes(Account(id=account.id), story.history, story.programme),
    )
    for partner in story.partners:
        known = {change.outcome for change in changes.values() if partner in change.credited}
        assert set(ledger.inputs_of(partner, ledger.decided_to).outcomes) == known


def tell(story: Scenario, tale: list[Move]) -> None:
    """The moves that no rule refuses."""
    for move in tale:
        with contextlib.suppress(Refusal):
            move(story)


def test_deals_of_two_accounts_are_one_and_a_person_is_asked_whether_the_accounts_are() -> None:
    """The fact of Globex' deal goes to Acme's registration; once the accounts are one, the rivals meet."""
    story = TwoAccounts()
    story.register("A")
    story.look_elsewhere()
    story.register("B")
    story.won("gB")
    deals = (DealRef(source="crm", id="A"), DealRef(source="crm", id="gB"))
    duplicate = replace(story.duplicate("acc_acme", "A"), rule="merged_deals")
    lead, other = RegistrationId("A"), RegistrationId("gB")
    with story._draft() as draft:
        facts = leave_to(draft, [other], lead, AccountId("acc_acme"), duplicates=[duplicate])
    assert [(fact.kind, fact.deal) for fact in facts] == [("won", "gB")]
    assert (story.outcome("gB"), story.status("gB")) == (None, "approved")
    [case] = story.cases("possible_duplicate")
    assert [one.rule for one in case.duplicates] == ["merged_deals"] and not is_in_doubt(story.account)
    story.look_elsewhere()
    with story._draft() as draft:
        lead_to(draft, lead, deals, leaving=[], facts=facts)
    assert story.credited("A") == ("A",)
    story.look_elsewhere()
    event = story.merge()
    assert [(one.deal.id, one.registration, one.one_with) for one in event.deals] == [
        ("A", "A", ("A", "gB")),
        ("gB", "A", ("A", "gB")),
    ]
    assert [case.challenger for case in story.cases("merged_deals")] == [other]
    story.look_elsewhere()
