"""Keys and sources: what is stored of them, and for how long a revocation may go unseen (log.md, The record)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from domain.ids import Instant, PartnerId, ProgrammeId
from domain.refusal import Refusal
from service.access import AccessKeys, IssueKey, NewKey, RevokeKey, new_key
from service.assembly import assembled
from service.database import Database, read
from service.initialise import initialise, starting
from service.running import Service
from service.source_commands import AddSource, RotateSecret, new_secret
from service.sources import Source, Sources, SourceSecret, source_of

ONE, OTHER = ProgrammeId("one"), ProgrammeId("other")
NOW = Instant(1_795_000_000_000_000)


class HandClock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def two_programmes(database: Database) -> AsyncIterator[tuple[Service, NewKey, NewKey]]:
    """A service with two programmes, and the admin key of each."""
    service = assembled(database, follows=False)
    yield service, await initialise(service, starting(ONE)), await initialise(service, starting(OTHER))
    await service.appenders.close()


async def issued(service: Service, name: str = "a key") -> NewKey:
    """A key of the role sales."""
    new = new_key(ONE, "sales", name, partner=None, now=NOW, by="test")
    await service.submit(ONE, IssueKey(actor="test", request=None, new=new))
    return new


async def test_a_key_is_of_one_programme_and_nowhere_stored_as_it_is(database: Database) -> None:
    """It is found by its hash; the database holds no byte of its text."""
    async with two_programmes(database) as (service, one, other):
        assert one.text.startswith("fc_one_")
        for key in (one, other):
            found = await service.access_keys.find(key.text)
            assert found is not None
            assert (found.programme, found.role) == (key.key.programme, "admin")
        async with read(database.engine) as connection:
            rows = (await connection.execute(text("SELECT * FROM access_keys"))).all()
        assert one.text.encode() not in repr(rows).encode()
        assert len(rows) == 2


async def test_a_wrong_key_finds_nothing(database: Database) -> None:
    """Nor does one that differs in its last letter."""
    async with two_programmes(database) as (service, one, _):
        assert await service.access_keys.find("fc_one_wrong") is None
        assert await service.access_keys.find(one.text[:-1]) is None


async def test_a_revocation_is_seen_at_once_here_and_elsewhere_after_the_stated_time(database: Database) -> None:
    """Another process may go on with what it remembers for its lifetime, and no longer."""
    clock = HandClock()
    async with two_programmes(database) as (service, _, _):
        key = await issued(service)
        elsewhere = AccessKeys(database.engine, lifetime_seconds=2.0, clock=clock)
        here = service.access_keys
        assert await elsewhere.find(key.text) is not None
        assert await here.find(key.text) is not None
        await service.submit(ONE, RevokeKey(actor="test", id=key.key.id, now=NOW))
        here.forget(key.key.id)
        assert await here.find(key.text) is None
        clock.now = 1.999
        assert await elsewhere.find(key.text) is not None
        clock.now = 2.0
        assert await elsewhere.find(key.text) is None


async def test_a_look_up_that_a_revocation_overtakes_is_not_remembered(database: Database) -> None:
    """The row was read before, and the key forgotten before the look-up ended."""
    async with two_programmes(database) as (service, _, _):
        key = await issued(service)
        keys = service.access_keys
        looking = asyncio.create_task(keys.find(key.text))
        for _ in range(3):  # the look-up is under way
            await asyncio.sleep(0)
        keys.forget(key.key.id)
        assert await looking is not None
        assert keys.cached(key.text) is None


async def test_a_key_of_another_programme_cannot_be_revoked(database: Database) -> None:
    """It is not found."""
    async with two_programmes(database) as (service, one, _):
        with pytest.raises(Refusal) as refused:
            await service.submit(OTHER, RevokeKey(actor="test", id=one.key.id, now=NOW))
        assert refused.value.code == "NOT_FOUND"
        assert await service.access_keys.find(one.text) is not None


async def test_a_partners_key_needs_its_partner(database: Database) -> None:
    """An unknown one is refused."""
    async with two_programmes(database) as (service, _, _):
        new = new_key(ONE, "partner", "portal", partner=PartnerId("nobody"), now=NOW, by="test")
        with pytest.raises(Refusal) as refused:
            await service.submit(ONE, IssueKey(actor="test", request=None, new=new))
        assert refused.value.code == "UNKNOWN_PARTNER"


def add_source(source: str) -> AddSource:
    """A source of webhooks."""
    return AddSource(actor="test", request=None, id=source, kind="standard", mapping="{}", secret=new_secret(), now=NOW)


async def test_a_sources_id_is_taken_in_the_whole_database(database: Database) -> None:
    """Its URL names no programme, so no two may share it."""
    async with two_programmes(database) as (service, _, _):
        await service.submit(ONE, add_source("crm"))
        with pytest.raises(Refusal) as refused:
            await service.submit(OTHER, add_source("crm"))
        assert refused.value.code == "ALREADY_EXISTS"
        found = await service.sources.find("crm")
        assert found is not None
        assert found.programme == ONE
        async with read(database.engine) as connection:
            assert await source_of(connection, "crm", programme=OTHER) is None


async def test_a_rotation_is_seen_elsewhere_after_the_stated_time(database: Database) -> None:
    """Until then the other process checks with the secrets that it remembers."""
    clock = HandClock()
    async with two_programmes(database) as (service, _, _):
        await service.submit(ONE, add_source("crm"))
        elsewhere = Sources(database.engine, lifetime_seconds=2.0, clock=clock)
        assert await elsewhere.find("crm") is not None
        rotation = RotateSecret(actor="test", request=None, id="crm", secret=new_secret(), old_valid_until=NOW, now=NOW)
        await service.submit(ONE, rotation)
        for seconds, secrets in ((1.0, 1), (2.0, 2)):
            clock.now = seconds
            found = await elsewhere.find("crm")
            assert found is not None
            assert len(found.secrets) == secrets


async def test_a_source_has_a_bounded_number_of_good_secrets(database: Database) -> None:
    """Rotating for ever without letting old ones end is refused."""
    async with two_programmes(database) as (service, _, _):
        await service.submit(ONE, add_source("crm"))
        later = Instant(NOW + 1)
        for number in range(5):
            rotation = RotateSecret(
                actor="test", request=None, id="crm", secret=new_secret(), old_valid_until=later, now=NOW
            )
            if number < 4:
                await service.submit(ONE, rotation)
            else:
                with pytest.raises(Refusal) as refused:
                    await service.submit(ONE, rotation)
                assert refused.value.code == "WRONG_STATE"


def test_an_old_secret_is_good_until_its_instant_and_not_at_it() -> None:
    """Half-open, like every interval; the newest comes first."""
    old = SourceSecret(id="sec_1", secret="old", created_at=NOW, valid_until=Instant(NOW + 10))
    new = SourceSecret(id="sec_2", secret="new", created_at=Instant(NOW + 5), valid_until=None)
    source = Source(
        id="crm", programme=ONE, kind="standard", mapping="{}", created_at=NOW, created_by="test", secrets=(old, new)
    )
    assert source.secrets_at(Instant(NOW + 9)) == ("new", "old")
    assert source.secrets_at(Instant(NOW + 10)) == ("new",)
