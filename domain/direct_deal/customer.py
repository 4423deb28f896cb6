"""What the vendor sells to an account already."""

from dataclasses import dataclass
from datetime import date

from domain.ids import DealRef, Position, Product
from domain.matching import AccountFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The vendor has the customer already, for these products or (none) for any. `deal` is how it was won, if known."""

    facts: AccountFacts
    products: tuple[Product, ...]
    since_on: date | None
    deal: DealRef | None
    place: Position

    def buys(self, product: Product) -> bool:
        """Whether a registration of this product would bring nobody new."""
        return not self.products or product in self.products
