"""The programme: its terms, its exchange rates, and a sandbox's clock."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Any, Final

from fastapi import Query
from starlette.responses import Response

from api.answers import shown, written
from api.call import Call
from api.models.programme import (
    ClockMoved,
    LetterheadShown,
    LetterheadStated,
    MoveClock,
    Programme,
    PublishRate,
    PublishTerms,
    RatePage,
    RatePublished,
    StateLetterheadBody,
    TermsChange,
    TermsPage,
    TermsPublished,
)
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.security import ADMIN, EVERYBODY, STAFF, allowed
from domain.ids import Instant
from domain.money import money_of
from domain.programme import aggregate
from domain.programme.terms import Band, RequiredCertification, Terms
from domain.refusal import Refusal
from service.commands import programme as commands
from service.commands.due import due_parked, instant_waited_for
from service.commands.registering import fresh_token
from service.letterheads import Letterhead, StateLetterhead, find_letterhead, letterhead_document
from service.presentation.programme import programme_document, rate_document, terms_version_document

STOPS_AT_MOST: Final = 1_000
"""The most facts from the CRM that one move of a sandbox's clock applies each at its own time."""

programme = Operations("Programme")


@programme.operation("GET", "/v1/programme", roles=EVERYBODY, answer=Programme)
async def show_programme(call: Call, query: Annotated[Reading, Query()]) -> Response:
    """Show the programme with the terms in force."""
    async with call.reading(query) as moment:
        return shown(programme_document(moment.programme, moment.now), moment.position)


@programme.operation(
    "POST",
    "/v1/programme/terms",
    roles=ADMIN,
    answer=TermsPublished,
    status=201,
    refusals=("PERIOD_CLOSED",),
    also={200: {"model": TermsPublished, "description": "Published already: nothing was written."}},
)
async def publish_terms(call: Call, body: PublishTerms) -> Response:
    """Publish a version of the terms.

    What is left out stays as in the version published last. Decisions always cite the version that they used.
    """
    work = commands.PublishTermsVersion(
        actor=call.actor,
        effective_from=body.effective_from,
        merge=merged(body.terms),
        cause=call.cause,
        request=call.request_key,
    )
    return written(await call.service.submit(call.programme, work))


@programme.operation("GET", "/v1/programme/letterhead", roles=STAFF, answer=LetterheadShown)
async def show_letterhead(call: Call, query: Annotated[Reading, Query()]) -> Response:
    """Show what stands at the head of documents."""
    async with call.reading(query) as moment:
        return shown(letterhead_document(await find_letterhead(moment.connection, call.programme)), moment.position)


@programme.operation("PUT", "/v1/programme/letterhead", roles=allowed("finance"), answer=LetterheadStated)
async def state_letterhead(call: Call, body: StateLetterheadBody) -> Response:
    """State what stands at the head of documents made from now on: the vendor's name, its address, its tax number.

    It is kept beside the log: no number and no digest follows from it.
    """
    stated = Letterhead(name=body.name, lines=body.lines, footer=body.footer, paper=body.paper)
    return written(await call.service.submit(call.programme, StateLetterhead(actor=call.actor, letterhead=stated)))


@programme.operation("GET", "/v1/programme/terms", roles=STAFF, answer=TermsPage)
async def show_terms(call: Call, query: Annotated[Listing, Query()]) -> Response:
    """List every version of the terms, oldest first."""
    after = read_cursor(query.after, "terms", int)
    async with call.reading(query) as moment:
        versions = [v for v in moment.programme.terms if after is None or v.version > after[0]]
        listed = page(versions, query.limit, "terms", lambda version: (version.version,))
        currency = moment.programme.currency
        items = [terms_version_document(version, currency) for version in listed["items"]]
        return shown({**listed, "items": items}, moment.position)


@programme.operation(
    "POST",
    "/v1/programme/exchange-rates",
    roles=allowed("finance"),
    answer=RatePublished,
    status=201,
    refusals=("RATE_EXISTS",),
    also={200: {"model": RatePublished, "description": "Published already: nothing was written."}},
)
async def publish_rate(call: Call, body: PublishRate) -> Response:
    """Publish what one unit of a currency is worth in another on a date."""
    command = aggregate.PublishExchangeRate(
        date=body.date, base=body.base, quote=body.quote, rate=body.rate, replaces=body.replaces
    )
    work = commands.PublishRate(actor=call.actor, command=command, cause=call.cause, request=call.request_key)
    return written(await call.service.submit(call.programme, work))


