"""Disputes, payouts and forfeitures of a closed statement (rules §7)."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import period_from
from domain.commission_period.after_closing import AfterClosing, Balance, balance_of, evolve_after, is_paid, status_of
from domain.commission_period.aggregate import AcknowledgeStatement, ClosedPeriod, decide, evolve
from domain.commission_period.disputes import (
    DISPUTES_OF_A_STATEMENT_AT_MOST,
    DisputeLine,
    ResolveDispute,
    dispute,
    resolve,
)
from domain.commission_period.events import CommissionPeriodEvent
from domain.commission_period.forfeiture import (
    DismissForfeiture,
    PostForfeiture,
    ProposeForfeiture,
    dismiss,
    post,
    propose,
)
from domain.commission_period.payouts import (
    PAYOUTS_OF_A_STATEMENT_AT_MOST,
    FailPayout,
    PayOut,
    PayoutHold,
    fail_payout,
    pay_out,
    payout_holds,
)
from domain.ids import DisputeId, Instant, LineId, Position
from domain.money import Money, money_of
from domain.partner.events import PaperworkFiled, PaperworkRevoked
from domain.partner.paperwork import (
    PAPERWORK_AT_MOST,
    FilePaperwork,
    Paperwork,
    RevokePaperwork,
    decide_paperwork,
    filed,
    missing_on,
    revoked,
)
from domain.programme.terms import Terms
from domain.recorded import Recorded
from domain.refusal import Refusal
from tests.support.commission import NORTHWIND, Books

A, B = LineId("line_a_northwind"), LineId("line_b_northwind")
DAY = date(2026, 4, 10)


class Settling:
    """A closed statement, by default of 12,000.00 for a and 9,000.00 for b, and what is done to it."""

    def __init__(self, books: Books | None = None, period: str = "2026-Q1") -> None:
        if books is None:
            books = Books()
            books.win("a", "80000.00", "2026-02-10")
            books.win("b", "50000.00", "2026-03-10")
        (closing,) = books.close(period)
        self.position = books.position
        self.state = ClosedPeriod(closing=closing, closed_at=Instant(0), position=Position(self.position))

    def does(self, events: Sequence[CommissionPeriodEvent]) -> None:
        for event in events:
            self.position += 1
            recorded = Recorded(
                position=Position(self.position), recorded_at=Instant(self.position), actor="key_1", event=event
            )
            self.state = evolve(self.state, recorded)

    def disputes(self, line: LineId, name: str = "dsp_1") -> None:
        self.does(dispute(self.state, DisputeLine(dispute=DisputeId(name), line=line, reason="So.")))

    def resolves(self, name: str = "dsp_1", amount: Money | None = None) -> None:
        self.does(resolve(self.state, resolution(name, amount)))

    def pays(self, reference: str) -> None:
        self.does(pay_out(self.state, PayOut(reference=reference, paid_on=DAY, holds=())))

    def fails(self, reference: str) -> None:
        self.does(fail_payout(self.state, FailPayout(reference=reference, reason="Returned.")))

    @property
    def balance(self) -> Balance:
        return balance_of(self.state.after, self.state.payable_minor)

    def amounts(self) -> tuple[int, int, int]:
        """Paid, withheld, due, in dollars."""
        found = self.balance
        return found.paid_minor // 100, found.withheld_minor // 100, found.due_minor // 100


def resolution(name: str, amount: Money | None) -> ResolveDispute:
    return ResolveDispute(
        dispute=DisputeId(name), outcome="rejected" if amount is None else "upheld", reason="So.", amount=amount
    )


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


def test_nothing_is_done_to_an_open_statement() -> None:
    for call in (
        lambda: dispute(None, DisputeLine(dispute=DisputeId("d"), line=A, reason="So.")),
        lambda: pay_out(None, PayOut(reference="r", paid_on=DAY, holds=())),
        lambda: propose(None, proposal()),
        lambda: post(None, PostForfeiture(missing=("tax_form",), reason="So.")),
    ):
        assert refused(call) == "WRONG_STATE"
    assert refused(lambda: resolve(None, resolution("d", None))) == "NOT_FOUND"
    assert refused(lambda: fail_payout(None, FailPayout(reference="r", reason="So."))) == "NOT_FOUND"


def test_a_disputed_line_is_held_until_it_is_resolved() -> None:
    settling = Settling()
    settling.disputes(B)
    assert settling.amounts() == (0, 9_000, 12_000)
    assert settling.state.status == "disputed"
    settling.resolves()
    assert settling.amounts() == (0, 0, 21_000)
    assert resolve(settling.state, resolution("dsp_1", None)) == []
    other = resolution("dsp_1", money_of("1.00", "USD"))
    assert refused(lambda: resolve(settling.state, other)) == "WRONG_STATE"


def test_a_dispute_holds_no_more_than_the_statement_pays() -> None:
    """What is owed from before has eaten into it: the hold keeps back what there is."""
    books = Books()
    books.win("a", "80000.00", "2026-02-10")
    books.close("2026-Q1")
    books.worth("a", "30000.00")
    books.win("b", "60000.00", "2026-05-10")
    settling = Settling(books, "2026-Q2")
    assert settling.amounts() == (0, 0, 1_500)
    settling.disputes(A)
    assert settling.amounts() == (0, 0, 1_500), "a line that takes back holds nothing back"
    settling.disputes(B, "dsp_2")
    assert settling.amounts() == (0, 1_500, 0)


def test_every_line_is_in_one_settled_payout_at_most() -> None:
    settling = Settling()
    settling.disputes(B)
    settling.pays("first")
    assert settling.amounts() == (12_000, 9_000, 0)
    assert (is_paid(settling.state.after, A), is_paid(settling.state.after, B)) == (True, False)
    settling.resolves(amount=money_of("5.00", "USD"))
    settling.pays("second")
    assert settling.amounts() == (21_000, 0, 0)
    assert [(one.covers, one.lines) for one in settling.state.after.payouts] == [("all_but", (B,)), ("only", (B,))]
    settling.fails("first")
    assert settling.amounts() == (9_000, 0, 12_000)
    assert (is_paid(settling.state.after, A), is_paid(settling.state.after, B)) == (False, True)
    assert settling.state.status == "closed"
    settling.disputes(B, "dsp_2")
    assert settling.amounts() == (9_000, 0, 12_000), "what was paid is not held any more"
    settling.pays("third")
    assert settling.state.after.payouts[-1].lines == (B,)
    assert settling.amounts() == (21_000, 0, 0)
    assert fail_payout(settling.state, FailPayout(reference="first", reason="So.")) == []


def test_a_payout_is_made_once() -> None:
    settling = Settling()
    settling.pays("first")
    again = PayOut(reference="first", paid_on=DAY, holds=())
    assert pay_out(settling.state, again) == []
    assert refused(lambda: pay_out(settling.state, PayOut(reference="first", paid_on=date(2026, 4, 11), holds=()))) == (
        "ALREADY_EXISTS"
    )
    assert refused(lambda: settling.pays("second")) == "NOTHING_PAYABLE"
    assert settling.state.status == "paid"


def test_what_keeps_a_partner_from_being_paid_is_named() -> None:
    books = Books()
    terms = Terms(payout_paperwork=("tax_form",))
    assert payout_holds(books.partner, Terms(), DAY) == ()
    books.suspend()
    holds = payout_holds(books.partner, terms, DAY)
    assert [hold.because for hold in holds] == ["PARTNER_SUSPENDED", "PAPERWORK_MISSING"]
    settling = Settling()
    assert refused(lambda: pay_out(settling.state, PayOut(reference="r", paid_on=DAY, holds=holds))) == (
        "PARTNER_SUSPENDED"
    )
    missing = (PayoutHold(because="PAPERWORK_MISSING", missing=("tax_form",)),)
    assert refused(lambda: pay_out(settling.state, PayOut(reference="r", paid_on=DAY, holds=missing))) == (
        "PAPERWORK_MISSING"
    )


def test_disputes_and_payouts_are_bounded() -> None:
    settling = Settling()
    for number in range(PAYOUTS_OF_A_STATEMENT_AT_MOST):
        settling.pays(f"r-{number}")
        settling.fails(f"r-{number}")
    assert refused(lambda: settling.pays("one too many")) == "WRONG_STATE"
    for number in range(DISPUTES_OF_A_STATEMENT_AT_MOST):
        settling.disputes(A, f"d-{number}")
        settling.resolves(f"d-{number}")
    assert refused(lambda: settling.disputes(A, "one too many")) == "WRONG_STATE"


def test_a_disputed_statement_is_not_acknowledged() -> None:
    settling = Settling()
    settling.disputes(A)
    period = period_from("2026-Q1")
    assert refused(lambda: decide(settling.state, AcknowledgeStatement(), NORTHWIND, period)) == "WRONG_STATE"
    settling.resolves()
    settling.does(decide(settling.state, AcknowledgeStatement(), NORTHWIND, period))
    assert settling.state.status == "acknowledged"


def test_an_entered_adjustment_is_disputed_by_its_id() -> None:
    books = Books()
    books.enter("adj_1", "100.00")
    settling = Settling(books)
    settling.disputes(LineId("adj_1"))
    assert settling.amounts() == (0, 100, 0)
    assert refused(lambda: settling.disputes(LineId("adj_1"), "dsp_2")) == "ALREADY_EXISTS"
    assert refused(lambda: settling.disputes(LineId("nothing"))) == "MALFORMED"


@pytest.mark.parametrize("amount", [None, "0.00", "EUR"])
def test_an_upheld_dispute_states_an_amount_in_the_statements_currency(amount: str | None) -> None:
    settling = Settling()
    settling.disputes(A)
    stated = None if amount is None else money_of("0.00", "USD") if amount == "0.00" else money_of("1.00", "EUR")
    command = ResolveDispute(dispute=DisputeId("dsp_1"), outcome="upheld", reason="So.", amount=stated)
    assert refused(lambda: resolve(settling.state, command)) == "MALFORMED"
    rejected = ResolveDispute(
        dispute=DisputeId("dsp_1"), outcome="rejected", reason="So.", amount=money_of("1.00", "USD")
    )
    assert refused(lambda: resolve(settling.state, rejected)) == "MALFORMED"


def proposal(
    missing: tuple[str, ...] = ("tax_form",), after_days: int = 180, today: date = date(2026, 10, 1)
) -> ProposeForfeiture:
    return ProposeForfeiture(
        closed_on=date(2026, 4, 1), today=today, after_days=after_days, missing=missing, reason="No form."
    )


def test_what_is_due_may_be_forfeited_after_its_date() -> None:
    settling = Settling()
    assert refused(lambda: propose(settling.state, proposal(missing=()))) == "WRONG_STATE"
    assert refused(lambda: propose(settling.state, proposal(after_days=0))) == "FORFEITURE_NOT_DUE"
    assert refused(lambda: propose(settling.state, proposal(today=date(2026, 9, 27)))) == "FORFEITURE_NOT_DUE"
    settling.does(propose(settling.state, proposal(today=date(2026, 9, 28))))
    assert propose(settling.state, proposal()) == [], "proposed already"
    assert refused(lambda: post(settling.state, PostForfeiture(missing=(), reason="So."))) == "WRONG_STATE"
    settling.does(dismiss(settling.state, DismissForfeiture(reason="It came.")))
    assert settling.amounts() == (0, 0, 21_000)
    settling.does(propose(settling.state, proposal()))
    settling.does(post(settling.state, PostForfeiture(missing=("tax_form",), reason="So.")))
    assert (settling.balance.forfeited_minor, settling.balance.due_minor) == (2_100_000, 0)
    assert settling.state.status == "closed"
    assert refused(lambda: propose(settling.state, proposal())) == "NOTHING_PAYABLE"


def test_nothing_disputed_or_paid_meanwhile_is_forfeited() -> None:
    settling = Settling()
    settling.does(propose(settling.state, proposal()))
    command = PostForfeiture(missing=("tax_form",), reason="So.")
    settling.disputes(A)
    assert refused(lambda: post(settling.state, command)) == "WRONG_STATE"
    settling.resolves()
    settling.pays("first")
    assert refused(lambda: post(settling.state, command)) == "NOTHING_PAYABLE"
    disputed = Settling()
    disputed.disputes(A)
    assert refused(lambda: propose(disputed.state, proposal())) == "WRONG_STATE"


def test_what_was_seen_already_changes_nothing() -> None:
    settling = Settling()
    settling.disputes(A)
    event = dispute(Settling().state, DisputeLine(dispute=DisputeId("dsp_1"), line=A, reason="So."))[0]
    seen = Recorded(position=Position(settling.position), recorded_at=Instant(1), actor="key_1", event=event)
    assert evolve_after(settling.state.after, seen) == settling.state.after
    assert status_of(AfterClosing(), 0) == "closed"


def test_paperwork_counts_to_its_last_day() -> None:
    form = PaperworkFiled(partner=NORTHWIND, kind="tax_form", reference="DMS-1", expires_on=DAY)
    on_file = filed((), Instant(1), form)
    assert missing_on(on_file, ("tax_form",), DAY) == ()
    assert missing_on(on_file, ("tax_form", "bank"), date(2026, 4, 11)) == ("tax_form", "bank")
    command = FilePaperwork(kind="tax_form", reference="DMS-1", expires_on=DAY)
    assert decide_paperwork(NORTHWIND, on_file, command) == []
    (newer,) = decide_paperwork(NORTHWIND, on_file, FilePaperwork(kind="tax_form", reference="DMS-2", expires_on=None))
    assert isinstance(newer, PaperworkFiled)
    replaced = filed(on_file, Instant(2), newer)
    assert replaced == (Paperwork(kind="tax_form", reference="DMS-2", expires_on=None, filed_at=Instant(2)),)
    (gone,) = decide_paperwork(NORTHWIND, replaced, RevokePaperwork(kind="tax_form", reason="So."))
    assert isinstance(gone, PaperworkRevoked)
    assert revoked(replaced, gone) == ()
    assert refused(lambda: decide_paperwork(NORTHWIND, (), RevokePaperwork(kind="tax_form", reason="So."))) == (
        "NOT_FOUND"
    )
    many = tuple(
        Paperwork(kind=f"kind-{n}", reference="x", expires_on=None, filed_at=Instant(0))
        for n in range(PAPERWORK_AT_MOST)
    )
    assert refused(lambda: decide_paperwork(NORTHWIND, many, command)) == "WRONG_STATE"


FIVE_LESS = money_of("-5.00", "USD")
MOVES = st.lists(
    st.tuples(st.sampled_from(["dispute", "resolve", "pay", "fail"]), st.integers(min_value=0, max_value=3)),
    max_size=25,
)


@settings(max_examples=100, deadline=None)
@given(MOVES)
def test_whatever_is_disputed_and_paid_no_cent_is_lost_and_no_line_paid_twice(moves: list[tuple[str, int]]) -> None:
    """payable = paid + forfeited + withheld + due at every step, and each line is in one settled payout at most."""
    settling = Settling()
    for number, (move, which) in enumerate(moves):
        try:
            if move == "dispute":
                settling.disputes((A, B)[which % 2], f"dsp_{number}")
            elif move == "resolve":
                known = settling.state.after.open_disputes
                settling.resolves(known[which % len(known)].id if known else "none", None if which else FIVE_LESS)
            elif move == "pay":
                settling.pays(f"run_{number}")
            else:
                paid = settling.state.after.settled_payouts
                settling.fails(paid[which % len(paid)].reference if paid else "none")
        except Refusal:
            continue
        found = settling.balance
        parts = (found.paid_minor, found.forfeited_minor, found.withheld_minor, found.due_minor)
        assert sum(parts) == found.payable_minor and min(parts) >= 0
        settled = settling.state.after.settled_payouts
        for line in (A, B):
            assert sum((line in payout.lines) == (payout.covers == "only") for payout in settled) <= 1
