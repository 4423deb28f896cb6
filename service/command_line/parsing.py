"""What all commands share when their words are read: how they are declared, and what is said about wrong ones."""

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar

from service.command_line.failed import wrong_use
from service.settings import Settings

if TYPE_CHECKING:
    Subcommands: TypeAlias = argparse._SubParsersAction["Parser"]
    """Where a module adds its commands."""
else:
    Subcommands = argparse._SubParsersAction

Value = TypeVar("Value")
Options = argparse.Namespace
Command = Callable[[Settings, Options], Awaitable[int]]
"""What runs a command and gives its exit status."""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raises what ends the command with the status for wrong use."""
        raise wrong_use(f"{message.rstrip('.')}. See `{self.prog} --help`.")


def add_command(commands: Subcommands, name: str, run: Command, says: str) -> Parser:
    """Declare a command; `says` is its help."""
    parser = commands.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    parser.set_defaults(run=run)
    return parser


def add_programme(parser: Parser) -> None:
    """Declare `--programme`."""
    parser.add_argument("--programme", metavar="ID", help="which programme, where the database holds several")


def add_address(parser: Parser) -> None:
    """Declare `--host` and `--port`, which go before the settings of the same names."""
    parser.add_argument("--host", help="the address to listen on (FIRSTCLAIM_HOST, 127.0.0.1)")
    parser.add_argument(
        "--port", type=stated(port), help="the port to listen on, 0 for any free one (FIRSTCLAIM_PORT, 8000)"
    )


def port(text: str) -> int:
    """Read a port."""
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= number <= 65535:
        raise ValueError(f"{text!r} is not a port from 0 to 65535")
    return number


def stated(reader: Callable[[str], Value]) -> Callable[[str], Value]:
    """Reads an argument; what the reader says of a wrong one is what the person is told."""

    def read(text: str) -> Value:
        try:
            return reader(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def addressed(settings: Settings, options: Options) -> Settings:
    """The settings with the address that was given on the command line."""
    given = {name: value for name in ("host", "port") if (value := getattr(options, name)) is not None}
    return settings.model_copy(update=given)
