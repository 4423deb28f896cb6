"""Targets of credited revenue, and what reaching them earns (rules §8). Stored: add, never edit."""

from dataclasses import dataclass

from domain.ids import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A partner's target for a quarter or month, in the minor units of the partner's currency.

    Reaching it earns `bonus_minor` once (0: nothing), and all revenue beyond it `accelerator_basis_points` on top of
    its commission.
    """

    period: str
    target_minor: int
    bonus_minor: int
    accelerator_basis_points: int
    position: Position
