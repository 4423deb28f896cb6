"""Why a line beside the commission lines is there: the target, SPIFF, floor or reward that it is for (rules §8)."""

from collections.abc import Sequence

from domain.commission.lines import Line
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.partner.targets import Target
from domain.programme.aggregate import Programme
from domain.programme.spiffs import Spiff

Reasons = tuple[str, str, Sequence[tuple[str, str]]]
"""What was chosen and why, and of each other possibility why not."""


def incentive_reasons(programme: Programme, partner: Partner, line: Line) -> Reasons:
    """What a bonus, SPIFF or reward line is for, and which others of its kind do not apply to the deal."""
    name = line.incentive or line.kind
    figure = Money(amount_minor=line.steps[0].figure_minor if line.steps else 0, currency=partner.currency)
    if line.kind == "spiff":
        return _spiff(programme, line, name)
    if line.kind == "reward":
        return name, _reward(partner, name), ()
    if name.startswith("floor "):
        return name, f"the lines of the period come to less than its floor of {figure}", ()
    others = [
        (f"target {target.period}", f"the deal was won on {line.won_on}, which is not in it")
        for target in partner.pay.targets
        if name != f"target {target.period}"
    ]
    target = next(target for target in partner.pay.targets if name == f"target {target.period}")
    return name, _target(target, partner.currency, beyond=line.steps[0].step == "beyond_target"), others


def _target(target: Target, currency: str, *, beyond: bool) -> str:
    wanted = Money(amount_minor=target.target_minor, currency=currency)
    if beyond:
        percent = f"{target.accelerator_basis_points} basis points"
        return f"what is credited beyond the target of {wanted} earns {percent} more, and this deal is beyond it"
    bonus = Money(amount_minor=target.bonus_minor, currency=currency)
    return f"in credit order this deal is the one that reaches the target of {wanted}, for a bonus of {bonus}"


def _spiff(programme: Programme, line: Line, name: str) -> Reasons:
    spiff = next(one for one in programme.spiffs if one.id == name)
    others = [(one.id, _not_for(one, line)) for one in programme.spiffs if one.id != name]
    days = f"from {spiff.first_on} to {spiff.last_on}"
    because = f"it is for deals with {', '.join(spiff.products)} won {days}, and this one was won on {line.won_on}"
    return name, because, others


def _not_for(spiff: Spiff, line: Line) -> str:
    if spiff.is_for(line.won_on, line.products):
        return "the deal earns it as well, on a line of its own"
    if not spiff.first_on <= line.won_on <= spiff.last_on:
        return f"it is for deals won from {spiff.first_on} to {spiff.last_on}"
    return f"it is for {', '.join(spiff.products)}, which the deal does not name"


def _reward(partner: Partner, name: str) -> str:
    reward = next(one for one in partner.pay.rewards if name == f"reward {one.year}")
    where = f"the population that was compared stands in the event at {reward.position}"
    return f"the partner was among the first of the year by credited revenue when that was evaluated; {where}"
