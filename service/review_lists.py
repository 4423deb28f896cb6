"""The review queue as it stands now: the view finds what waits, and then time passes on its accounts."""

from dataclasses import dataclass
from typing import Final

from domain.account.reviewing import Review, WaitsFor, review_of
from domain.account.state import Account, Registration
from domain.ids import Instant, PartnerId, RegistrationId
from projections.registrations import due_accounts
from projections.reviews import list_reviews
from service.reading import Moment

DUE_AT_MOST: Final = 1_000
"""So many accounts with something unwritten are looked at for one page; the timer keeps them at about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InReview:
    """A registration that waits for an answer, on its account as it stands now."""

    account: Account
    registration: Registration
    review: Review

    @property
    def place(self) -> tuple[Instant, RegistrationId]:
        """Its place in the queue."""
        return self.review.since, self.registration.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reviews a reader asks for; None asks for any."""

    partner: PartnerId | None
    waits_for: WaitsFor | None

    def is_met_by(self, found: InReview) -> bool:
        """Whether a review is among them."""
        return self.partner in (None, found.registration.partner) and self.waits_for in (None, found.review.waits_for)


async def reviews_wanted(
    moment: Moment, wanted: Wanted, *, after: tuple[int, str], limit: int
) -> tuple[list[InReview], tuple[int, str] | None]:
    """Those in review after a place in the queue, the longest first, and where to go on (None: at the end).

    A page may be short and still have a next one: some of what was found in review has left it by now.
    """
    listed = await list_reviews(
        moment.connection,
        moment.programme.id,
        partner=wanted.partner,
        waits_for=wanted.waits_for,
        after=after,
        limit=limit + 1,
    )
    due = await due_accounts(moment.connection, moment.programme.id, moment.now, DUE_AT_MOST)
    accounts = await moment.accounts(dict.fromkeys([*(account for _, _, account in listed), *due]))
    last = (listed[limit - 1][0], str(listed[limit - 1][1])) if len(listed) > limit else None
    found = [one for account in accounts.values() for one in _in_review(account) if wanted.is_met_by(one)]
    stated = {(account, registration) for _, registration, account in listed[:limit]}
    shown = [
        one
        for one in sorted(found, key=lambda one: one.place)
        if _is_on_page(one, after, last) and (one.account.id in due or (one.account.id, one.registration.id) in stated)
    ]
    if len(shown) <= limit:
        return shown, last
    return shown[:limit], shown[limit - 1].place


def _in_review(account: Account) -> list[InReview]:
    return [
        InReview(account=account, registration=registration, review=review)
        for registration in account.registrations.values()
        if (review := review_of(registration)) is not None
    ]


def _is_on_page(one: InReview, after: tuple[int, str], last: tuple[int, str] | None) -> bool:
    return one.place > after and (last is None or one.place <= last)
