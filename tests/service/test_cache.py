"""What this process remembers, within its byte limit."""

from service.appender import Limits
from service.cache import BYTES_OF_AN_ENTRY, MISSING, StateCache
from service.database import Database
from tests.service.tally import PROGRAMME, Raise, TallyLoader, appenders

ENTRY = BYTES_OF_AN_ENTRY + 100


def test_the_least_recently_used_is_forgotten_first() -> None:
    """Beyond the byte limit, what was asked for longest ago goes."""
    cache = StateCache(3 * ENTRY)
    for name in "abc":
        cache.put((name,), name, 100)
    cache.get(("a",))
    cache.put(("d",), "d", 100)
    assert [cache.get((name,)) for name in "abcd"] == ["a", MISSING, "c", "d"]
    assert (len(cache), cache.size_bytes) == (3, 3 * ENTRY)


def test_a_state_larger_than_the_limit_is_not_remembered() -> None:
    """It would push out everything else, and itself; an older version of it goes all the same."""
    cache = StateCache(3 * ENTRY)
    cache.put(("a",), "small", 100)
    cache.put(("a",), "large", 3 * ENTRY)
    assert cache.get(("a",)) is MISSING
    assert cache.size_bytes == 0


def test_none_is_remembered_as_not_existing() -> None:
    """A state known not to exist is not the same as a state not known."""
    cache = StateCache(ENTRY)
    cache.put(("a",), None, 100)
    assert cache.get(("a",)) is None
    cache.clear()
    assert cache.get(("a",)) is MISSING


async def test_a_cache_that_is_too_small_costs_loads_and_nothing_else(log: Database) -> None:
    """Every decision is the same with a cache that holds next to nothing."""
    loader = TallyLoader()
    process = appenders(log, loader=loader, limits=Limits(cache_bytes=ENTRY))
    for total in (1, 2, 3):
        for tally in "abc":
            assert (await process.submit(PROGRAMME, Raise(tally=tally))).body == b"%d" % total
    assert len(loader.loads) == 9
    await process.close()
