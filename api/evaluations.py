"""Comparing partners: partner tiers, and the reward of a year."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api import path
from api.answers import shown, written
from api.call import Call
from api.models.evaluations import (
    EvaluateReward,
    EvaluateTiers,
    RewardEvaluated,
    RewardEvaluation,
    TierEvaluated,
    TierEvaluation,
    TierOfPartner,
)
from api.one_partner import show_of_partner
from api.operation import Operations
from api.paging import Reading
from api.problems import mistake, not_found
from api.security import allowed
from api.stated_terms import minor
from domain.calendar import Period, local_date, period_from
from domain.evaluation import aggregate
from domain.evaluation.events import EvaluationEvent
from domain.programme.aggregate import Programme
from service.commands.evaluations import Decided, Evaluate, Seen
from service.event_store import logged, read_stream
from service.presentation.evaluations import evaluation_document, tier_document
from service.streams import evaluation_stream

evaluations = Operations("Incentives")

READERS = allowed("partner_manager", "finance", "auditor")


@evaluations.operation(
    "POST",
    "/v1/partner-tiers/{quarter}/evaluate",
    roles=allowed("finance", "partner_manager"),
    answer=TierEvaluated,
    status=201,
    refusals=("PERIOD_NOT_ENDED", "EFFECTIVE_IN_THE_PAST", "ALREADY_EXISTS"),
)
async def evaluate_partner_tiers(call: Call, quarter: path.Quarter, body: EvaluateTiers) -> Response:
    """Give every active partner its tier, by what it was credited in the four quarters up to one that has ended.

    The population that was seen is stored. A quarter is evaluated once, and no tier changes backwards.
    """
    wanted = _quarter(quarter)

    def decide(programme: Programme, seen: Seen) -> Decided:
        return aggregate.evaluate_tiers(
            programme,
            aggregate.EvaluatePartnerTiers(
                quarter=wanted,
                effective_from=body.effective_from,
                inputs=seen.inputs,
                now=seen.now,
                read_to=seen.read_to,
            ),
        )

    return await _evaluate(call, evaluation_stream("partner_tiers", str(wanted)), decide)


@evaluations.operation("GET", "/v1/partner-tiers/{quarter}", roles=READERS, answer=TierEvaluation)
async def show_partner_tiers(call: Call, quarter: path.Quarter, query: Annotated[Reading, Query()]) -> Response:
    """Show an evaluation of partner tiers, with the population that it saw."""
    return await _show(call, query, evaluation_stream("partner_tiers", quarter))


@evaluations.operation(
    "GET",
    "/v1/partners/{id}/tier",
    roles=allowed("partner_manager", "sales", "finance", "auditor", "partner"),
    answer=TierOfPartner,
)
async def show_tier(
    call: Call,
    id: path.Partner,  # noqa: A002 - as in the path
    query: Annotated[Reading, Query()],
) -> Response:
    """Show the tier of a partner, with its discounts and its budget, and every change. A partner's key sees its own."""
    return await show_of_partner(
        call,
        query,
        id,
        lambda moment, partner: tier_document(
            partner, local_date(moment.now, moment.programme.zone), moment.programme.currency
        ),
    )


@evaluations.operation(
    "POST",
    "/v1/rewards/{year}/evaluate",
    roles=allowed("finance"),
    answer=RewardEvaluated,
    status=201,
    refusals=("PERIOD_NOT_ENDED", "ALREADY_EXISTS"),
)
async def evaluate_reward(call: Call, year: path.Year, body: EvaluateReward) -> Response:
    """Reward the partners that were credited most in a fiscal year that has ended.

    Each is paid by a statement line of its own, of the kind `reward`, on the day of the evaluation. The population that
    was seen is stored. Who was credited alike has one rank and one reward; a year is evaluated once.
    """
    if not (year.isascii() and year.isdecimal() and len(year) == len("2026") and "1000" <= year <= "9000"):
        raise mistake("year", "value_error", f"{year!r} is not a year such as '2026'")

    def decide(programme: Programme, seen: Seen) -> Decided:
        rewards = tuple(
            minor(reward, programme.currency, f"rewards.{place}") for place, reward in enumerate(body.rewards)
        )
        command = aggregate.EvaluateReward(
            year=int(year), rewards_minor=rewards, inputs=seen.inputs, now=seen.now, read_to=seen.read_to
        )
        return aggregate.evaluate_reward(programme, command)

    return await _evaluate(call, evaluation_stream("reward", year), decide)


@evaluations.operation("GET", "/v1/rewards/{year}", roles=READERS, answer=RewardEvaluation)
async def show_reward(call: Call, year: path.Year, query: Annotated[Reading, Query()]) -> Response:
    """Show the reward of a year, with the population that it saw."""
    return await _show(call, query, evaluation_stream("reward", year))


def _quarter(text: str) -> Period:
    try:
        found = period_from(text)
    except ValueError as failure:
        raise mistake("quarter", "value_error", str(failure)) from None
    if found.length != "quarter":
        raise mistake("quarter", "value_error", f"{text!r} is not a quarter such as '2026-Q4'")
    return found


async def _evaluate(call: Call, stream: str, decide: Callable[[Programme, Seen], Decided]) -> Response:
    work = Evaluate(
        actor=call.actor,
        stream=stream,
        decide=decide,
        reader=call.service.statements,
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


async def _show(call: Call, query: Reading, stream: str) -> Response:
    async with call.reading(query) as moment:
        rows = await read_stream(moment.connection, call.programme, stream)
        seen = [row for row in rows if row.position <= moment.position]
        if not seen:
            raise not_found("This was not evaluated.")
        event = logged(seen[0], moment.types).event
        assert isinstance(event, EvaluationEvent)
        return shown(evaluation_document(event, moment.programme.currency), moment.position)
