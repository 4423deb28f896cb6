"""The command line: `firstclaim serve`, `work`, `demo`, `init`, `migrate`, `keys`, `send`, `export`, `verify`, ….

Exit codes: 0 done; 1 it ran and the answer is no; 2 wrong use. What went wrong is one sentence on standard error.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError
from uvicorn.loops.auto import auto_loop_factory

from domain.refusal import Refusal
from service.command_line import auditing, closing, contract, keys, programmes, rates, sending, serving, views
from service.command_line.failed import DONE, INTERRUPTED, THE_ANSWER_IS_NO, WRONG_USE, Failed
from service.command_line.parsing import Parser
from service.database import is_connection_error, is_missing_table, sqlstate
from service.demo import command as demo
from service.settings import Settings
from service.work import Unavailable

NOUNS: Final = (serving, demo, programmes, keys, sending, rates, closing, views, auditing, contract)
NOT_LET_IN: Final = ("28", "3D", "42501")
"""PostgreSQL's classes for a wrong name or password, a database that does not exist, a right that is missing."""

WITHOUT_A_TABLE: Final = "a table was dropped; that of a view comes back with `firstclaim projections rebuild NAME`"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    try:
        return _run(arguments)
    except Failed as failed:
        return _say(str(failed), failed.status)
    except Refusal as refusal:
        return _say(f"{refusal.detail} ({refusal.code})", THE_ANSWER_IS_NO)
    except Unavailable as unavailable:
        return _say(f"the log cannot be written now: {unavailable.reason}", THE_ANSWER_IS_NO)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads_on()
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            return _say(f"{error.filename}: {error.strerror}", THE_ANSWER_IS_NO)
        if is_missing_table(error):
            return _say(f"{WITHOUT_A_TABLE}: {str(error).splitlines()[0]}", THE_ANSWER_IS_NO)
        if not is_connection_error(error) and not (sqlstate(error) or "").startswith(NOT_LET_IN):
            raise
        return _say(f"the database cannot be reached: {str(error).splitlines()[0]}", THE_ANSWER_IS_NO)


def parser() -> Parser:
    """Every command with its words."""
    every = Parser(
        prog="firstclaim", description="Who registered the deal first, what that earns, and the proof of both."
    )
    commands = every.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for noun in NOUNS:
        noun.add_to(commands)
    return every


def _run(arguments: Sequence[str] | None) -> int:
    options = parser().parse_args(arguments)
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        status: int = runner.run(options.run(_settings(), options))
    sys.stdout.flush()
    return status


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper().removeprefix("FIRSTCLAIM_")
        message = f"FIRSTCLAIM_{name}: {first['msg'][0].lower()}{first['msg'][1:]}"
        raise Failed(message, WRONG_USE) from None


def _say(sentence: str, status: int) -> int:
    print(f"firstclaim: {sentence}", file=sys.stderr)
    return status


def _nobody_reads_on() -> int:
    """Whoever read standard output has seen enough (`firstclaim keys | head -1`): what is left goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE


if __name__ == "__main__":
    sys.exit(main())
