"""What a deal comes to in the statement's currency: as a whole and for one partner, before its refunds and after."""

from dataclasses import dataclass
from fractions import Fraction

from domain.changed import quickly_made
from domain.commission.credit import Credit
from domain.commission.plan import Plan, Plans
from domain.money import Money, allocate, convert, rate_of
from domain.programme.terms import ExchangeRate


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Revenue of one deal, or of a window so far. `gross` is before refunds; `remains` what refunds leave of it."""

    whole_minor: int
    part_minor: int
    gross_whole_minor: int
    gross_part_minor: int
    remains: Fraction = Fraction(1)

    def __add__(self, other: "Revenue") -> "Revenue":
        return Revenue(
            whole_minor=self.whole_minor + other.whole_minor,
            part_minor=self.part_minor + other.part_minor,
            gross_whole_minor=self.gross_whole_minor + other.gross_whole_minor,
            gross_part_minor=self.gross_part_minor + other.gross_part_minor,
        )

    def climbing(self, plan: Plan) -> int:
        """What climbs the bands: the partner's part, or (`tier_then_split`) whole deals; `pro_rata`: before refunds."""
        if plan.split_mode == "credit_then_tier":
            return self.paid_for(plan)
        return self.gross_whole_minor if plan.refund_method == "pro_rata" else self.whole_minor

    def paid_for(self, plan: Plan) -> int:
        """What the partner is paid for: its part."""
        return self.gross_part_minor if plan.refund_method == "pro_rata" else self.part_minor


NOTHING = Revenue(whole_minor=0, part_minor=0, gross_whole_minor=0, gross_part_minor=0)


def revenue_of(plans: Plans, currency: str, credit: Credit) -> tuple[Revenue | None, ExchangeRate | None]:
    """A credit's revenue, with the rate that it was converted at; no revenue when there is no rate that can convert it.

    The value is converted, rounded half up, and of that the partner has its share.
    """
    value, gross, rate = credit.value, credit.value_before_refunds or credit.value, None
    remains = Fraction(value.amount_minor, gross.amount_minor) if gross.amount_minor else Fraction(1)
    if value.currency != currency:
        rate = plans.rate_on(credit.won_on, value.currency)
        if rate is None:
            return None, None
        try:
            value, gross = (convert(money, rate_of(rate.rate), currency) for money in (value, gross))
        except OverflowError:
            return None, rate
    part = _part(credit, value)
    revenue = Revenue(
        whole_minor=value.amount_minor,
        part_minor=part,
        gross_whole_minor=gross.amount_minor,
        gross_part_minor=part if remains == 1 else _part(credit, gross),
        remains=remains,
    )
    return revenue, rate


def _part(credit: Credit, value: Money) -> int:
    shares = [(share.partner, share.basis_points) for share in credit.shares]
    return allocate(value.amount_minor, shares, credit.lead)[credit.own_share]
