"""How a partner is paid: terms of its own, no two of which are in force on a day, targets, rewards (rules §6, §8)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from domain.calendar import period_from
from domain.ids import PartnerId, Position
from domain.partner.events import (
    OwnTermsAgreed,
    OwnTermsEnded,
    PartnerEvent,
    PartnerRewarded,
    PartnerTierChanged,
    TargetSet,
)
from domain.partner.own_terms import OwnSettings, OwnTerms
from domain.partner.rewards import Reward
from domain.partner.targets import Target
from domain.programme.terms import PartnerTierRule
from domain.recorded import Recorded
from domain.refusal import Refusal

# commands


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeOwnTerms:
    """Pay the partner by other terms than the programme's, from a day to a last day (None: until they are ended).

    `closed_through` is the last day of the partner's closed periods, which no own terms may reach into.
    """

    effective_from: date
    ends_on: date | None
    settings: OwnSettings
    reason: str
    closed_through: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOwnTerms:
    """Let the partner's own terms of this number end with a last day."""

    number: int
    ends_on: date
    reason: str
    closed_through: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTarget:
    """Give the partner a target for a quarter or month, in place of the one that it had; amounts in its currency."""

    period: str
    currency: str
    target_minor: int
    bonus_minor: int
    accelerator_basis_points: int
    closed_through: date | None


PayCommand = AgreeOwnTerms | EndOwnTerms | SetTarget
PayEvent = OwnTermsAgreed | OwnTermsEnded | TargetSet | PartnerTierChanged | PartnerRewarded

# state


@dataclass(frozen=True, slots=True, kw_only=True)
class TierHeld:
    """A partner tier from a day on, by the evaluation of a quarter."""

    rule: PartnerTierRule
    effective_from: date
    quarter: str
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """How a partner is paid, beside the programme's terms. Of a period it has one target at most."""

    own_terms: tuple[OwnTerms, ...] = ()
    targets: tuple[Target, ...] = ()
    rewards: tuple[Reward, ...] = ()
    tiers: tuple[TierHeld, ...] = ()
    """As they were evaluated, the latest last."""

    def own_terms_on(self, day: date) -> OwnTerms | None:
        """The partner's own terms that are in force on a day."""
        return next((own for own in self.own_terms if own.contains(day)), None)

    def tier_on(self, day: date) -> TierHeld | None:
        """The tier that is effective on a day, as it was evaluated last; None: in none yet."""
        begun = (held for held in reversed(self.tiers) if held.effective_from <= day)
        return max(begun, key=lambda held: held.effective_from, default=None)

    def target_for(self, period: str) -> Target | None:
        """The partner's target for a period."""
        return next((target for target in self.targets if target.period == period), None)


UNCHANGED = Pay()
"""As everybody is paid."""

# decide


def decide(partner: PartnerId, currency: str, pay: Pay, command: PayCommand) -> list[PartnerEvent]:
    """The events that a command causes on a partner that is paid in a currency; already so gives none."""
    if isinstance(command, AgreeOwnTerms):
        return _agree(partner, pay, command)
    if isinstance(command, EndOwnTerms):
        return _end(partner, pay, command)
    if command.currency != currency:
        raise Refusal("CURRENCY_MISMATCH", f"The partner is paid in {currency}, the target is in {command.currency}.")
    return _set_target(partner, pay, command)


def _agree(partner: PartnerId, pay: Pay, command: AgreeOwnTerms) -> list[PartnerEvent]:
    _refuse_closed(command.effective_from, command.closed_through)
    for own in pay.own_terms:
        if own.overlaps(command.effective_from, command.ends_on):
            until = "without an end" if own.ends_on is None else f"to {own.ends_on}"
            raise Refusal(
                "TERMS_OVERLAP",
                f"The partner's own terms {own.number} are in force from {own.effective_from} {until}.",
                number=own.number,
            )
    return [
        OwnTermsAgreed(
            partner=partner,
            number=len(pay.own_terms) + 1,
            effective_from=command.effective_from,
            ends_on=command.ends_on,
            settings=command.settings,
            reason=command.reason,
        )
    ]


def _end(partner: PartnerId, pay: Pay, command: EndOwnTerms) -> list[PartnerEvent]:
    own = next((own for own in pay.own_terms if own.number == command.number), None)
    if own is None:
        raise Refusal("NOT_FOUND", f"The partner has no own terms {command.number}.")
    if own.ends_on == command.ends_on:
        return []
    if own.ends_on is not None and command.ends_on > own.ends_on:
        raise Refusal("WRONG_STATE", f"They end with {own.ends_on} already; own terms can only be shortened.")
    if command.closed_through is not None and command.ends_on < command.closed_through:
        raise Refusal("PERIOD_CLOSED", f"The partner's periods are closed through {command.closed_through}.")
    return [OwnTermsEnded(partner=partner, number=own.number, ends_on=command.ends_on, reason=command.reason)]


def _set_target(partner: PartnerId, pay: Pay, command: SetTarget) -> list[PartnerEvent]:
    _refuse_closed(period_from(command.period).first_on, command.closed_through)
    set_now = TargetSet(
        partner=partner,
        period=command.period,
        target_minor=command.target_minor,
        bonus_minor=command.bonus_minor,
        accelerator_basis_points=command.accelerator_basis_points,
    )
    known = pay.target_for(command.period)
    return [] if known is not None and _says(known) == _says(set_now) else [set_now]


def _says(target: Target | TargetSet) -> tuple[int, int, int]:
    return target.target_minor, target.bonus_minor, target.accelerator_basis_points


def _refuse_closed(first_on: date, closed_through: date | None) -> None:
    if closed_through is not None and first_on <= closed_through:
        raise Refusal("PERIOD_CLOSED", f"The partner's periods are closed through {closed_through}.")


# evolve


def evolve(pay: Pay, recorded: Recorded[PayEvent]) -> Pay:
    """How the partner is paid after one more event."""
    event, position = recorded.event, recorded.position
    if isinstance(event, OwnTermsAgreed):
        own = OwnTerms(
            number=event.number,
            effective_from=event.effective_from,
            ends_on=event.ends_on,
            settings=event.settings,
            position=position,
        )
        return replace(pay, own_terms=(*pay.own_terms, own))
    if isinstance(event, OwnTermsEnded):
        before, after = pay.own_terms[: event.number - 1], pay.own_terms[event.number :]
        shortened = replace(pay.own_terms[event.number - 1], ends_on=event.ends_on, position=position)
        return replace(pay, own_terms=(*before, shortened, *after))
    if isinstance(event, TargetSet):
        target = Target(
            period=event.period,
            target_minor=event.target_minor,
            bonus_minor=event.bonus_minor,
            accelerator_basis_points=event.accelerator_basis_points,
            position=position,
        )
        others = (known for known in pay.targets if known.period != event.period)
        return replace(pay, targets=(*others, target))
    if isinstance(event, PartnerTierChanged):
        held = TierHeld(rule=event.rule, effective_from=event.effective_from, quarter=event.quarter, position=position)
        return replace(pay, tiers=(*pay.tiers, held))
    if isinstance(event, PartnerRewarded):
        reward = Reward(
            year=event.year,
            credited_minor=event.credited_minor,
            amount_minor=event.amount_minor,
            evaluated_on=event.evaluated_on,
            registration=event.registration,
            account=event.account,
            position=position,
        )
        return replace(pay, rewards=(*pay.rewards, reward))
    assert_never(event)
