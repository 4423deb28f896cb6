"""`demo` starts the service on a fresh database, tells it a story over HTTP, prints what came of it, and serves on."""

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import URL

from domain.ids import ProgrammeId
from service.assembly import assembled
from service.command_line.failed import DONE, INTERRUPTED, Failed, wrong_use
from service.command_line.http_server import address_of, bound, http_server, log_to_stderr
from service.command_line.parsing import Options, Subcommands, add_command, port, stated
from service.command_line.progress import progress
from service.database import open_database
from service.demo.caller import Caller, Unexpected
from service.demo.cast import FIRST_DAY, at
from service.demo.findings import find
from service.demo.invitation import invite
from service.demo.page import console_for_page, show
from service.demo.scenes import add_scenes
from service.demo.story import Story, add_ordinary_deals, begin
from service.initialise import initialise, starting
from service.migrate import upgrade
from service.settings import Settings

PROGRAMME: Final = ProgrammeId("demo")
BEGINS_AT: Final = at(FIRST_DAY, 8 * 60)
DATABASE: Final = "firstclaim.db"
ANSWER_SECONDS: Final = 120


def add_to(commands: Subcommands) -> None:
    """Declare it."""
    parser = add_command(commands, "demo", demo, "play two quarters of a programme on a fresh database, and serve it")
    parser.add_argument("--folder", metavar="DIR", type=Path, help="where the database goes (a temporary folder)")
    parser.add_argument("--port", type=stated(port), help="the port (8000, or a free one where that is taken)")
    parser.add_argument("--exit", action="store_true", help="end after the page instead of serving on")


async def demo(settings: Settings, options: Options) -> int:
    """Play it."""
    log_to_stderr()
    with _listener(settings, options) as listener:
        if options.folder is not None:
            _require_fresh(options.folder)
            return await _play(listener, options.folder, serves_on=not options.exit, kept=True)
        with tempfile.TemporaryDirectory(prefix="firstclaim-demo-") as folder:
            return await _play(listener, Path(folder), serves_on=not options.exit, kept=False)


def _listener(settings: Settings, options: Options) -> socket.socket:
    """A socket on the stated port, or on the usual one, or where that is taken on any free one."""
    if options.port is not None:
        return bound(settings.host, options.port)
    try:
        return bound(settings.host, settings.port)
    except Failed:
        return bound(settings.host, 0)


def _require_fresh(folder: Path) -> None:
    if (folder / DATABASE).exists():
        raise wrong_use(f"{folder / DATABASE} exists already: the demo needs a fresh database")


async def _play(listener: socket.socket, folder: Path, *, serves_on: bool, kept: bool) -> int:
    """Serve, and meanwhile tell the story. Being asked to stop before its end is told ends both."""
    service = assembled(open_database(URL.create("sqlite+aiosqlite", database=str(folder / DATABASE))))
    await upgrade(service.engine)
    admin = await initialise(service, starting(PROGRAMME, clock=BEGINS_AT))
    server = http_server(service, lambda: None)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    telling = asyncio.create_task(_tell(address_of(listener), admin.text))
    try:
        await asyncio.wait({serving, telling}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            return INTERRUPTED
        caller = telling.result()
        if serves_on:
            invite(console_for_page(), address_of(listener), caller.keys, folder, kept=kept)
            await serving
        return DONE
    except Unexpected as unexpected:
        raise Failed(f"the demo did not come out as it should. Expected: {unexpected}") from None
    finally:
        telling.cancel()
        server.should_exit = True
        await asyncio.gather(telling, serving, return_exceptions=True)


async def _tell(address: str, admin_key: str) -> Caller:
    """Tell the story over HTTP, read back what came of it, and print the page."""
    async with httpx.AsyncClient(base_url=address, timeout=ANSWER_SECONDS) as http:
        caller = Caller(http, {"admin": admin_key})
        story = Story(caller, BEGINS_AT)
        add_ordinary_deals(story)
        seen = add_scenes(story)
        with progress("Two quarters of a programme, over HTTP") as moved:
            await begin(caller)
            await story.tell(moved)
        with progress("Reading back, and replaying the log") as moved:
            moved(0, 1)
            findings = await find(caller, seen)
            moved(1, 1)
        show(console_for_page(), caller, seen, findings)
        return caller
