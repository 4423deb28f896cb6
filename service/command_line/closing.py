"""`close` closes a commission period, by the same command as `POST /v1/periods/{period}/close`."""

import json

from domain.calendar import period_from
from domain.ids import PartnerId
from service.command_line.failed import DONE
from service.command_line.opened import opened_service, programme_meant
from service.command_line.parsing import Options, Subcommands, add_command, add_programme, stated
from service.command_line.progress import progress
from service.commands.periods import Close
from service.counted import counted
from service.initialise import ACTOR
from service.settings import Settings


def add_to(commands: Subcommands) -> None:
    """Declare it."""
    parser = add_command(commands, "close", close, "close a commission period of every partner, or of one")
    parser.add_argument("period", metavar="PERIOD", type=stated(period_from), help="such as 2026-Q4")
    parser.add_argument("--partner", metavar="ID", help="only this partner's")
    parser.add_argument("--force", action="store_true", help="although the period has not ended")
    add_programme(parser)


async def close(settings: Settings, options: Options) -> int:
    """Close it, and say what each partner is owed."""
    partner = None if options.partner is None else PartnerId(options.partner)
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        work = Close(
            actor=ACTOR, period=options.period, partner=partner, force=options.force, reader=service.statements
        )
        with progress("partners computed") as moved:
            await work.compute(service.reading, programme, moved)
        with progress("partners recorded") as work.recording:
            answer = await service.submit(programme, work)
    document = json.loads(answer.body)
    statements = counted(len(document["closed"]), "statement")
    for closed in document["closed"]:
        payable = closed["payable"]
        print(f"{closed['partner']:<24} {payable['amount']:>18} {payable['currency']}  {closed['digest']}")
    if not document["closed"]:
        print(f"Nobody has anything to state for {document['period']}.")
    elif answer.position is None:
        print(f"{document['period']} was closed before: {statements}.")
    else:
        print(f"{document['period']} is closed at position {answer.position}: {statements}.")
    return DONE
