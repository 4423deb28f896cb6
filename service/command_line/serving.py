"""`serve` answers HTTP and, unless told not to, keeps the views and writes what is due; `work` does only the latter."""

import asyncio
from pathlib import Path

from service.assembly import assembled
from service.command_line.failed import DONE
from service.command_line.http_server import address_of, bound, http_server, log_to_stderr, signals_to
from service.command_line.opened import opened_database
from service.command_line.parsing import Options, Subcommands, add_address, add_command, addressed
from service.command_line.programmes import add_admin_key_file, begin_if_empty
from service.settings import Settings


def add_to(commands: Subcommands) -> None:
    """Declare both."""
    parser = add_command(commands, "serve", serve, "answer HTTP, keep the views up to date and write what is due")
    add_address(parser)
    parser.add_argument("--no-work", action="store_true", help="only answer HTTP: a separate `work` does the rest")
    add_admin_key_file(parser)
    add_command(commands, "work", work, "keep the views up to date and write what is due, without HTTP")


async def serve(settings: Settings, options: Options) -> int:
    """Serve until asked to stop."""
    settings = addressed(settings, options)
    admin_key_file: Path | None = options.admin_key_file
    log_to_stderr()
    with bound(settings.host, settings.port) as listener:
        async with opened_database(settings, makes=True) as database:
            service = assembled(database, follows=not options.no_work)
            await begin_if_empty(service, settings, admin_key_file)
            address = address_of(listener)

            def listening() -> None:
                print(f"Firstclaim listens on {address} and documents its API at {address}/docs", flush=True)

            await http_server(service, listening).serve(sockets=[listener])
    return DONE


async def work(settings: Settings, options: Options) -> int:
    """Work until asked to stop."""
    del options
    log_to_stderr()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with opened_database(settings, makes=True) as database:
        service = assembled(database, follows=True)
        with signals_to(lambda _number, _frame: loop.call_soon_threadsafe(stopping.set)):
            service.start()
            print("Firstclaim works.", flush=True)
            await stopping.wait()
            await service.close()
    return DONE
