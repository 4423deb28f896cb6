"""A longer protection: asked for before the end, with evidence, and granted at once or by a person (rules §3)."""

from domain.account.draft import Draft
from domain.account.priority import status
from domain.account.state import Claim, Ended, Protected, Registration, is_live
from domain.calendar import add_days
from domain.deal_registration.commands import ExtendProtection, ExtensionCommand, GrantExtension
from domain.deal_registration.events import Extension, ProtectionExtended
from domain.deal_registration.protection_events import ExtensionAsked, ExtensionDeclined, ExtensionGranted
from domain.deal_registration.review import wrong_state
from domain.ids import Instant, Product
from domain.refusal import Refusal


def decide(draft: Draft, registration: Registration, command: ExtensionCommand) -> None:
    """Extend, ask for it, grant it or decline it."""
    if isinstance(command, ExtendProtection):
        _extend(draft, registration, command)
    elif isinstance(command, GrantExtension):
        _grant(draft, registration)
    else:
        _asked_at(registration)
        draft.add(ExtensionDeclined(registration=registration.id, account=draft.account.id, reason=command.reason))


def _extend(draft: Draft, registration: Registration, command: ExtendProtection) -> None:
    """Let all protection that has not ended last longer, as often as the terms allow, or ask a person for it."""
    now = status(registration)
    if now == "expired":
        raise Refusal("PROTECTION_LAPSED", "The protection has ended; register again to get a new place.")
    terms = draft.terms
    held = [(c.product, c.stage.until) for c in registration.claims if isinstance(c.stage, Protected) and is_live(c)]
    if not held:
        raise wrong_state(registration, "extended")
    if registration.extensions_used >= terms.terms.extensions:
        raise Refusal("NO_EXTENSION_LEFT", f"The terms allow {terms.terms.extensions} extension(s), all used.")
    if terms.terms.extension_approval == "manual":
        _ask(draft, registration, command)
        return
    draft.add(
        ProtectionExtended(
            registration=registration.id,
            account=draft.account.id,
            extensions=tuple(_longer(draft, product, until) for product, until in held),
            evidence=command.evidence,
            terms_version=terms.version,
        )
    )


def _ask(draft: Draft, registration: Registration, command: ExtendProtection) -> None:
    asked = registration.asked_extension
    if asked is None:
        draft.add(
            ExtensionAsked(
                registration=registration.id,
                account=draft.account.id,
                evidence=command.evidence,
                terms_version=draft.terms.version,
            )
        )
    elif asked.evidence != command.evidence:
        raise Refusal("WRONG_STATE", "An extension is asked for already and waits for a decision.")


def _grant(draft: Draft, registration: Registration) -> None:
    """Grant what was asked for. What ended meanwhile goes on only where nobody else came first (situations)."""
    asked = _asked_at(registration)
    running: list[Extension] = []
    continued: list[Extension] = []
    for claim in registration.claims:
        stage = claim.stage
        if isinstance(stage, Protected) and is_live(claim) and stage.since <= asked:
            running.append(_longer(draft, claim.product, stage.until))
        elif isinstance(stage, Ended) and isinstance(stage.before, Protected) and stage.by == "expired":
            longer = _longer(draft, claim.product, stage.before.until)
            if asked < stage.at and longer.protected_until > draft.now and _nobody_came(draft, registration, claim):
                continued.append(longer)
    if not running and not continued:
        raise Refusal("PROTECTION_LAPSED", "The protection has ended, and somebody came after it; decline instead.")
    if continued:
        _refuse_if_it_left(draft, registration)
    draft.add(
        ExtensionGranted(
            registration=registration.id,
            account=draft.account.id,
            extensions=tuple(running),
            continued=tuple(continued),
            terms_version=draft.terms.version,
        )
    )


def _asked_at(registration: Registration) -> Instant:
    if registration.asked_extension is None:
        raise Refusal("WRONG_STATE", "No extension of this registration waits for a decision.")
    return registration.asked_extension.asked_at


def _nobody_came(draft: Draft, registration: Registration, claim: Claim) -> bool:
    """Whether nobody has held the product or waits for it since the claim ended, and no win has ended its queue."""
    account, product, opportunity = draft.account, claim.product, claim.opportunity
    held = [holding for holding in account.holdings[product] if holding.opportunity == opportunity]
    was_last = held[-1].registration == registration.id
    return was_last and not claim.settled_by and next(account.queue(product, opportunity), None) is None


def _refuse_if_it_left(draft: Draft, registration: Registration) -> None:
    partner = draft.partners[registration.partner]
    if not partner.is_active:
        raise Refusal("PARTNER_NOT_ACTIVE", f"{partner.name} is not active in the programme.")


def _longer(draft: Draft, product: Product, until: Instant) -> Extension:
    days, zone = draft.terms.terms.extension_days, draft.programme.zone
    return Extension(product=product, protected_until=add_days(until, days, zone))
