"""The eligibility policies, each a sentence that can be true of an application (rules §3, eligibility)."""

from datetime import date
from fractions import Fraction

from domain.account.state import Claim, Ended, Protected, is_live
from domain.calendar import add_days, instant_text
from domain.deal_registration.application import Application
from domain.deal_registration.events import Engagement
from domain.ids import PartnerId
from domain.money import Money, convert
from domain.partner.aggregate import Partner
from domain.programme.terms import Terms
from domain.refusal import Refusal


def partner_is_active(application: Application) -> Refusal | None:
    """The partner came to be active, and is neither suspended nor terminated."""
    partner = application.partner
    return None if partner.is_active else Refusal("PARTNER_NOT_ACTIVE", f"{partner.name} is not active.")


def partners_of_the_shares_are_active(application: Application) -> Refusal | None:
    """Everybody who would be credited is active."""
    for partner in application.sharing:
        if not partner.is_active:
            return inactive_in_the_shares(partner.id)
    return None


def inactive_in_the_shares(partner: PartnerId) -> Refusal:
    """A partner that would be credited is not active."""
    return Refusal("PARTNER_NOT_ACTIVE", f"{partner}, named in the shares, is not active in the programme.")


def agreement_is_in_force(application: Application) -> Refusal | None:
    """The partner has an agreement whose first day has come and whose last has not passed."""
    if application.agreement is None:
        return _outside(f"No agreement is in force on {application.today}.")
    return None


def agreement_covers_the_products(application: Application) -> Refusal | None:
    """Every product is in the agreement."""
    agreement = application.agreement
    if agreement is None or "*" in agreement.products:
        return None
    outside = [product for product in application.products if product not in agreement.products]
    return _outside(f"The agreement does not cover {', '.join(outside)}.") if outside else None


def agreement_covers_the_territory(application: Application) -> Refusal | None:
    """The account's country is in the agreement, which needs it stated where it is limited; or a person looks at it."""
    agreement, country = application.agreement, application.facts.country
    if agreement is None or "*" in agreement.territories:
        return None
    if country is None:
        return _outside("The agreement is limited to territories, so the account's country is needed.")
    if country in agreement.territories or application.terms.outside_territory == "review":
        return None
    return _outside(f"The agreement does not cover {country}.")


def is_outside_the_territory(application: Application) -> bool:
    """Whether an eligible registration is for a country that the agreement does not cover, so that a person decides."""
    agreement = application.agreement
    covered = () if agreement is None else agreement.territories
    return "*" not in covered and application.facts.country not in covered


def agreement_covers_the_segment(application: Application) -> Refusal | None:
    """The account's segment is in the agreement; one that is limited needs it stated."""
    agreement, segment = application.agreement, application.segment
    if agreement is None or "*" in agreement.segments:
        return None
    if segment is None:
        return _outside("The agreement is limited to segments, so the account's segment is needed.")
    return None if segment in agreement.segments else _outside(f"The agreement does not cover the segment {segment}.")


def _outside(reason: str) -> Refusal:
    return Refusal("OUTSIDE_AGREEMENT", reason)


def partner_is_certified_for_the_engagement(application: Application) -> Refusal | None:
    """The partner holds, today, each certification that the terms ask for in this engagement."""
    return certification_missing(application.partner, application.engagement, application.today, application.terms)


def certification_missing(partner: Partner, engagement: Engagement, today: date, terms: Terms) -> Refusal | None:
    """Which certification an engagement asks for that a partner does not hold on a day (rules §8); None: none.

    A level stands for itself alone: who is certified as advanced is not thereby certified for sales.
    """
    for required in terms.required_certifications:
        if required.engagement == engagement and not partner.is_certified_on(today, required.level):
            return Refusal(
                "CERTIFICATION_MISSING",
                f"The engagement {engagement} asks for the certification {required.level}, "
                f"which {partner.name} does not hold on {today}.",
                engagement=engagement,
                certification=required.level,
            )
    return None


def account_is_not_an_existing_customer(application: Application) -> Refusal | None:
    """The vendor does not sell these products to the account already."""
    known = [p for p in application.products if any(c.buys(p) for c in application.account.customers)]
    if not known:
        return None
    return Refusal("EXISTING_CUSTOMER", f"The account is a customer for {', '.join(known)} already.", products=known)


