"""SPIFFs: something extra for deals with certain products, between two days (rules §8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.ids import Position, Product


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
