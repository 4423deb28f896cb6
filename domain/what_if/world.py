"""Two worlds side by side: the programme as its log tells it, and as it would be under a hypothesis."""

from dataclasses import replace

from domain.account.draft import Draft
from domain.account.evolve import AccountEvent
from domain.account.state import Account
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import outcomes
from domain.commission.statement import StatementInputs
from domain.conflict_case import aggregate as cases
from domain.conflict_case.commands import DecideCase, InvestigateCase, MediateCase
from domain.deal_registration.deal_facts import parked, report
from domain.ids import AccountId, DealRef, Instant, PartnerId, Position, RegistrationId
from domain.ledger import Ledger
from domain.programme.aggregate import Programme
from domain.recorded import Recorded
from domain.refusal import Refusal
from domain.what_if.comparison import PartnerChange, compared
from domain.what_if.hypothesis import CaseDecidedSo, FactTold, Hypothesis
from domain.what_if.retelling import SCALE, ChangeTerms, Retelling

ACTOR = "what_if"


class Worlds:
    """Takes the log event by event; in the end it says what would change."""

    def __init__(self, hypothesis: Hypothesis, *, again: bool) -> None:
        """A log of which nothing was read. `again`: the log has to be told again, since other terms may decide it."""
        assert hypothesis.change is not None or not again
        self._hypothesis = hypothesis
        self._ledger = Ledger()
        self._retelling = Retelling(hypothesis.change) if again and hypothesis.change is not None else None
        self._head = Position(0)

    @property
    def left_out(self) -> tuple[Position, ...]:
        """What was said and has no place in the other world."""
        return () if self._retelling is None else tuple(self._retelling.left_out)

    def apply(self, recorded: Recorded[object]) -> None:
        """One more event of the log."""
        self._ledger.apply(recorded)
        self._head = recorded.position
        if self._retelling is not None:
            event = recorded.event
            actual = self._ledger.accounts[event.account] if isinstance(event, AccountEvent) else None
            self._retelling.apply(recorded, actual)

    def changes(self, now: Instant) -> tuple[PartnerChange, ...]:
        """What would change for each partner for whom anything would; Refusal when the hypothesis cannot be."""
        programme, accounts = self._other_world()
        self._let_happen(programme, accounts, now)
        led_to = self._outcomes(programme, accounts)
        credited: dict[PartnerId, set[RegistrationId]] = {}
        for outcome in led_to.values():
            for partner in outcome.partners:
                credited.setdefault(partner, set()).add(outcome.registration)
        found = []
        for partner in sorted(self._ledger.partners):
            before = self._ledger.inputs_of(partner, self._head)
            change = compared(before, _other(before, programme, led_to, credited.get(partner, set())))
            if change.changes:
                found.append(change)
        return tuple(found)

    def _other_world(self) -> tuple[Programme, dict[AccountId, Account]]:
        if self._retelling is not None:
            assert self._retelling.programme is not None
            self._retelling.let_time_pass()
            return self._retelling.programme, self._retelling.accounts
        assert self._ledger.programme is not None
        return _under(self._ledger.programme, self._hypothesis.change), dict(self._ledger.accounts)

    def _let_happen(self, programme: Programme, accounts: dict[AccountId, Account], now: Instant) -> None:
        for number, happens in enumerate(self._hypothesis.happens):
            account = _account_of(accounts, happens, number)
            draft = Draft(
                account,
                account_id=account.id,
                programme=programme,
                partners=self._ledger.partners,
                now=now,
                next_position=Position((self._head + 1 + number) * SCALE),
                actor=ACTOR,
                token=f"{ACTOR}{number:x}x",
            )
            if isinstance(happens, FactTold):
                _tell(draft, happens, number)
            else:
                _settle(draft, happens)
            accounts[account.id] = draft.account

    def _outcomes(self, programme: Programme, accounts: dict[AccountId, Account]) -> dict[RegistrationId, DealOutcome]:
        found: dict[RegistrationId, DealOutcome] = {}
        for account in accounts.values():
            if self._retelling is None:
                found |= outcomes(account, programme)
            else:
                found |= self._retelling.outcomes_of(account)
        return found


def _under(programme: Programme, change: ChangeTerms | None) -> Programme:
    """The rule book with every version of the terms changed."""
    if change is None:
        return programme
    return replace(programme, terms=tuple(replace(version, terms=change(version.terms)) for version in programme.terms))


def _other(
    before: StatementInputs,
    programme: Programme,
    led_to: dict[RegistrationId, DealOutcome],
    credited: set[RegistrationId],
) -> StatementInputs:
    """All that a partner's statements follow from in the other world: what was closed and entered is the same."""
    known = {outcome.registration: outcome for outcome in before.outcomes}
    outcomes_there = []
    for registration in sorted({*known, *credited}):
        outcome = led_to.get(registration)
        if outcome is None:
            outcome = replace(known[registration], credits=(), partners=())
        outcomes_there.append(outcome)
    return replace(before, programme=programme, outcomes=tuple(outcomes_there))


def _account_of(accounts: dict[AccountId, Account], happens: FactTold | CaseDecidedSo, number: int) -> Account:
    for account in accounts.values():
        if isinstance(happens, CaseDecidedSo):
            if happens.case in account.cases:
                return account
        elif _registration_of(account, happens.deal) is not None:
            return account
    raise Refusal("MALFORMED", "Nobody knows this deal or case.", field=f"happens.{number}")


def _registration_of(account: Account, deal: DealRef) -> RegistrationId | None:
    return next((one.id for one in account.registrations.values() if one.deal == deal), None)


def _tell(draft: Draft, told: FactTold, number: int) -> None:
    registration = _registration_of(draft.account, told.deal)
    assert registration is not None
    held_back = parked(draft.programme, told.fact, draft.now)
    if held_back is not None:
        raise Refusal("MALFORMED", f"This fact would be parked: {held_back.reason}.", field=f"happens.{number}")
    report(draft, registration, told.fact)


def _settle(draft: Draft, settled: CaseDecidedSo) -> None:
    """All steps up to the decision, of which some may have been taken."""
    status = draft.account.cases[settled.case].status
    if status == "identified":
        cases.decide(draft, settled.case, InvestigateCase(findings=()))
    if status in ("identified", "investigating"):
        cases.decide(draft, settled.case, MediateCase(summary=None, skipped=ACTOR))
    command = DecideCase(outcome=settled.outcome, rule=ACTOR, reason=ACTOR, shares=settled.shares)
    cases.decide(draft, settled.case, command)
