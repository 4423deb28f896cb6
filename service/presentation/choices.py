"""Why a line is what it is: each choice that the rules made for it, and what they considered and did not choose."""

from collections.abc import Iterator, Sequence

from domain.commission.credit import Credit
from domain.commission.lines import Line
from domain.commission.plan import Plan, Plans
from domain.commission.working import HELD_BECAUSE
from domain.ids import PartnerId
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.programme.aggregate import Programme
from service.presentation.hold_reasons import WHY_HELD
from service.presentation.incentive_reasons import Reasons, incentive_reasons
from service.presentation.values import Document, percent


def choices_of(
    programme: Programme, partner: Partner, line: Line, credit: Credit | None, viewer: PartnerId | None
) -> list[Document]:
    """Every choice behind a line, in the order of the calculation."""
    if line.kind != "commission":
        return [_choice("incentive", *incentive_reasons(programme, partner, line)), _choice("hold", *_hold(line))]
    if credit is None:
        return [_choice("hold", *_hold(line))]
    plans = Plans(programme, partner)
    plan = plans.plan_of(credit)
    found = [
        _choice("terms", *_terms(programme, line, credit, plans)),
        _choice("own_terms", *_own_terms(partner, line)),
        _choice("rate", *_rate(programme, partner, line)),
        _choice("share", *_share(line, credit, viewer)),
        _choice("tier_table", *_table(plans, line, credit)),
    ]
    if line.slices:
        found.append(_choice("bands", *_bands(line, plan, partner.currency)))
    return [*found, _choice("hold", *_hold(line))]


def _choice(about: str, chosen: str, because: str, others: Sequence[tuple[str, str]]) -> Document:
    return {
        "about": about,
        "chosen": chosen,
        "because": because,
        "not_chosen": [{"what": what, "because": why_not} for what, why_not in others],
    }


def _terms(programme: Programme, line: Line, credit: Credit, plans: Plans) -> Reasons:
    day, why = credit.won_on, "the deal was won"
    if plans.terms_on(day).version.version != line.terms_version and credit.approved_on is not None:
        day, why = credit.approved_on, "the registration was approved (rates_as_of)"
    others = []
    for version in programme.terms:
        if version.version == line.terms_version:
            continue
        if version.effective_from is not None and version.effective_from > day:
            others.append((f"version {version.version}", f"it begins on {version.effective_from}, after {day}"))
        else:
            others.append((f"version {version.version}", f"version {line.terms_version} stands in its place on {day}"))
    return f"version {line.terms_version}", f"it is in force on {day}, when {why}", others


def _own_terms(partner: Partner, line: Line) -> Reasons:
    others = [
        (f"own terms {own.number}", f"they hold from {own.effective_from} to {own.ends_on}, which is not that day")
        for own in partner.pay.own_terms
        if own.number != line.own_terms
    ]
    if line.own_terms is None:
        return "none", "nothing was promised to the partner for that day", others
    return f"own terms {line.own_terms}", "they were promised to the partner for that day", others


def _rate(programme: Programme, partner: Partner, line: Line) -> Reasons:
    if line.value.currency == partner.currency:
        return "none", f"the deal and the statement are both in {partner.currency}", ()
    used, others = line.exchange_rate, []
    for rate in programme.rates:
        if (rate.base, rate.quote) != (line.value.currency, partner.currency):
            continue
        if used is not None and (rate.date, rate.rate) == (used.date, used.rate):
            continue
        if rate.date > line.won_on:
            why_not = "it is dated after the win"
        elif used is not None and rate.date == used.date:
            why_not = "it was replaced"
        else:
            why_not = "a later one was published on or before the day of the win"
        others.append((f"{rate.rate} of {rate.date}", why_not))
    if used is None:
        return "none", WHY_HELD["RATE_MISSING"], others
    return f"{used.rate} of {used.date}", f"it is the last one dated on or before {line.won_on}", others


def _share(line: Line, credit: Credit, viewer: PartnerId | None) -> Reasons:
    others = [
        (f"{share.partner}: {share.basis_points} basis points", "it is another partner's part of the same deal")
        for share in credit.shares
        if share.partner != credit.partner and viewer is None
    ]
    alone = len(credit.shares) == 1
    because = "nobody shares the deal" if alone else "so the partners had agreed when the deal was won"
    return f"{line.share_basis_points} basis points", because, others


def _table(plans: Plans, line: Line, credit: Credit) -> Reasons:
    tables = plans.terms_on(credit.won_on).terms.tier_tables
    others = [
        (table.name, "it is for other products or engagements, or a more specific one counts")
        for table in tables
        if table.name != line.tier_table
    ]
    if line.tier_table is None:
        return "the programme's tiers", "no table is for its products and its engagement", others
    return line.tier_table, "it is the most specific one for its products and its engagement", others


def _bands(line: Line, plan: Plan, currency: str) -> Reasons:
    used = {part.tier: part for part in line.slices if part.base_minor >= 0}
    others = []
    for tier, band in enumerate(plan.bands, start=1):
        if tier not in used:
            start = Money(amount_minor=band.from_minor, currency=currency)
            reached = line.cumulative_before_minor + line.credited_minor > band.from_minor
            why_not = "what counted before had climbed past it" if reached else "the revenue does not reach it"
            others.append((f"tier {tier} (from {start}, {percent(band.rate_basis_points)})", why_not))
    chosen = ", ".join(
        f"tier {tier} at {percent(part.rate_basis_points)} on {Money(amount_minor=part.base_minor, currency=currency)}"
        for tier, part in sorted(used.items())
    )
    before = Money(amount_minor=line.cumulative_before_minor, currency=currency)
    return chosen, f"{plan.method}: {before} counted before it in its window", others


def _hold(line: Line) -> Reasons:
    others = list(_holds_that_do_not_apply(line))
    if not line.held_because:
        return "payable", "nothing holds it", others
    reasons = "; ".join(f"{WHY_HELD[code]} ({code})" for code in line.held_because)
    return "held", reasons, others


def _holds_that_do_not_apply(line: Line) -> Iterator[tuple[str, str]]:
    for code in HELD_BECAUSE:
        if code not in line.held_because:
            yield code, f"it is not so that {WHY_HELD[code]}"
