"""What a case's decision says, and what stands in its way (rules §4).

A decision that is about a living queue moves claims; one about a queue that a win ended, or about a win itself, moves
credit. What it does is `domain/account/decisions.py`.
"""

from collections.abc import Sequence

from domain.account.approval import lacks_sales_owner
from domain.account.case_deadlines import due_after
from domain.account.draft import Draft
from domain.account.merged_deals import lead_of
from domain.account.priority import whoever_is_ahead
from domain.account.state import Case, Protected, Registration, Waiting
from domain.calendar import add_days
from domain.commission.credit import reviews_of
from domain.commission.finding import finding_of
from domain.conflict_case.commands import DecideCase
from domain.conflict_case.duplicates import decision_about_double
from domain.conflict_case.events import CaseDecided
from domain.conflict_case.merged_deals import refuse_what_deals_forbid
from domain.conflict_case.outcomes import refuse_senseless
from domain.deal_registration.eligibility import refuse_bad_shares
from domain.deal_registration.policies import inactive_in_the_shares
from domain.ids import Instant, RegistrationId
from domain.refusal import Refusal


def decision_of(draft: Draft, case: Case, command: DecideCase) -> CaseDecided:
    """The decision as it is recorded; refuses what makes no sense for the case as it stands."""
    refuse_senseless(case.kind, command.outcome)
    if case.kind == "possible_duplicate":
        return decision_about_double(draft, case, command)
    against = _stands_against(draft, case)
    if case.kind == "merged_deals":
        refuse_what_deals_forbid(draft, case, command.outcome)
    if against is None and command.outcome in ("split", "distinct"):
        raise Refusal(
            "WRONG_STATE",
            f"Nobody stands against the challenger any more, so there is nothing to decide as {command.outcome}.",
        )
    sharing = _sharing(draft, case, against, command) if against is not None and command.outcome == "split" else ()
    protection = _protection_given(draft, case, command, sharing)
    _refuse_without_sales_owner(draft, sharing if protection is None else sharing or (case.challenger,))
    return CaseDecided(
        case=case.id,
        account=draft.account.id,
        outcome=command.outcome,
        rule=command.rule,
        reason=command.reason,
        overrides_priority=command.outcome in ("reassign", "split"),
        against=None if against is None else against.id,
        protected_from=None if protection is None else protection[0],
        protected_until=None if protection is None else protection[1],
        terms_version=draft.terms.version,
        shares=command.shares,
        sharing=sharing,
        next_due_at=due_after(draft.terms.terms, draft.now, "decided"),
    )


def _refuse_without_sales_owner(draft: Draft, approved: Sequence[RegistrationId]) -> None:
    """What a decision lets go first is approved by it, and needs its sales owner as by any other approval."""
    for registration in approved:
        if lacks_sales_owner(draft.account.registrations[registration], draft.terms.terms):
            raise Refusal("SALES_OWNER_MISSING", f"A sales owner has to be named for {registration} first.")


def _stands_against(draft: Draft, case: Case) -> Registration | None:
    """Whom the challenger stands against now: the holder of today, who need not be the one of the beginning."""
    challenger = draft.account.registrations[case.challenger]
    if case.product is not None:
        return whoever_is_ahead(draft.account, challenger, case.product)
    if case.kind == "territory":
        return None
    if case.kind == "merged_deals":
        return lead_of(draft.account, challenger)
    reviews = reviews_of(draft.account, challenger, draft.programme)
    other = next(review.moves_to for review in reviews if review.because == case.because)
    return None if other is None else draft.account.registrations[other]


def _is_about_a_place(draft: Draft, case: Case) -> bool:
    """Whether the decision moves claims: the case is about a queue, and no win has ended that."""
    if case.product is None:
        return False
    return not draft.account.registrations[case.challenger].claim_on(case.product).settled_by


def _sharing(draft: Draft, case: Case, against: Registration, command: DecideCase) -> tuple[RegistrationId, ...]:
    """The registrations that go on as one co-sell opportunity, the holder's first; none where only credit is shared."""
    challenger = draft.account.registrations[case.challenger]
    if not _is_about_a_place(draft, case):
        finding = None if case.product is not None else finding_of(draft.account, challenger, draft.programme)
        credited = against if finding is None else finding.credited
        other = challenger if finding is None else against
        _refuse_bad_split(command, credited, [other])
        return ()
    assert case.product is not None
    opportunity = challenger.claim_on(case.product).opportunity
    beside = [
        registration
        for registration, claim in draft.account.queue(case.product, opportunity)
        if isinstance(claim.stage, Waiting) and claim.stage.beside == against.id
    ]
    _refuse_bad_split(command, against, [*beside, challenger])
    return (against.id, *(registration.id for registration in beside), challenger.id)


def _refuse_bad_split(command: DecideCase, lead: Registration, others: Sequence[Registration]) -> None:
    """The shares name the lead and everybody who co-sells with it, and all of them are active (rules §4, §5)."""
    if any(registration.is_direct for registration in (lead, *others)):
        raise Refusal("WRONG_STATE", "The vendor's own sales team is no partner, and has no share of a commission.")
    refuse_bad_shares(command.shares, lead.partner)
    named = {share.partner for share in command.shares}
    for registration in others:
        if registration.partner not in named:
            raise Refusal("MALFORMED", f"{registration.partner} is credited and has a share.", field="shares")
    for partner in command.sharing:
        if not partner.is_active:
            raise inactive_in_the_shares(partner.id)


def _protection_given(
    draft: Draft, case: Case, command: DecideCase, sharing: Sequence[RegistrationId]
) -> tuple[Instant, Instant] | None:
    """Whoever holds by the decision is protected from it on, or as if it approved the registration (rules §3)."""
    if command.outcome == "distinct" and case.product is not None:
        return _as_if_approved(draft, draft.account.registrations[case.challenger])
    if command.outcome == "reassign" and _is_about_a_place(draft, case):
        return _protection_from(draft, draft.now)
    if sharing:
        assert case.product is not None
        holder = draft.account.registrations[sharing[0]]
        if not isinstance(holder.claim_on(case.product).stage, Protected):
            return _as_if_approved(draft, holder)
    return None


def _as_if_approved(draft: Draft, registration: Registration) -> tuple[Instant, Instant]:
    from_approval = draft.terms.terms.protection_starts == "approval"
    return _protection_from(draft, draft.now if from_approval else registration.registered_at)


def _protection_from(draft: Draft, start: Instant) -> tuple[Instant, Instant]:
    return start, add_days(start, draft.terms.terms.protection_days, draft.programme.zone)
