"""What goes over to another partner when one is acquired. These are the stored format: add, never edit.

None of it moves a place, a protection or a case: who was first is the order in which registrations were accepted.
"""

from dataclasses import dataclass

from domain.deal_registration.events import RegistrationEvent
from domain.deal_registration.involvement import PartnerRole
from domain.deal_registration.share_events import ShareProposalEvent
from domain.ids import Instant, PartnerId, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent(RegistrationEvent):
    """What `partner` had in the registration is `to`'s since it was acquired, at `at` (it may be recorded later).

    `shares` and `roles` are all that there are from then on.
    """

    partner: PartnerId
    to: PartnerId
    at: Instant
    shares: tuple[Share, ...]
    roles: tuple[PartnerRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationTransferred(TransferEvent):
    """The registration itself went over: it stands where it stood, and is the acquirer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTransferred(TransferEvent):
    """Another partner's registration: the acquired one's share or role in it went over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareProposalTransferred(ShareProposalEvent):
    """An open proposal that named the acquired partner names its acquirer. `accepted` are those who agree to it now."""

    partner: PartnerId
    to: PartnerId
    shares: tuple[Share, ...]
    accepted: tuple[PartnerId, ...]
