"""SPIFFs: something extra for deals with certain products, between two days (rules §8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.ids import Position, Product
from domain.programme.events import SpiffEnded, SpiffPublished
from domain.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spiff:
    """An extra rate, or an amount a deal (minor units of the programme's currency), from a day to a last day.

    It is for a deal that names at least one of the products; as a deal's value is not split by product, a rate counts
    for all that is credited.
    """

    id: str
    name: str
    products: tuple[Product, ...]
    first_on: date
    last_on: date
    rate_basis_points: int
    amount_minor: int
    position: Position

    def is_for(self, day: date, products: Sequence[Product]) -> bool:
        """Whether a deal with these products that was won on a day earns it."""
        return self.first_on <= day <= self.last_on and not set(products).isdisjoint(self.products)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishSpiff:
    """Publish a SPIFF. `closed_through` is the last day of anybody's closed periods, which it may not reach into."""

    spiff: str
    name: str
    products: tuple[Product, ...]
    first_on: date
    last_on: date
    rate_basis_points: int
    amount_minor: int
    closed_through: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSpiff:
    """Let a SPIFF end with an earlier last day."""

    spiff: str
    last_on: date
    closed_through: date | None


def decide(known: Sequence[Spiff], command: PublishSpiff | EndSpiff) -> list[SpiffPublished | SpiffEnded]:
    """The events that a command causes; already so gives none."""
    found = next((spiff for spiff in known if spiff.id == command.spiff), None)
    if isinstance(command, PublishSpiff):
        if found is not None:
            raise Refusal("ALREADY_EXISTS", f"A SPIFF with the id {command.spiff} exists already.")
        if command.closed_through is not None and command.first_on <= command.closed_through:
            raise _closed(command.closed_through)
        return [
            SpiffPublished(
                spiff=command.spiff,
                name=command.name,
                products=command.products,
                first_on=command.first_on,
                last_on=command.last_on,
                rate_basis_points=command.rate_basis_points,
                amount_minor=command.amount_minor,
            )
        ]
    if found is None:
        raise Refusal("NOT_FOUND", f"There is no SPIFF {command.spiff}.")
    if found.last_on == command.last_on:
        return []
    if command.last_on > found.last_on:
        raise Refusal("WRONG_STATE", f"It ends with {found.last_on} already; a SPIFF can only be shortened.")
    if command.closed_through is not None and command.last_on < command.closed_through:
        raise _closed(command.closed_through)
    return [SpiffEnded(spiff=command.spiff, last_on=command.last_on)]


def _closed(through: date) -> Refusal:
    return Refusal("PERIOD_CLOSED", f"A SPIFF may not reach into a closed period: there are some through {through}.")


def evolve(known: tuple[Spiff, ...], event: SpiffPublished | SpiffEnded, position: Position) -> tuple[Spiff, ...]:
    """The SPIFFs after one more event."""
    if isinstance(event, SpiffEnded):
        return tuple(
            replace(spiff, last_on=event.last_on, position=position) if spiff.id == event.spiff else spiff
            for spiff in known
        )
    made = Spiff(
        id=event.spiff,
        name=event.name,
        products=event.products,
        first_on=event.first_on,
        last_on=event.last_on,
        rate_basis_points=event.rate_basis_points,
        amount_minor=event.amount_minor,
        position=position,
    )
    return (*known, made)
