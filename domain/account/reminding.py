"""When a partner is reminded that its protection ends: 14, 7 and 1 days before.

Nothing is decided by a reminder. The timer writes it once it is due; what ends first, or lasts longer by then, needs
none any more. One that would have fallen before the end was known is not made up for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from domain.account.draft import Draft
from domain.account.passing_of_time import next_due
from domain.account.state import Account, Protected
from domain.changed import quickly_made
from domain.deal_registration.protection_events import ProtectionEndsSoon
from domain.ids import Instant, Position, Product, RegistrationId

DAYS_BEFORE: Final = (14, 7, 1)
_DAY: Final = 86_400_000_000


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Reminder:
    """A reminder that is still to come. Days are of 24 hours, counted back from the end."""

    at: Instant
    place: Position
    registration: RegistrationId
    protected_until: Instant
    days_left: int


def next_reminder(account: Account) -> Reminder | None:
    """The earliest reminder that is not written yet."""
    return min([reminder for reminder, _ in _reminders(account)], default=None)


def next_instant(account: Account) -> tuple[Instant, Position] | None:
    """When the timer next has something to write on the account, and the place of the registration that it is about."""
    found = (next_due(account), next_reminder(account))
    return min([(one.at, one.place) for one in found if one is not None], default=None)


def remind(draft: Draft, until: Instant) -> None:
    """Write the reminders that fell due up to an instant, in order."""
    while (reminder := next_reminder(draft.account)) is not None and reminder.at <= until:
        draft.add(
            ProtectionEndsSoon(
                registration=reminder.registration,
                account=draft.account.id,
                products=tuple(product for other, product in _reminders(draft.account) if other == reminder),
                at=reminder.at,
                days_left=reminder.days_left,
                protected_until=reminder.protected_until,
            )
        )


def _reminders(account: Account) -> Iterator[tuple[Reminder, Product]]:
    """The next reminder of each protected claim that stands in its queue."""
    for product in account.order:
        for registration, claim in account.queue(product):
            stage = claim.stage
            if not isinstance(stage, Protected) or registration.leaves_for_fraud:
                continue
            told = stage.since if stage.reminded_to is None else stage.reminded_to
            for days in DAYS_BEFORE:
                at = stage.until - days * _DAY
                if at > told:
                    reminder = Reminder(
                        at=Instant(at),
                        place=registration.place,
                        registration=registration.id,
                        protected_until=stage.until,
                        days_left=days,
                    )
                    yield reminder, product
                    break
