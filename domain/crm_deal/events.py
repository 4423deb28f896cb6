"""What a CRM says of its own deals. These are the stored format: add, never edit."""

from dataclasses import dataclass

from domain.ids import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmDealsMerged:
    """The CRM merged `deals` into one that goes by the id `into`.

    `one_deal` are all ids of its that are one deal from now on, those of earlier merges too, in order.
    """

    source: str
    deals: tuple[str, ...]
    into: str
    one_deal: tuple[str, ...]
    occurred_at: Instant
    delivery: str


CrmDealEvent = CrmDealsMerged
