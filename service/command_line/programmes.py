"""`init` makes a programme, `migrate` brings the database's schema up to date."""

import argparse
import re
from pathlib import Path
from typing import Final

from domain.calendar import instant_from, zone_named
from domain.currencies import DIGITS
from domain.ids import Instant, ProgrammeId
from domain.programme.aggregate import StartProgramme
from service.assembly import assembled
from service.command_line.admin_key import KeyFile
from service.command_line.failed import DONE, Failed, wrong_use
from service.command_line.opened import opened_at, opened_database, programmes_in, url_of
from service.command_line.parsing import Options, Subcommands, add_command, stated
from service.event_store import AlreadyCreated
from service.host_time import host_now
from service.initialise import initialise, starting
from service.migrate import is_current, upgrade
from service.payloads.base import SLUG_PATTERN, clock_instant
from service.running import Service
from service.settings import Settings

FIRST_PROGRAMME: Final = ProgrammeId("default")


def add_to(commands: Subcommands) -> None:
    """Declare both."""
    parser = add_command(commands, "init", init, "make a programme with the default terms and print its admin key")
    parser.add_argument(
        "--programme", metavar="ID", type=stated(slug), default=FIRST_PROGRAMME, help="its id (default)"
    )
    parser.add_argument(
        "--time-zone", metavar="ZONE", type=stated(zone), default="UTC", help="the zone of its days (UTC)"
    )
    parser.add_argument("--currency", metavar="CODE", type=stated(currency), default="USD", help="its currency (USD)")
    parser.add_argument("--sandbox", action="store_true", help="its clock stands still until it is moved")
    parser.add_argument("--clock", metavar="INSTANT", type=stated(clock), help="where a sandbox's clock begins (now)")
    add_admin_key_file(parser)
    add_command(commands, "migrate", migrate, "bring the database's schema to this release's")


def add_admin_key_file(parser: argparse.ArgumentParser) -> None:
    """Declare `--admin-key-file`."""
    says = "write the admin key to this new file (admin-key in the data folder)"
    parser.add_argument("--admin-key-file", metavar="FILE", type=Path, help=says)


async def init(settings: Settings, options: Options) -> int:
    """Make a programme."""
    if options.clock is not None and not options.sandbox:
        raise wrong_use("only a sandbox has a clock of its own: add --sandbox")
    clock = (options.clock or host_now()) if options.sandbox else None
    command = starting(options.programme, time_zone=options.time_zone, currency=options.currency, clock=clock)
    async with opened_database(settings, makes=True) as database:
        service = assembled(database, follows=False)
        try:
            if not await begin(service, settings, command, options.admin_key_file):
                raise Failed(f"programme {command.programme} exists already")
        finally:
            await service.close()
    return DONE


async def begin_if_empty(service: Service, settings: Settings, admin_key_file: Path | None) -> None:
    """Make the first programme of an empty database, unless another process does."""
    if not await programmes_in(service.engine):
        await begin(service, settings, starting(FIRST_PROGRAMME), admin_key_file)


async def begin(service: Service, settings: Settings, command: StartProgramme, admin_key_file: Path | None) -> bool:
    """Make a programme and show its admin's key once; False when it exists already."""
    file = KeyFile.in_folder(settings.data_dir) if admin_key_file is None else KeyFile.made(admin_key_file)
    try:
        key = await initialise(service, command)
        kind = "the programme" if command.clock is None else "the sandbox programme"
        print(f"Made {kind} {command.programme} ({command.time_zone}, {command.currency}) with the default terms.")
        print(f"Its admin key, shown this once: {key.text}")
        if file.write(key.text):
            print(f"It is in {file.path} too, which only you can read.")
        else:
            print(f"It was not written to {file.path}, which holds another key.")
    except AlreadyCreated:
        return False
    finally:
        file.discard()
    return True


async def migrate(settings: Settings, options: Options) -> int:
    """Apply what the schema lacks."""
    del options
    database = opened_at(url_of(settings))
    try:
        was_current = await is_current(database.engine)
        if not was_current:
            await upgrade(database.engine)
    finally:
        await database.close()
    print("The schema was current already." if was_current else "The schema is current now.")
    return DONE


def slug(text: str) -> ProgrammeId:
    """Read a programme's id."""
    if re.fullmatch(SLUG_PATTERN, text) is None:
        raise ValueError(f"{text!r} is not made of lower-case letters, digits, - and _, at most 63")
    return ProgrammeId(text)


def zone(text: str) -> str:
    """Read the name of a time zone."""
    zone_named(text)
    return text


def currency(text: str) -> str:
    """Read a currency's code."""
    if text not in DIGITS:
        raise ValueError(f"{text!r} is not a currency of ISO 4217, such as USD")
    return text


def clock(text: str) -> Instant:
    """Read what a sandbox's clock begins with."""
    return clock_instant(instant_from(text))