@programme.operation("GET", "/v1/programme/exchange-rates", roles=STAFF, answer=RatePage)
async def show_rates(call: Call, query: Annotated[Listing, Query()]) -> Response:
    """List the exchange rates in the order of publication."""
    after = read_cursor(query.after, "rates", int)
    async with call.reading(query) as moment:
        rates = [rate for rate in moment.programme.rates if after is None or rate.position > after[0]]
        listed = page(rates, query.limit, "rates", lambda rate: (rate.position,))
        return shown({**listed, "items": [rate_document(rate) for rate in listed["items"]]}, moment.position)


@programme.operation(
    "POST",
    "/v1/sandbox/clock",
    roles=ADMIN,
    answer=ClockMoved,
    refusals=("NOT_A_SANDBOX", "CLOCK_MOVES_FORWARD"),
)
async def move_clock(call: Call, body: MoveClock) -> Response:
    """Move a sandbox programme's clock forwards; all that falls due up to then is written, in order of instant.

    On its way the clock stops wherever a fact from the CRM was waiting for its time. Each stop is a move of its own:
    one transaction with all that fell due up to it.
    """
    target = Instant(body.now)
    for stop in await _stops(call, target):
        work = _moving(call, stop)
        await call.service.submit(call.programme, work)
    work = _moving(call, target)
    work.request = call.request_key
    return written(await call.service.submit(call.programme, work))


def _moving(call: Call, now: Instant) -> commands.MoveSandboxClock:
    command = aggregate.MoveClock(now=now)
    return commands.MoveSandboxClock(actor=call.actor, command=command, token=fresh_token(), cause=call.cause)


async def _stops(call: Call, target: Instant) -> list[Instant]:
    """The instants before the target that facts wait for: what ends later must not have ended when they are applied."""
    async with call.reading(Reading()) as moment:
        if moment.programme.clock is None:
            return []
        parked = await due_parked(moment.connection, call.programme, Instant(target - 1), STOPS_AT_MOST)
        return [stop for stop in map(instant_waited_for, parked) if stop > moment.now]


def merged(change: TermsChange) -> Callable[[Terms, str], Terms]:
    """Puts the stated settings into the last terms, whose amounts are in the programme's currency."""

    def merge(last: Terms, currency: str) -> Terms:
        settings: dict[str, Any] = {}
        for name in change.model_fields_set:
            value = getattr(change, name)
            if name == "tiers":
                settings[name] = bands(change, currency)
            elif name == "required_certifications":
                settings[name] = tuple(RequiredCertification(engagement=r.engagement, level=r.level) for r in value)
            elif name in AMOUNTS:
                settings[f"{name}_minor"] = minor(value, currency, f"terms.{name}")
            else:
                settings[name] = value
        return replace(last, **settings)

    return merge


AMOUNTS: Final = ("minimum_value", "minimum_payout")


def bands(change: TermsChange, currency: str) -> tuple[Band, ...]:
    """The commission tiers: the first from 0, each further one from more."""
    found = tuple(
        Band(
            from_minor=minor(tier.since, currency, f"terms.tiers.{place}.from"),
            rate_basis_points=tier.rate_basis_points,
        )
        for place, tier in enumerate(change.tiers)
    )
    starts = [band.from_minor for band in found]
    if starts[0] != 0 or any(start >= following for start, following in pairwise(starts)):
        raise malformed_terms("terms.tiers", "the first tier is from 0, and each further one from more")
    return found


def minor(decimal: str, currency: str, field: str) -> int:
    """An amount in the programme's currency, which is not negative."""
    try:
        amount = money_of(decimal, currency).amount_minor
    except ValueError as failure:
        raise malformed_terms(field, str(failure)) from None
    if amount < 0:
        raise malformed_terms(field, "this amount may not be negative")
    return amount


def malformed_terms(field: str, message: str) -> Refusal:
    """What only the programme's own currency can tell to be malformed."""
    errors = [{"field": field, "code": "value_error", "message": message}]
    return Refusal("MALFORMED", "The request does not have the stated form.", errors=errors)
