"""Two hundred partners want one account at the same moment, through two server processes on one PostgreSQL."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from tests.faults.programme import registration_of, stressed
from tests.support.server import Server, firstclaim

PARTNERS: Final = [f"partner-{number:03d}" for number in range(200)]


async def test_of_two_hundred_at_once_exactly_one_is_first_and_the_others_stand_in_line(
    empty_postgresql_url: URL, serve: Callable[..., Server], tmp_path: Path
) -> None:
    """One holder, ranks 1 to 200 without gap and equal to the order of positions, one case for each challenger."""
    async with stressed(empty_postgresql_url, tmp_path) as programme:
        servers = [serve(empty_postgresql_url), serve(empty_postgresql_url)]
        await programme.enrol(servers[0], PARTNERS)

        answers = await asyncio.gather(
            *(
                programme.post(servers[number % 2], "/v1/registrations", registration_of(partner, "acme"))
                for number, partner in enumerate(PARTNERS)
            )
        )

        assert {answer.status_code for answer in answers} == {201}, answers[0].text
        registered = sorted((answer.json() for answer in answers), key=lambda one: one["receipt"]["position"])
        places = [one["standing"][0] for one in registered]
        assert [place["rank"] for place in places] == list(range(1, 201))
        assert [place["holder"] for place in places] == [True] + [False] * 199
        assert [one["status"] for one in registered] == ["approved"] + ["waiting"] * 199
        cases = {one["conflict"] for one in registered[1:]}
        assert registered[0]["conflict"] is None
        assert len(cases) == 199
        assert None not in cases

        queue = (await programme.get(servers[1], "/v1/priority?domain=acme.example&product=edge"))["queue"]
        assert [place["registration"] for place in queue] == [one["id"] for one in registered]
        assert [place["rank"] for place in queue] == list(range(1, 201))
        page = await programme.get(servers[0], "/v1/conflicts?kind=same_account&limit=200")
        assert {case["id"] for case in page["items"]} == cases

    verified = firstclaim("verify", database=empty_postgresql_url, folder=tmp_path)
    assert verified.returncode == 0, verified.stdout + verified.stderr
