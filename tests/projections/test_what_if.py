"""Both worlds of a long log are built in a process of their own, and say what a thread says."""

import pytest

import service.what_if
from domain.changed import changed
from domain.programme.terms import Terms
from service.database import Database
from service.what_if import what_if
from service.what_if_worker import Ask
from tests.projections.story import PROGRAMME, begin


async def test_a_process_says_what_a_thread_says(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And to the terms as they were, that nothing would change."""
    story = await begin(database, seed=7)
    try:
        for _ in range(120):
            await story.step()
        terms = changed(Terms(), protection_days=3, method="retroactive", near_simultaneous_seconds=6)
        other = Ask(settings=["protection_days", "method"], terms=terms, happens=[], now=story.now)
        same = Ask(settings=["near_simultaneous_seconds"], terms=terms, happens=[], now=story.now)
        by_thread = await what_if(story.service, PROGRAMME, other, story.position)
        monkeypatch.setattr(service.what_if, "SHORT_LOG", 0)
        assert await what_if(story.service, PROGRAMME, other, story.position) == by_thread
        assert by_thread["partners"]
        unchanged = await what_if(story.service, PROGRAMME, same, story.position)
        assert (unchanged["told_again"], unchanged["partners"], unchanged["left_out"]) == (True, [], [])
    finally:
        await story.service.close()
