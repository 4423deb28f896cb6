"""Every event that this version writes, under its permanent name."""

from typing import Final

from domain.commission_period.events import CommissionPeriodClosed, StatementAcknowledged
from domain.conflict_case.events import (
    CaseBecameMoot,
    CaseCommunicated,
    CaseDecided,
    CaseIdentified,
    CaseInvestigated,
    CaseMediated,
    CasePrevented,
)
from domain.deal_registration.events import (
    ClaimEnded,
    DealLinked,
    DealLost,
    DealPaid,
    DealRefunded,
    DealRegistered,
    DealReopened,
    DealUnlinked,
    DealValueStated,
    DealWon,
    PartnerLeaves,
    ProtectionExpired,
    ProtectionExtended,
    RegistrationApproved,
    RegistrationPromoted,
    RegistrationRejected,
    RegistrationResubmitted,
    RegistrationReturned,
    RegistrationWithdrawn,
    SharesAgreed,
)
from domain.deal_registration.protection_events import ReturnLapsed
from domain.deal_registration.share_events import (
    ProposedSharesAccepted,
    ProposedSharesDeclined,
    ShareProposalExpired,
    SharesProposed,
)
from domain.partner.events import (
    AgreementReplaced,
    CertificationEarned,
    CertificationRevoked,
    PartnerAdvanced,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTerminated,
)
from domain.programme.events import ClockMoved, ExchangeRatePublished, ProgrammeStarted, TermsPublished
from service.event_types import EventTypes

EVENT_TYPES: Final = EventTypes(
    {
        "programme.started.v1": ProgrammeStarted,
        "programme.terms_published.v1": TermsPublished,
        "programme.exchange_rate_published.v1": ExchangeRatePublished,
        "programme.clock_moved.v1": ClockMoved,
        "partner.enrolled.v1": PartnerEnrolled,
        "partner.advanced.v1": PartnerAdvanced,
        "partner.certification_earned.v1": CertificationEarned,
        "partner.certification_revoked.v1": CertificationRevoked,
        "partner.agreement_replaced.v1": AgreementReplaced,
        "partner.suspended.v1": PartnerSuspended,
        "partner.reinstated.v1": PartnerReinstated,
        "partner.terminated.v1": PartnerTerminated,
        "deal_registration.registered.v1": DealRegistered,
        "deal_registration.approved.v1": RegistrationApproved,
        "deal_registration.promoted.v1": RegistrationPromoted,
        "deal_registration.returned.v1": RegistrationReturned,
        "deal_registration.resubmitted.v1": RegistrationResubmitted,
        "deal_registration.rejected.v1": RegistrationRejected,
        "deal_registration.withdrawn.v1": RegistrationWithdrawn,
        "deal_registration.protection_expired.v1": ProtectionExpired,
        "deal_registration.protection_extended.v1": ProtectionExtended,
        "deal_registration.return_lapsed.v1": ReturnLapsed,
        "deal_registration.shares_agreed.v1": SharesAgreed,
        "deal_registration.shares_proposed.v1": SharesProposed,
        "deal_registration.proposed_shares_accepted.v1": ProposedSharesAccepted,
        "deal_registration.proposed_shares_declined.v1": ProposedSharesDeclined,
        "deal_registration.share_proposal_expired.v1": ShareProposalExpired,
        "deal_registration.deal_linked.v1": DealLinked,
        "deal_registration.deal_unlinked.v1": DealUnlinked,
        "deal_registration.partner_leaves.v1": PartnerLeaves,
        "deal_registration.claim_ended.v1": ClaimEnded,
        "deal_registration.value_stated.v1": DealValueStated,
        "deal_registration.won.v1": DealWon,
        "deal_registration.lost.v1": DealLost,
        "deal_registration.reopened.v1": DealReopened,
        "deal_registration.refunded.v1": DealRefunded,
        "deal_registration.paid.v1": DealPaid,
        "conflict_case.identified.v1": CaseIdentified,
        "conflict_case.investigated.v1": CaseInvestigated,
        "conflict_case.mediated.v1": CaseMediated,
        "conflict_case.decided.v1": CaseDecided,
        "conflict_case.communicated.v1": CaseCommunicated,
        "conflict_case.prevented.v1": CasePrevented,
        "conflict_case.became_moot.v1": CaseBecameMoot,
        "commission_period.closed.v1": CommissionPeriodClosed,
        "commission_period.acknowledged.v1": StatementAcknowledged,
    }
)
