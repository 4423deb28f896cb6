"""`export` writes a programme's log into a file, and `verify` checks a log: the database's, or an exported one."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from domain.ids import ProgrammeId
from service.audit import verify_database, verify_file
from service.audit_chain import receipt_from
from service.audit_findings import Verdict
from service.audit_views import ViewsUnsettled
from service.chain import Tip
from service.command_line.failed import DONE, THE_ANSWER_IS_NO, Failed, wrong_use
from service.command_line.opened import opened_service, programme_meant
from service.command_line.parsing import Options, Subcommands, add_command, add_programme, stated
from service.command_line.progress import progress
from service.command_line.verdict_page import verdict_page
from service.counted import counted
from service.export import NotText, export_log, written_whole
from service.running import Service
from service.settings import Settings

STANDARD = "-"
"""Instead of a file's name: standard output, or input."""


def add_to(commands: Subcommands) -> None:
    """Declare them."""
    exporting = add_command(commands, "export", export, "write the log into a file, one event a line")
    exporting.add_argument("file", metavar="FILE", help="where to, - for standard output")
    add_programme(exporting)
    verifying = add_command(commands, "verify", verify, "check the log, fold it again and compare")
    verifying.add_argument("file", metavar="FILE", nargs="?", help="an exported log, - for standard input")
    verifying.add_argument(
        "--receipt",
        metavar="POSITION:HASH",
        type=stated(receipt_from),
        help="what was kept of the log's end: it must still be there",
    )
    add_programme(verifying)


async def export(settings: Settings, options: Options) -> int:
    """Write the log."""
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        try:
            if options.file == STANDARD:
                await _export(service, programme, sys.stdout.buffer)
                return DONE
            with written_whole(Path(options.file)) as file:
                head = await _export(service, programme, file)
        except OSError as error:
            raise Failed(f"{options.file} cannot be written: {error.strerror}") from None
        except NotText as error:
            raise Failed(str(error)) from None
    print(
        f"{options.file}: {counted(head.position, 'event')} of {programme}, receipt {head.position}:{head.hash.hex()}"
    )
    return DONE


async def _export(service: Service, programme: ProgrammeId, file: BinaryIO) -> Tip:
    with progress(f"Exporting {programme}") as moved:
        return await export_log(service.engine, programme, file, moved)


async def verify(settings: Settings, options: Options) -> int:
    """Verify, and print what was checked."""
    verdict = await (_verify_database(settings, options) if options.file is None else _verify_file(options))
    print(verdict_page(verdict))
    return DONE if verdict.agrees else THE_ANSWER_IS_NO


async def _verify_database(settings: Settings, options: Options) -> Verdict:
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        with progress(f"Verifying {programme}") as moved:
            try:
                return await verify_database(service, programme, receipt=options.receipt, moved=moved)
            except ViewsUnsettled as error:
                raise Failed(f"the views cannot be compared now: {error}") from None


async def _verify_file(options: Options) -> Verdict:
    with ExitStack() as opened:
        lines, size = _opened(opened, options.file)
        moved = opened.enter_context(progress(f"Verifying {options.file}"))
        verdict = await verify_file(lines, size=size, receipt=options.receipt, moved=moved)
    if options.programme not in (None, verdict.programme):
        raise wrong_use(f"{options.file} is the log of {verdict.programme!r}")
    return verdict


def _opened(opened: ExitStack, name: str) -> tuple[BinaryIO, int | None]:
    if name == STANDARD:
        return sys.stdin.buffer, None
    try:
        return opened.enter_context(Path(name).open("rb")), Path(name).stat().st_size
    except OSError as error:
        raise wrong_use(f"{name} cannot be read: {error.strerror}") from None
