"""Who was first: ranks, standing and the timeline of holders (rules §3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from domain.account.queueing import planned_end
from domain.account.state import (
    Account,
    Direct,
    Ended,
    Holding,
    LiveStage,
    Protected,
    Registration,
    Returned,
    UnderReview,
    Waiting,
    is_live,
)
from domain.changed import quickly_made
from domain.deal_registration import deal
from domain.ids import CaseId, Instant, Product, RegistrationId

Status = Literal["under_review", "approved", "waiting", "returned", "rejected", "withdrawn", "expired", "won", "lost"]

_STATUS_AFTER: dict[str, Status] = {
    "expired": "expired",
    "return_lapsed": "expired",
    "withdrawn": "withdrawn",
    "partner_terminated": "withdrawn",
    "rejected": "rejected",
    "fraud": "rejected",
    "case_upheld": "rejected",
    "case_void": "rejected",
    "lost": "lost",
}


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a registration stands on one product; `rank` is None once the claim is over, `case` the clash about it."""

    product: Product
    rank: int | None
    is_holder: bool
    case: CaseId | None
    protection: tuple[Instant, Instant] | None


def ranked(account: Account, product: Product, opportunity: int) -> tuple[Registration, ...]:
    """The queue of an opportunity as people see it: the holder first, then the others in order."""
    holder: Registration | None = None
    others: list[Registration] = []
    for registration, claim in account.queue(product, opportunity):
        if holder is None and not isinstance(claim.stage, Waiting):
            holder = registration
        else:
            others.append(registration)
    return tuple(others) if holder is None else (holder, *others)


def whoever_is_ahead(account: Account, challenger: Registration, product: Product) -> Registration | None:
    """Whom a waiting claim stands against: the holder; in a queue that a win ended, its last holder."""
    claim = challenger.claim_on(product)
    if is_live(claim):
        holder = account.holder(product, claim.opportunity)
        return None if holder is None else holder[0]
    held = [h.registration for h in account.holdings[product] if h.opportunity == claim.opportunity]
    return account.registrations[held[-1]]


def opportunities(account: Account, product: Product) -> tuple[int, ...]:
    """The opportunities on a product that are alive, each with a queue of its own; mostly there is one."""
    return tuple(sorted({claim.opportunity for _, claim in account.queue(product)}))


def standing(account: Account, registration_id: RegistrationId) -> tuple[Standing, ...]:
    """Where a registration stands on each of its products."""
    registration = account.registrations[registration_id]
    return tuple([_standing_on(account, registration, product) for product in registration.products])


def _standing_on(account: Account, registration: Registration, product: Product) -> Standing:
    claim = registration.claim_on(product)
    if not is_live(claim):
        kept = claim.stage if isinstance(claim.stage, Protected) else None
        case = claim.stage.case if isinstance(claim.stage, Waiting) else None
        return Standing(
            product=product,
            rank=None,
            is_holder=False,
            case=case,
            protection=None if kept is None else (kept.since, kept.until),
        )
    queue = ranked(account, product, claim.opportunity)
    stage = claim.stage
    return Standing(
        product=product,
        rank=1 + [r.id for r in queue].index(registration.id),
        is_holder=not isinstance(stage, Waiting),
        case=stage.case if isinstance(stage, Waiting) else None,
        protection=(stage.since, stage.until) if isinstance(stage, Protected) else None,
    )


def status(registration: Registration) -> Status:
    """The registration's status: what is in a reviewer's hands first, then the deal, then the best of its claims."""
    stages = [claim.stage for claim in registration.claims]
    kinds = set(map(type, stages))
    if UnderReview in kinds:
        return "under_review"
    if Returned in kinds:
        return "returned"
    deal_state = deal.state_of(registration.deal_facts)
    ended = [stage for stage in stages if isinstance(stage, Ended)]
    if len(ended) == len(stages):
        last = max(ended, key=lambda stage: (stage.at, stage.position))
        over = _STATUS_AFTER[last.by]
        return over if over in ("rejected", "withdrawn") or deal_state == "open" else deal_state
    if deal_state != "open":
        return deal_state
    return "approved" if any(_is_accepted(stage) for stage in stages) else "waiting"


def _is_accepted(stage: LiveStage | Ended) -> bool:
    """Whether a claim holds its product, or co-sells with whoever does."""
    return isinstance(stage, Protected | Direct) or (isinstance(stage, Waiting) and stage.beside is not None)


def protection(registration: Registration) -> tuple[Instant, Instant] | None:
    """From the first to the last instant in which its living claims are protected, None without protection."""
    stages = [claim.stage for claim in registration.claims if isinstance(claim.stage, Protected)]
    if not stages:
        return None
    return min([stage.since for stage in stages]), max([stage.until for stage in stages])


def protection_runs_out_at(registration: Registration) -> Instant | None:
    """The end of the protection that it has in its queues; None without one, and once a win has ended them."""
    ends = (claim.stage.until for claim in registration.claims if is_live(claim) and isinstance(claim.stage, Protected))
    return max(ends, default=None)


def is_live_registration(registration: Registration) -> bool:
    """Whether it counts against the partner's capacity: under review, returned, waiting or approved (rules §3)."""
    return any(map(is_live, registration.claims))


def holder_at(account: Account, product: Product, opportunity: int, instant: Instant) -> Holding | None:
    """Who held the product at an instant, around one sale. A win leaves the holder in place until protection ends."""
    found = None
    for holding, end in _with_ends(account, product, opportunity):
        if holding.since <= instant and (end is None or instant < end):
            found = holding
    return found


def latest_holder_before(
    account: Account, product: Product, opportunity: int, instant: Instant
) -> tuple[Instant, Holding] | None:
    """The last one whose hold on the product had ended at an instant, and when it had."""
    ended = ((end, h) for h, end in _with_ends(account, product, opportunity) if end is not None and end <= instant)
    return max(ended, key=lambda found: found[0], default=None)


def _with_ends(account: Account, product: Product, opportunity: int) -> Iterator[tuple[Holding, Instant | None]]:
    holdings = [h for h in account.holdings.get(product, ()) if h.opportunity == opportunity]
    for place, holding in enumerate(holdings, start=1):
        if holding.until is None:
            yield holding, planned_end(account, product, holding)
        elif holding.ended_by == "won":
            following = [then.since for then in holdings[place : place + 1]]
            yield holding, min([end for end in (holding.lasts_until, *following) if end is not None], default=None)
        else:
            yield holding, holding.until