def no_direct_deal_is_older(application: Application) -> Refusal | None:
    """The vendor's own sales have no open deal on these products, or the partner offers to join in (co-sell).

    Whatever stands in the queue already is older than what is registered now.
    """
    offers_co_sell = application.terms.older_direct_deal == "offer_co_sell"
    if offers_co_sell and application.engagement == "co_sell":
        return None
    registrations = application.account.registrations.values()
    live = {c.product for one in registrations if one.is_direct for c in one.claims if is_live(c)}
    direct = [product for product in application.products if product in live]
    if not direct:
        return None
    return Refusal(
        "DIRECT_ACTIVE",
        f"The vendor's own sales have an open deal on {', '.join(direct)} with this account."
        + (" Register it as co_sell to work on it together." if offers_co_sell else ""),
        products=direct,
        offer="co_sell" if offers_co_sell else None,
    )


def capacity_is_left(application: Application) -> Refusal | None:
    """The partner has fewer live registrations than the terms allow (0: any number)."""
    limit = application.terms.max_live_registrations
    if limit and application.live_registrations >= limit:
        return Refusal("TOO_MANY_REGISTRATIONS", f"The partner has {limit} live registrations, which is the limit.")
    return None


def value_is_large_enough(application: Application) -> Refusal | None:
    """The value reaches the programme's minimum, converted at the latest published rate where the currency differs.

    A value in a currency without a published rate cannot be compared and passes.
    """
    minimum, currency = application.terms.minimum_value_minor, application.programme.currency
    value = application.value
    if not minimum:
        return None
    if value.currency != currency:
        rate = application.programme.rate_on(application.today, value.currency, currency)
        if rate is None:
            return None
        value = convert(value, Fraction(rate.rate), currency)
    if value.amount_minor < minimum:
        return Refusal(
            "BELOW_MINIMUM_VALUE",
            f"The value is below the minimum of {Money(amount_minor=minimum, currency=currency)}.",
        )
    return None


def cool_down_is_over(application: Application) -> Refusal | None:
    """The partner's own protection of these products on the account ended long enough ago (situations, squatting).

    Whoever lets a protection run out, or takes it back, leaves the account to others for `cool_down_days` (0: none).
    """
    days, zone = application.terms.cool_down_days, application.programme.zone
    if not days:
        return None
    over_at = {
        claim.product: add_days(claim.stage.at, days, zone)
        for claim in _own_claims(application)
        if isinstance(claim.stage, Ended) and _was_let_go(claim, claim.stage)
    }
    cooling = [product for product in application.products if over_at.get(product, 0) > application.now]
    if not cooling:
        return None
    until = instant_text(max(over_at[product] for product in cooling))
    return Refusal(
        "COOL_DOWN",
        f"The partner's protection of {', '.join(cooling)} ended less than {days} days ago; "
        f"it may register this account again from {until}.",
        products=cooling,
        until=until,
    )


def _was_let_go(claim: Claim, stage: Ended) -> bool:
    return stage.by in ("expired", "withdrawn") and isinstance(stage.before, Protected) and not claim.settled_by


def partner_has_not_registered_it_already(application: Application) -> Refusal | None:
    """No live claim of the partner on the account names one of the products (rules §3.5)."""
    for registration in application.account.registrations.values():
        live = [c.product for c in registration.claims if is_live(c) and c.product in application.products]
        if registration.partner == application.partner.id and live:
            return Refusal(
                "ALREADY_REGISTERED",
                f"Registration {registration.id} claims {', '.join(live)} on this account already.",
                registration=registration.id,
                products=live,
            )
    return None


def _own_claims(application: Application) -> list[Claim]:
    registrations = application.account.registrations.values()
    return [claim for one in registrations if one.partner == application.partner.id for claim in one.claims]


def deal_leads_to_no_registration(application: Application) -> Refusal | None:
    """The CRM deal, where one is named, leads to no registration yet."""
    return deal_already_linked() if application.deal_is_linked else None


def deal_already_linked() -> Refusal:
    """The deal leads to a registration; whose it is stays unsaid."""
    return Refusal("DEAL_ALREADY_LINKED", "This deal leads to a registration already; staff can link it again.")
