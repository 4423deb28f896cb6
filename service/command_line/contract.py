"""`openapi` writes the generated contract into `openapi/`, or checks that what is there is up to date."""

from uvicorn.importer import import_from_string

from service.command_line.failed import DONE, THE_ANSWER_IS_NO
from service.command_line.parsing import Options, Subcommands, add_command
from service.settings import Settings


def add_to(commands: Subcommands) -> None:
    """Declare it."""
    parser = add_command(commands, "openapi", openapi, "write the generated contract into openapi/")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail when a file is out of date")


async def openapi(settings: Settings, options: Options) -> int:
    """Write or check."""
    del settings
    changed: list[str] = import_from_string("api.openapi_files:stale" if options.check else "api.openapi_files:write")()
    for path in changed:
        print(f"openapi/{path} {'is out of date' if options.check else 'was written'}")
    if not changed:
        print("openapi/ is up to date")
    return THE_ANSWER_IS_NO if options.check and changed else DONE
