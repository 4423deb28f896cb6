"""What a partner that was acquired has on an account goes over to its acquirer (service/decisions/0009).

Nothing of it is tested again, and nobody's place or protection changes. What a win has settled, and what is over, stays
with the acquired partner; if it comes back to life it goes over then.
"""

from collections.abc import Iterable, Iterator

from domain.account.draft import Draft
from domain.account.priority import is_live_registration
from domain.account.state import Account, Registration
from domain.deal_registration.involvement import PartnerRole
from domain.deal_registration.share_proposal import ShareProposal
from domain.deal_registration.sharing import agree_if_all_have
from domain.deal_registration.transfer_events import (
    PartTransferred,
    RegistrationTransferred,
    ShareProposalTransferred,
)
from domain.ids import Instant, PartnerId, RegistrationId, Share


def parts_of(registration: Registration) -> tuple[PartnerId, ...]:
    """Every partner that has the registration, a share in it or a role; nobody where it is the vendor's own."""
    named = (registration.partner, *(s.partner for s in registration.shares), *(r.partner for r in registration.roles))
    return () if registration.is_direct else tuple(dict.fromkeys(named))


def hand_over_account(draft: Draft, acquired: PartnerId) -> None:
    """Let everything on the account that is alive and names the partner be its acquirer's."""
    for registration in list(draft.account.registrations.values()):
        if acquired in parts_of(registration) and is_live_registration(registration):
            hand_over(draft, registration.id)
    for proposal in _open_proposals(draft.account):
        if acquired in proposal.partners:
            _hand_over_proposal(draft, proposal, acquired)


def hand_over(draft: Draft, registration_id: RegistrationId) -> None:
    """Let every part of a partner that was acquired be its acquirer's, who may have been acquired later in turn."""
    while True:
        registration = draft.account.registrations[registration_id]
        first = min(_acquisitions(draft, registration), default=None)
        if first is None:
            return
        at, acquired, to = first
        kind = RegistrationTransferred if registration.partner == acquired else PartTransferred
        draft.add(
            kind(
                registration=registration.id,
                account=draft.account.id,
                partner=acquired,
                to=to,
                at=at,
                shares=_shares_after(registration.shares, acquired, to),
                roles=_roles_after(registration.roles, acquired, to),
            )
        )


def _acquisitions(draft: Draft, registration: Registration) -> Iterator[tuple[Instant, PartnerId, PartnerId]]:
    """When which partner with a part in the registration was acquired, and by whom."""
    for one in parts_of(registration):
        termination = draft.partners[one].termination
        if termination is not None and termination.acquired_by is not None:
            yield termination.ends_at, one, termination.acquired_by


def _shares_after(shares: Iterable[Share], acquired: PartnerId, to: PartnerId) -> tuple[Share, ...]:
    """The shares once the acquirer has the acquired partner's, added to its own where it had one."""
    points: dict[PartnerId, int] = {}
    for share in shares:
        partner = to if share.partner == acquired else share.partner
        points[partner] = points.get(partner, 0) + share.basis_points
    return tuple(Share(partner=partner, basis_points=part) for partner, part in points.items())


def _roles_after(roles: Iterable[PartnerRole], acquired: PartnerId, to: PartnerId) -> tuple[PartnerRole, ...]:
    moved = (PartnerRole(partner=to if role.partner == acquired else role.partner, role=role.role) for role in roles)
    return tuple(dict.fromkeys(moved))


def _open_proposals(account: Account) -> list[ShareProposal]:
    return [proposal for proposal in account.share_proposals.values() if proposal.is_open]


def _hand_over_proposal(draft: Draft, proposal: ShareProposal, acquired: PartnerId) -> None:
    """Whoever agreed still does; an acquirer that was named too only if both had."""
    to = draft.partners[acquired].acquired_by
    assert to is not None
    both_agree = {acquired, to} & set(proposal.partners) <= set(proposal.accepted)
    others = tuple(partner for partner in proposal.accepted if partner not in (acquired, to))
    draft.add(
        ShareProposalTransferred(
            registration=proposal.registration,
            account=draft.account.id,
            proposal=proposal.id,
            partner=acquired,
            to=to,
            shares=_shares_after(proposal.shares, acquired, to),
            accepted=(*others, to) if both_agree else others,
        )
    )
    agree_if_all_have(draft, proposal.id)
