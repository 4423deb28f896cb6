"""What comparing partners found, and the tier of one of them, as the HTTP contract shows them."""

from datetime import date

from domain.evaluation.events import EvaluationEvent, PartnerTiersEvaluated, Ranked
from domain.money import Money
from domain.partner.aggregate import Partner
from domain.partner.pay import TierHeld
from service.presentation.programme import tier_rule_document
from service.presentation.values import Document, money


def evaluation_document(event: EvaluationEvent, currency: str) -> Document:
    """An evaluation with the population that it saw; amounts are in the programme's currency."""
    document: Document = {
        "first_on": event.first_on.isoformat(),
        "last_on": event.last_on.isoformat(),
        "read_to": event.read_to,
        "population": [_ranked(one, currency) for one in event.population],
    }
    if isinstance(event, PartnerTiersEvaluated):
        return document | {
            "quarter": event.quarter,
            "effective_from": event.effective_from.isoformat(),
            "rules": [tier_rule_document(rule, currency) for rule in event.rules],
        }
    return document | {
        "year": event.year,
        "evaluated_on": event.evaluated_on.isoformat(),
        "rewards": [_money(reward, currency) for reward in event.rewards_minor],
    }


def _ranked(one: Ranked, currency: str) -> Document:
    return {
        "partner": one.partner,
        "rank": one.rank,
        "credited": _money(one.credited_minor, currency),
        "unconverted": one.unconverted,
    }


def _money(amount_minor: int, currency: str) -> Document:
    return money(Money(amount_minor=amount_minor, currency=currency))


def tier_document(partner: Partner, today: date, currency: str) -> Document:
    """The tier that a partner is in, and every change of it. Nothing in it tells of another partner."""
    held = partner.pay.tier_on(today)
    return {
        "partner": partner.id,
        "current": None if held is None else _held(held, currency),
        "history": [_held(one, currency) for one in partner.pay.tiers],
    }


def _held(held: TierHeld, currency: str) -> Document:
    rule = tier_rule_document(held.rule, currency)
    return rule | {"effective_from": held.effective_from.isoformat(), "quarter": held.quarter}
