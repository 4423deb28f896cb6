"""That the vendor's sales has somebody for the deal, or has to. These are the stored format: add, never edit.

Who it is never stands here: the name is kept beside the log under the registration's id, and can be erased.
"""

from dataclasses import dataclass

from domain.deal_registration.events import RegistrationEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesOwnerAwaited(RegistrationEvent):
    """The registration is first, and is not approved before a sales owner is named, which these terms ask for."""

    terms_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesOwnerNamed(RegistrationEvent):
    """A sales owner is named."""


SalesOwnerEvent = SalesOwnerAwaited | SalesOwnerNamed
