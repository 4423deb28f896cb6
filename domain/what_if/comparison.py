"""Every statement line that would change, by how much, and in which period that would land."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from domain.commission.statement import StatementInputs, open_periods
from domain.ids import LineId, PartnerId, RegistrationId


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What a line says, in minor units of the statement's currency, and how much of it is held."""

    amount_minor: int
    held_minor: int


NOTHING = Amount(amount_minor=0, held_minor=0)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a line lands: in its own open period, or as part of an adjustment for a closed one (`about`)."""

    lands_in: str
    kind: Literal["line", "prior_period"]
    about: str
    line: LineId


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """A line that would be another."""

    place: Place
    registration: RegistrationId
    before: Amount
    after: Amount

    @property
    def difference_minor(self) -> int:
        """By how much."""
        return self.after.amount_minor - self.before.amount_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerChange:
    """What would change for a partner. `difference_minor` is all of it together."""

    partner: PartnerId
    currency: str
    changes: tuple[LineChange, ...]

    @property
    def difference_minor(self) -> int:
        """By how much the partner would be owed more."""
        return sum(change.difference_minor for change in self.changes)


def compared(before: StatementInputs, after: StatementInputs) -> PartnerChange:
    """What one world states otherwise than the other, in order of where it lands."""
    was, would_be = dict(_stated(before)), dict(_stated(after))
    changes = []
    for place in sorted({*was, *would_be}):
        registration, amount = was.get(place, (None, NOTHING))
        other_registration, other = would_be.get(place, (registration, NOTHING))
        named = other_registration or registration
        assert named is not None
        if amount != other:
            changes.append(LineChange(place=place, registration=named, before=amount, after=other))
    return PartnerChange(partner=before.partner.id, currency=before.partner.currency, changes=tuple(changes))


def _stated(inputs: StatementInputs) -> Iterator[tuple[Place, tuple[RegistrationId | None, Amount]]]:
    """What the open periods state, line by line."""
    for period, found in open_periods(inputs):
        lands_in = str(period)
        for line in found.lines:
            place = Place(lands_in=lands_in, kind="line", about=lands_in, line=line.id)
            yield place, (line.registration, Amount(amount_minor=line.commission_minor, held_minor=line.held_minor))
        for adjustment in found.adjustments:
            for part in adjustment.lines:
                place = Place(lands_in=lands_in, kind="prior_period", about=adjustment.period, line=part.line)
                yield place, (part.registration, Amount(amount_minor=part.amount_minor, held_minor=part.held_minor))
