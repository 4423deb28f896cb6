"""`rates` publishes a file of exchange rates, by the same command as `POST /v1/programme/exchange-rates/import`."""

import json
import sys
from pathlib import Path

from domain.programme.exchange_rates import ImportExchangeRates
from domain.refusal import Refusal
from service.command_line.failed import DONE, THE_ANSWER_IS_NO, Failed
from service.command_line.opened import opened_service, programme_meant
from service.command_line.parsing import Options, Subcommands, add_command, add_programme
from service.commands.programme import ImportRates
from service.counted import counted
from service.initialise import ACTOR
from service.payloads.rate_file import read_rates
from service.settings import Settings


def add_to(commands: Subcommands) -> None:
    """Declare it."""
    parser = add_command(commands, "rates", rates, "publish the exchange rates of a file, all of them or none")
    parser.add_argument("file", metavar="FILE", help="CSV with date,base,quote,rate; - reads it from standard input")
    add_programme(parser)


async def rates(settings: Settings, options: Options) -> int:
    """Publish them, and say how many were new; or name each line that stands in the way."""
    content = content_of(options.file)
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        try:
            command = ImportExchangeRates(lines=read_rates(content))
            answer = await service.submit(programme, ImportRates(actor=ACTOR, command=command))
        except Refusal as refusal:
            name_lines(refusal)
            raise
    document = json.loads(answer.body)
    known = document["lines"] - document["published"]
    new = counted(document["published"], "rate is", "rates are")
    print(f"{new} published; {counted(known, 'was', 'were')} published already.")
    return DONE


def content_of(file: str) -> str:
    """The text of a file, or of standard input."""
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Failed(f"{file} is not UTF-8", THE_ANSWER_IS_NO) from None


def name_lines(refusal: Refusal) -> None:
    """Print each line that stood in the way, and why."""
    errors = refusal.facts.get("errors")
    for error in errors if isinstance(errors, list) else []:
        print(f"{error['field']}: {error['message']}")
