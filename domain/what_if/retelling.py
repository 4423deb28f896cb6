"""A programme's log told again under other terms: what people and CRMs said stays, what followed from it is new.

Registrations, approvals, answers, decisions and facts happen again at their own instants. What the rules made of them
does not: protections get new ends, whoever is next in line is promoted at another instant, clashes come and go. Who was
refused then left no trace and is not heard now.
"""

from collections.abc import Callable
from dataclasses import replace

from domain.account.draft import Draft
from domain.account.evolve import AccountEvent
from domain.account.state import Account, Case, Waiting
from domain.commission.credit import DealOutcome
from domain.commission.outcomes import outcomes
from domain.conflict_case import aggregate as cases
from domain.conflict_case.commands import DecideCase
from domain.conflict_case.events import CaseBecameMoot, CaseDecided, CaseEscalated, CaseEvent, CaseIdentified
from domain.deal_registration import aggregate as registrations
from domain.deal_registration import review
from domain.deal_registration.commands import ExtendProtection
from domain.deal_registration.deal import DealFact
from domain.deal_registration.deal_facts import unpaid_at
from domain.deal_registration.events import (
    ClaimEnded,
    DealLinked,
    DealRegistered,
    DealWon,
    PaymentAwaited,
    ProtectionExpired,
    ProtectionExtended,
    RegistrationApproved,
    RegistrationPromoted,
)
from domain.deal_registration.merge_events import DealLedElsewhere, DealsMerged, DealStoodApart
from domain.deal_registration.protection_events import ProtectionEndsSoon, ReturnLapsed
from domain.deal_registration.share_events import ShareProposalExpired
from domain.ids import AccountId, CaseId, PartnerId, Position, RegistrationId
from domain.partner import aggregate as partners
from domain.partner.aggregate import Partner
from domain.partner.events import PartnerEvent
from domain.programme import aggregate as programmes
from domain.programme.aggregate import Programme
from domain.programme.events import ProgrammeEvent, ProgrammeStarted, TermsPublished
from domain.programme.terms import Terms
from domain.recorded import Recorded, at_the_place_of
from domain.refusal import Refusal

ChangeTerms = Callable[[Terms], Terms]
"""The other terms, made from those of a version."""

SCALE = 1_000
"""Between the positions of two events there is room for so many that only this telling knows."""

FOLLOWING = (
    RegistrationPromoted
    | ProtectionExpired
    | ClaimEnded
    | ReturnLapsed
    | ShareProposalExpired
    | PaymentAwaited
    | CaseEscalated
    | ProtectionEndsSoon
)
"""What time alone brings about."""

FOUND_BY_RULE = ("same_account", "late_registration", "holder_changed", "merged_deals")
"""The kinds of cases that a clash itself opens, and its end closes."""


