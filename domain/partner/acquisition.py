"""A partner is bought by another one: it leaves, and all that it has in the programme goes over to the buyer."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.ids import Instant
from domain.partner.aggregate import Partner
from domain.partner.events import PartnerAcquired
from domain.refusal import Refusal

GO_OVER_AT_MOST: Final = 100_000
"""So many accounts, and so many leads, go over in one transaction; a partner with more is refused as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquirePartner:
    """Say that the partner was bought by another one, `now`, which is `today` in the programme's zone."""

    by: Partner
    reason: str
    now: Instant
    today: date
    goes_over: int = 0
    """On how many accounts, or by how many leads, the partner has something that is alive: the larger of the two."""


def acquire(partner: Partner, command: AcquirePartner) -> list[PartnerAcquired]:
    """The partner leaves at once; nothing when it was said before. A suspended one may be bought, with what is held."""
    by = command.by
    if by.id == partner.id:
        raise Refusal("MALFORMED", "A partner is bought by another one.", field="by")
    if partner.acquired_by == by.id:
        return []
    if partner.termination is not None:
        raise Refusal("WRONG_STATE", f"{partner.name} is terminated already.")
    if not by.is_active:
        raise Refusal("PARTNER_NOT_ACTIVE", f"{by.name}, which acquires it, is not active in the programme.")
    if by.agreement_on(command.today) is None:
        raise Refusal("OUTSIDE_AGREEMENT", f"{by.name}, which acquires it, has no agreement in force.")
    if command.goes_over > GO_OVER_AT_MOST:
        raise Refusal("TOO_MUCH_TO_TRANSFER", f"No more than {GO_OVER_AT_MOST} accounts or leads go over at once.")
    return [PartnerAcquired(partner=partner.id, by=by.id, reason=command.reason, at=command.now)]
