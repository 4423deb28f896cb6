"""Which partners have which part in the work on a deal: stated when it is registered, or later by staff."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.deal_registration.aggregate import StateRoles
from domain.deal_registration.involvement import PartnerRole, unknown_in_the_roles
from domain.ids import PartnerId
from domain.partner.aggregate import Partner
from service.attempt import Attempt
from service.commands.on_account import partner_of
from service.commands.registrations import ChangeRegistration
from service.payloads.registration import RoleIn
from service.states import partner_key
from service.work import Answer, Known, StateKey


@dataclass(kw_only=True)
class SetRoles(ChangeRegistration):
    """State the roles of partners; every partner named must be in the programme."""

    command: StateRoles

    def needs(self, known: Known) -> Iterable[StateKey]:
        """The account and the partners of the roles."""
        yield from ChangeRegistration.needs(self, known)
        yield from (partner_key(role.partner) for role in self.command.roles)

    def run(self, attempt: Attempt) -> Answer:
        """State them."""
        require_partners_of_roles(attempt, self.command.roles, None)
        return ChangeRegistration.run(self, attempt)


def require_partners_of_roles(attempt: Attempt, roles: Sequence[PartnerRole], only_of: PartnerId | None) -> None:
    """Refuse roles of partners that nobody knows; to a partner's key one that is not active is one of them."""
    for role in roles:
        found = attempt.state(partner_key(role.partner))
        if only_of is None:
            partner_of(attempt, role.partner)
        elif not (isinstance(found, Partner) and found.is_active):
            raise unknown_in_the_roles(role.partner)


def roles_of(roles: Iterable[RoleIn]) -> tuple[PartnerRole, ...]:
    """Roles as the rules know them."""
    return tuple(PartnerRole(partner=PartnerId(role.partner), role=role.role) for role in roles)
