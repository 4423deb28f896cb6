"""Who may register what: a list of named policies, of which the first that says no gives the reason (rules §3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.changed import quickly_made
from domain.ids import PartnerId, Product, Share
from domain.matching import AccountFacts
from domain.money import Money, convert
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from domain.programme.terms import Terms
from domain.refusal import Refusal


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What the policies look at."""

    partner: Partner
    sharing: tuple[Partner, ...]
    """The partners of the shares, the lead included."""
    facts: AccountFacts
    products: tuple[Product, ...]
    value: Money
    today: date
    live_registrations: int
    programme: Programme
    terms: Terms


Policy = Callable[[Application], Refusal | None]


def partner_is_active(application: Application) -> Refusal | None:
    """The partner is neither suspended nor terminated."""
    partner = application.partner
    if partner.is_suspended or partner.termination is not None:
        return Refusal("PARTNER_NOT_ACTIVE", f"{partner.name} is not active in the programme.")
    return None


def partners_of_the_shares_are_active(application: Application) -> Refusal | None:
    """Everybody who would be credited is active."""
    for partner in application.sharing:
        if partner.is_suspended or partner.termination is not None:
            return Refusal("PARTNER_NOT_ACTIVE", f"{partner.id}, named in the shares, is not active in the programme.")
    return None


def agreement_covers_it(application: Application) -> Refusal | None:
    """An agreement in force today covers every product and the account's country."""
    agreement = application.partner.agreement_on(application.today)
    if agreement is None:
        return Refusal("OUTSIDE_AGREEMENT", f"No agreement is in force on {application.today}.")
    if "*" not in agreement.products:
        outside = [product for product in application.products if product not in agreement.products]
        if outside:
            return Refusal("OUTSIDE_AGREEMENT", f"The agreement does not cover {', '.join(outside)}.")
    if "*" not in agreement.territories:
        country = application.facts.country
        if country is None:
            return Refusal(
                "OUTSIDE_AGREEMENT", "The agreement is limited to territories, so the account's country is needed."
            )
        if country not in agreement.territories:
            return Refusal("OUTSIDE_AGREEMENT", f"The agreement does not cover {country}.")
    return None


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


POLICIES: Sequence[Policy] = (
    partner_is_active,
    partners_of_the_shares_are_active,
    agreement_covers_it,
    capacity_is_left,
    value_is_large_enough,
)


def refuse_if_not_eligible(application: Application) -> None:
    """Refuse with the reason of the first policy that says no."""
    for policy in POLICIES:
        refusal = policy(application)
        if refusal is not None:
            raise refusal


def refuse_bad_shares(shares: Sequence[Share], lead: PartnerId) -> None:
    """Shares are positive, name each partner once, the lead among them, and sum to 10,000 basis points (rules §5)."""
    partners = [share.partner for share in shares]
    if sum(share.basis_points for share in shares) != 10_000 or any(share.basis_points <= 0 for share in shares):
        raise Refusal("MALFORMED", "Shares are positive basis points that sum to exactly 10,000.", field="shares")
    if len(set(partners)) != len(partners):
        raise Refusal("MALFORMED", "Each partner has one share.", field="shares")
    if lead not in partners:
        raise Refusal("MALFORMED", f"The registration's partner ({lead}) is one of the shares.", field="shares")
