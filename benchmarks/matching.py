"""What finding the account costs among a thousand, ten thousand, a hundred thousand and a million of them.

Registrations of fresh accounts are decided by the rules, one after another, in a programme whose keys and names were
filled in bulk: half of its names are numbered (`Customer 17 GmbH`), half are made of words. Printed are the median time
of one registration, how it grew since the smallest programme, and how many names were compared for one.

    .venv/bin/python -m benchmarks.matching [LARGEST]

The database is PostgreSQL with its ordinary durability, started for this run; `FIRSTCLAIM_TEST_POSTGRES_URL` names
another.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from benchmarks.database import stated_or_started
from benchmarks.history import enrolment, partner_of
from domain.ids import ProgrammeId
from domain.matching import account_keys, normalised_name
from domain.name_likeness import name_keys, name_keys_near
from projections.changes import Upsert, execute
from projections.look_up import look_up
from projections.priority import view_priority_keys, view_priority_names
from service.assembly import assembled
from service.commands.registering import Register, wanted_of
from service.database import open_database, write
from service.initialise import initialise, starting
from service.payloads.registration import RegistrationFields
from service.running import Service
from service.state_look_ups import NAMES_OF_A_KEY_AT_MOST
from tests.support.postgres import create_database, drop_database
from tests.support.tables import create_tables

PROGRAMME: Final = ProgrammeId("benchmark")
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
REGISTRATIONS: Final = 300
CHUNK: Final = 20_000
HEAD: Final = {"programme": PROGRAMME, "generation": 1}

SYLLABLES: Final = (
    "ka",
    "mo",
    "ri",
    "ten",
    "sol",
    "vex",
    "nor",
    "lan",
    "dia",
    "pro",
    "gen",
    "tek",
    "ber",
    "far",
    "win",
)
TRADES: Final = ("Software", "Logistics", "Consulting", "Energy", "Foods", "Pharma", "Traders", "Systems", "Media")
FORMS: Final = ["GmbH", "Ltd", "Inc", "SA", "SpA", "BV", "AB"]


def names(seed: int) -> Iterator[str]:
    """Names of customers without end, half of them numbered."""
    chance = random.Random(seed)
    number = seed
    while True:
        number += 1
        yield f"Customer {number} GmbH"
        word = "".join(chance.choices(SYLLABLES, k=chance.randrange(3, 6))).title()
        yield f"{word} {chance.choice(TRADES)} {chance.choice(FORMS)}"


def distinct(found: Iterator[str]) -> Iterator[str]:
    """Each name once, whatever its legal form: a partner registers a customer once."""
    seen: set[str] = set()
    for name in found:
        if normalised_name(name) not in seen:
            seen.add(normalised_name(name))
            yield name


async def fill(service: Service, known: int, more: int, fresh: Iterator[str]) -> None:
    """Let so many more accounts be known by their keys and names."""
    for first in range(known, known + more, CHUNK):
        keyed, named = [], []
        for number in range(first, min(first + CHUNK, known + more)):
            account, name = f"acc_{number:024x}", next(fresh)
            keys = account_keys(name=name, country="DE", domain_registrable=f"c{number}.example", crm_id=None)
            keyed += [{**HEAD, "account_key": key, "account": account} for key in keys]
            named += [{**HEAD, "name_key": key, "account": account, "name": name} for key in name_keys(name)]
        async with write(service.engine) as connection:
            await execute(connection, [Upsert(view_priority_keys, keyed), Upsert(view_priority_names, named)])
    async with write(service.engine) as connection:
        await connection.execute(text("ANALYZE view_priority_keys"))
        await connection.execute(text("ANALYZE view_priority_names"))


def registration(name: str, number: int) -> Register:
    """A customer of its own, in another country than those that are known."""
    body = {
        "partner": partner_of(0),
        "account": {"name": name, "country": "FR", "domain": f"fresh{number}.example"},
        "products": ["edge"],
        "value": {"amount": "120000.00", "currency": "USD"},
        "engagement": "referral",
    }
    fields = RegistrationFields.model_validate_json(json.dumps(body))
    wanted = wanted_of(fields, partner=partner_of(0), deal=None, crm_ids_count=True)
    return Register(actor="benchmark", wanted=wanted)


async def measure(service: Service, asked: list[str], first: int) -> tuple[float, float]:
    """The median seconds of one registration, and how many names were compared for one."""
    seconds = []
    for number, name in enumerate(asked, start=first):
        work = registration(name, number)
        began = time.perf_counter()
        await service.submit(PROGRAMME, work)
        seconds.append(time.perf_counter() - began)
    async with write(service.engine) as connection:
        compared = [
            len(
                await look_up(
                    connection,
                    view_priority_names,
                    where=HEAD,
                    by=("name_key",),
                    keys=[(key,) for key in name_keys_near(name)],
                    at_most=NAMES_OF_A_KEY_AT_MOST,
                )
            )
            for name in asked[:50]
        ]
    return statistics.median(seconds), statistics.mean(compared)


async def main(largest: int) -> None:
    """Measure each size and print how the time grows."""
    with stated_or_started() as server:
        url = await create_database(server, f"firstclaim_matching_{os.getpid()}")
        await create_tables(url)
        service = assembled(open_database(url), follows=False)
        await initialise(service, starting(PROGRAMME))
        await service.submit(PROGRAMME, enrolment(partner_of(0)))
        known, smallest = 0, 0.0
        fresh, asked = names(0), distinct(names(50_000_000))
        print(f"{'accounts':>10}  {'one registration':>16}  {'growth':>6}  {'names compared':>14}")
        for size in (size for size in SIZES if size <= largest):
            await fill(service, known, size - known, fresh)
            known = size
            median, compared = await measure(service, [next(asked) for _ in range(REGISTRATIONS)], size)
            smallest = smallest or median
            print(f"{size:>10,}  {median * 1000:>13.2f} ms  {median / smallest:>5.2f}x  {compared:>14.1f}", flush=True)
        await service.close()
        await drop_database(server, url)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]))
