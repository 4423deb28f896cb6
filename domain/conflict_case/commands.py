"""What can be asked about a conflict case: its next step. All that a decision needs is in the command."""

from dataclasses import dataclass

from domain.conflict_case.events import Finding, Message, Outcome
from domain.ids import AccountId, PartnerId, Share
from domain.partner.aggregate import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigateCase:
    """Add facts from the parties.

    `doubles_partners`: of a `possible_duplicate`, the partners whose registrations led to the other accounts.
    """

    findings: tuple[Finding, ...]
    doubles_partners: tuple[PartnerId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediateCase:
    """Say how the parties' talk went, or why it was skipped: exactly one of both."""

    summary: str | None
    skipped: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCase:
    """Decide who is right, by which rule and why; a split with its shares, and the partners that they name.

    `same_as`: which of the named accounts it is, when a `possible_duplicate` is upheld (None: the likeliest).
    """

    outcome: Outcome
    rule: str
    reason: str
    shares: tuple[Share, ...] = ()
    sharing: tuple[Partner, ...] = ()
    same_as: AccountId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunicateCase:
    """Tell parties: all of them at once, or in several messages until every one was told."""

    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreventCase:
    """Say what was changed, or why nothing was: exactly one of both."""

    change: str | None
    no_change: str | None
    terms_version: int | None = None
    """What was changed: the terms, by this version, which is published in the same transaction."""


CaseCommand = InvestigateCase | MediateCase | DecideCase | CommunicateCase | PreventCase
