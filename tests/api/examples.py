"""The examples of the contract, `openapi/examples/*.json`: one story over all files, played against a running service.

Each example is a request and what it answers. What differs from run to run (ids, hashes, keys, the real clock) is
written with numbers in the order of its appearance. `{name.path}` in a request is a value of the latest answer of the
operation `name`, or of the example that is remembered under `name`; `{position}` is the last position of the log.

`python -m tests.api.examples` plays the story and writes down what is answered now.
"""

import asyncio
import json
import re
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
from sqlalchemy import URL

from service.crm.standard import signed_headers
from service.database import open_database
from service.host_time import host_now
from service.migrate import upgrade
from tests.api.house import SECRET, House, opened

FOLDER: Final = Path(__file__).parents[2] / "openapi" / "examples"
CLOCK: Final = "2026-10-05T09:00:00Z"

NUMBERED: Final = (
    (re.compile(r"\b(?:reg|acc|line|shp|lead|dsp|adj)_[0-9a-f]{24}(?![0-9a-f])"), "{kind}_{number:024x}"),
    (re.compile(r"\bcft_[0-9a-f]+\b"), "{kind}_{number:025x}"),
    (re.compile(r"\b(?:key|sec)_[0-9a-f]{16}\b"), "{kind}_{number:016x}"),
    (re.compile(r"\bfc_default_[0-9a-f]{64}\b"), "fc_default_{number:064x}"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "{number:064x}"),
    (re.compile(r"(?<=request:key_[0-9a-f]{16}:)[0-9a-f]{16}\b"), "{number:016x}"),
)
NAMED: Final = re.compile(r"\{([a-z_]+)\.([a-z0-9_.]+)\}")
BY_THE_REAL_CLOCK: Final = ("created_at", "revoked_at", "received_at", "valid_until", "old_valid_until")
SOME_INSTANT: Final = "2026-11-21T10:00:00.000000Z"


class Story:
    """The examples as they are played: what was answered so far, and the numbers that ids were given."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._answers: dict[str, Any] = {}
        self._numbers: dict[str, dict[str, int]] = {}

    async def begin(self) -> None:
        """The partner and the keys that the story takes for granted."""
        await self._house.enrol("northwind")
        for who in ("partner_manager", "sales", "finance", "auditor", "crm", "partner:northwind"):
            await self._house.key_of(who)

    async def play(self, example: dict[str, Any]) -> dict[str, Any]:
        """What the example's request answers now."""
        request = example["request"]
        answer = await self._sent(request)
        if answer.headers["content-type"].startswith("text/"):
            return {"status": answer.status_code}
        lines = [json.loads(line) for line in answer.text.splitlines()]
        if answer.is_success:
            self._answers[request.get("remember", example["operation"])] = lines[0]
        numbered = [self._numbered(line) for line in lines]
        shown = numbered if answer.headers["content-type"] == "application/x-ndjson" else numbered[0]
        return {"status": answer.status_code, "body": shown}

    async def _sent(self, request: dict[str, Any]) -> httpx.Response:
        path = request["path"].replace("{position}", str(await self._house.position()))
        path = NAMED.sub(self._value, path)
        arguments: dict[str, Any] = {}
        if "body" in request:
            body = NAMED.sub(self._value, json.dumps(request["body"])).encode()
            arguments = {"content": body, "headers": {"Content-Type": "application/json"}}
            if "webhook_id" in request:
                arguments["headers"] |= signed_headers(request["webhook_id"], host_now(), body, SECRET)
        return await self._house.ask(request["method"], path, by=request["by"], **arguments)

    def _value(self, named: re.Match[str]) -> str:
        found = self._answers[named[1]]
        for step in named[2].split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
        return str(found)

    def _numbered(self, answer: Any) -> Any:
        """The answer with numbers in place of what differs from run to run."""
        text = json.dumps(_settled(answer))
        for pattern, written in NUMBERED:
            text = pattern.sub(partial(self._number, written), text)
        return json.loads(text)

    def _number(self, written: str, found: re.Match[str]) -> str:
        """The number that an id has in this story: those of one registration and its account are the same."""
        token = found[0].rsplit("_", 1)[-1]
        number = self._numbers.setdefault(written, {}).setdefault(token, len(self._numbers[written]) + 1)
        return written.format(kind=found[0].split("_")[0], number=number)


def _settled(value: Any) -> Any:
    """The value without what the real clock or the HTTP client put into it."""
    if isinstance(value, list):
        return [_settled(item) for item in value]
    if not isinstance(value, dict):
        return value
    settled: dict[str, Any] = {}
    for name, item in value.items():
        if name in BY_THE_REAL_CLOCK and item is not None:
            settled[name] = SOME_INSTANT
        elif name == "headers":
            settled[name] = {"webhook-id": item["webhook-id"]}
        else:
            settled[name] = _settled(item)
    return settled


def stories() -> dict[Path, list[dict[str, Any]]]:
    """The examples by file, in the order in which they are played."""
    return {file: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))}


async def migrated(url: URL) -> None:
    """Bring an empty database to today's schema."""
    database = open_database(url)
    await upgrade(database.engine)
    await database.close()


async def write_down() -> None:
    """Play the story on a fresh sandbox and write what is answered into the files."""
    with tempfile.TemporaryDirectory() as folder:
        url = URL.create("sqlite+aiosqlite", database=f"{folder}/firstclaim.db")
        await migrated(url)
        async with opened(url, clock=CLOCK) as house:
            story = Story(house)
            await story.begin()
            for file, examples in stories().items():
                for example in examples:
                    example["response"] = await story.play(example)
                file.write_text(json.dumps(examples, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write_down())