class Retelling:
    """A programme as its log would have told it under other terms, up to the last event given."""

    def __init__(self, change: ChangeTerms) -> None:
        """A log without events."""
        self.programme: Programme | None = None
        self.partners: dict[PartnerId, Partner] = {}
        self.accounts: dict[AccountId, Account] = {}
        self.left_out: list[Position] = []
        """Where something was said that has no place in this telling: an answer to a clash that never was."""
        self._half_told: set[AccountId] = set()
        self._change = change
        self._identified: dict[CaseId, CaseIdentified] = {}
        self._last: Recorded[object] | None = None

    def apply(self, recorded: Recorded[object], actual: Account | None) -> None:
        """Let one more event have happened; `actual` is its account after it, as the log has it."""
        event, self._last = recorded.event, recorded
        if isinstance(event, ProgrammeStarted | TermsPublished):
            changed = replace(event, terms=self._change(event.terms))
            told: Recorded[ProgrammeEvent] = Recorded(
                position=recorded.position, recorded_at=recorded.recorded_at, actor=recorded.actor, event=changed
            )
            self.programme = programmes.evolve(self.programme, told)
        elif isinstance(event, ProgrammeEvent):
            self.programme = programmes.evolve(self.programme, at_the_place_of(recorded, event))
        elif isinstance(event, PartnerEvent):
            partner = self.partners.get(event.partner)
            self.partners[event.partner] = partners.evolve(partner, at_the_place_of(recorded, event))
        elif isinstance(event, AccountEvent) and not isinstance(event, FOLLOWING):
            assert actual is not None
            self._tell(recorded, event, actual)

    def let_time_pass(self) -> None:
        """Let everything happen that fell due by the last event of the log."""
        assert self._last is not None
        for account in list(self.accounts):
            draft = self.draft(account, self._last, self._last.position * SCALE + SCALE // 4)
            registrations.catch_up(draft)
            self.accounts[account] = draft.account

    def outcomes_of(self, account: Account) -> dict[RegistrationId, DealOutcome]:
        """What an account's deals lead to, with the positions of the log in the place of this telling's."""
        assert self.programme is not None
        return {name: _at_the_logs_positions(outcome) for name, outcome in outcomes(account, self.programme).items()}

    def draft(self, account: AccountId, recorded: Recorded[object], position: int) -> Draft:
        """Begin to tell what happens on an account at a recorded instant."""
        assert self.programme is not None
        return Draft(
            self.accounts.get(account),
            account_id=account,
            programme=self.programme,
            partners=self.partners,
            now=recorded.recorded_at,
            next_position=Position(position),
            actor=recorded.actor,
            token=f"{position:x}x",
        )

    def _tell(self, recorded: Recorded[object], event: AccountEvent, actual: Account) -> None:
        place = recorded.position * SCALE
        if event.account in self.accounts and event.account not in self._half_told:
            before = self.draft(event.account, recorded, place - SCALE // 2)
            registrations.catch_up(before)
            self.accounts[event.account] = before.account
        draft = self.draft(event.account, recorded, place)
        try:
            self._say(draft, event, actual)
        except (Refusal, KeyError, AssertionError):
            self.left_out.append(recorded.position)
            return
        if _is_half(event):
            self._half_told.add(event.account)
        else:
            self._half_told.discard(event.account)
            registrations.catch_up(draft)
        self.accounts[event.account] = draft.account

    def _say(self, draft: Draft, event: AccountEvent, actual: Account) -> None:
        if isinstance(event, CaseEvent):
            self._say_of_a_case(draft, event)
        elif isinstance(event, RegistrationApproved):
            review.approve(draft, event.registration, automatic=event.automatic)
        elif isinstance(event, ProtectionExtended):
            registrations.decide(draft, event.registration, ExtendProtection(evidence=event.evidence))
        elif isinstance(event, DealWon):
            draft.add(replace(event, unpaid_at=unpaid_at(draft, event.won_on)))
        elif isinstance(event, DealLinked | DealsMerged | DealStoodApart):
            draft.add(replace(event, facts=tuple(_as_told(fact) for fact in event.facts)))
        else:
            draft.add(event)
            if isinstance(event, DealRegistered) and draft.terms.terms.approval == "automatic":
                _approve_who_waited(draft, event.registration, actual)

    def _say_of_a_case(self, draft: Draft, event: AccountEvent) -> None:
        """What a person did about a clash is done about the same clash of this telling, if there is one."""
        assert isinstance(event, CaseEvent)
        if isinstance(event, CaseIdentified):
            self._identified[event.case] = event
            if event.kind not in FOUND_BY_RULE:
                draft.add(event)
            return
        identified = self._identified[event.case]
        if isinstance(event, CaseBecameMoot) and identified.kind in FOUND_BY_RULE:
            return
        case = _the_same_clash(draft.account, identified)
        if isinstance(event, CaseDecided):
            command = DecideCase(outcome=event.outcome, rule=event.rule, reason=event.reason, shares=event.shares)
            cases.decide(draft, case.id, command)
        else:
            draft.add(replace(event, case=case.id))


def _is_half(event: AccountEvent) -> bool:
    """Whether the next event on the account belongs to it: facts that leave one registration arrive at another."""
    return isinstance(event, DealLedElsewhere) and event.leads_on == event.account


def _approve_who_waited(draft: Draft, registration: RegistrationId, actual: Account) -> None:
    """Who was behind somebody then and is first now is approved at once; who was first then, when it was then."""
    if all(isinstance(claim.stage, Waiting) for claim in actual.registrations[registration].claims):
        review.approve_if_free(draft, registration)


def _the_same_clash(account: Account, identified: CaseIdentified) -> Case:
    """The clash between the same parties about the same thing: the last of them. KeyError where there is none."""
    wanted = (identified.kind, identified.challenger, identified.product, identified.because)
    found = [
        case for case in account.cases.values() if (case.kind, case.challenger, case.product, case.because) == wanted
    ]
    if not found:
        raise KeyError(identified.case)
    return found[-1]


def _as_told(fact: DealFact) -> DealFact:
    """A fact that an event carries, at its place in this telling."""
    return replace(fact, position=Position(fact.position * SCALE))


def _at_the_logs_positions(outcome: DealOutcome) -> DealOutcome:
    return replace(
        outcome,
        evidence=_positions(outcome.evidence),
        credits=tuple(
            replace(credit, place=Position(credit.place // SCALE), evidence=_positions(credit.evidence))
            for credit in outcome.credits
        ),
    )


def _positions(told: tuple[Position, ...]) -> tuple[Position, ...]:
    """What happened in between counts as the event that it came with."""
    return tuple(sorted({Position((position + SCALE // 2) // SCALE) for position in told}))
