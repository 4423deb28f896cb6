"""The programme: its terms, its exchange rates, and a sandbox's clock."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from api.answers import shown, written
from api.call import Call
from api.models.exchange_rates import ImportRates, PublishRate, RatePage, RatePublished, RatesImported
from api.models.letterheads import LetterheadShown, LetterheadStated, StateLetterheadBody
from api.models.programme import ClockMoved, MoveClock, Programme, PublishTerms, TermsPage, TermsPublished
from api.operation import Operations
from api.paging import Listing, Reading, page, read_cursor
from api.security import ADMIN, EVERYBODY, STAFF, allowed
from api.stated_terms import merged
from domain.ids import Instant
from domain.programme import aggregate
from domain.programme.exchange_rates import ImportExchangeRates, PublishExchangeRate
from service.commands import programme as commands
from service.commands.due import due_parked, instant_waited_for
from service.commands.registering import fresh_token
from service.letterheads import Letterhead, StateLetterhead, find_letterhead, letterhead_document
from service.payloads.rate_file import read_rates
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
    after = read_cursor(query.after, "terms", 0)
    async with call.reading(query) as moment:
        versions = [v for v in moment.programme.terms if v.version > after[0]]
        listed = page(versions, query.limit, "terms", lambda version: (version.version,))
        currency = moment.programme.currency
        documents = (terms_version_document(version, currency) for version in listed.items)
        return shown(listed.of(documents), moment.position)


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
    command = PublishExchangeRate(
        date=body.date, base=body.base, quote=body.quote, rate=body.rate, replaces=body.replaces
    )
    work = commands.PublishRate(actor=call.actor, command=command, cause=call.cause, request=call.request_key)
    return written(await call.service.submit(call.programme, work))


@programme.operation(
    "POST",
    "/v1/programme/exchange-rates/import",
    roles=allowed("finance"),
    answer=RatesImported,
    refusals=("RATE_EXISTS",),
)
async def import_rates(call: Call, body: ImportRates) -> Response:
    """Publish the rates of a whole file, all of them or none.

    Each line that cannot be read, or contradicts a rate that is published already, is named in `errors`.
    """
    command = ImportExchangeRates(lines=read_rates(body.csv))
    work = commands.ImportRates(actor=call.actor, command=command, cause=call.cause, request=call.request_key)
    return written(await call.service.submit(call.programme, work))


@programme.operation("GET", "/v1/programme/exchange-rates", roles=STAFF, answer=RatePage)
async def show_rates(call: Call, query: Annotated[Listing, Query()]) -> Response:
    """List the exchange rates in the order of publication."""
    after = read_cursor(query.after, "rates", 0)
    async with call.reading(query) as moment:
        rates = [rate for rate in moment.programme.rates if rate.position > after[0]]
        listed = page(rates, query.limit, "rates", lambda rate: (rate.position,))
        return shown(listed.of(map(rate_document, listed.items)), moment.position)


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
