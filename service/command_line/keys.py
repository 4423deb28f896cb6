"""`keys` lists, issues and revokes API keys, on the machine itself and without needing one."""

from typing import get_args

from domain.calendar import instant_text
from domain.ids import PartnerId
from service.access import AccessKey, IssueKey, RevokeKey, Role, list_keys, new_key
from service.command_line.failed import DONE, wrong_use
from service.command_line.opened import opened_service, programme_meant
from service.command_line.parsing import Options, Parser, Subcommands, add_command, add_programme, stated
from service.database import read
from service.host_time import host_now
from service.initialise import ACTOR
from service.payloads.base import SHORT_TEXT_MOST
from service.settings import Settings

PAGE = 200


def add_to(commands: Subcommands) -> None:
    """Declare `keys` and what it does; alone it lists."""
    parser = add_command(commands, "keys", show, "list, issue and revoke API keys")
    add_programme(parser)
    actions = parser.add_subparsers(metavar="ACTION", parser_class=Parser)
    add_command(actions, "list", show, "list the keys, oldest first")
    issuing = add_command(actions, "issue", issue, "make a key and print it once")
    issuing.add_argument("role", choices=get_args(Role), help="what it may do")
    issuing.add_argument("name", type=stated(purpose), help="what it is for; not the name of a person")
    issuing.add_argument("--partner", metavar="ID", help="the partner that a key of the role partner is bound to")
    revoking = add_command(actions, "revoke", revoke, "end a key")
    revoking.add_argument("id", help="its id, such as key_5f…")


async def show(settings: Settings, options: Options) -> int:
    """List the keys."""
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        after = (0, "")
        async with read(service.engine) as connection:
            while found := await list_keys(connection, programme, after=after, limit=PAGE):
                for key in found:
                    print(line(key))
                after = (found[-1].created_at, found[-1].id)
    return DONE


async def issue(settings: Settings, options: Options) -> int:
    """Make a key."""
    if (options.partner is not None) != (options.role == "partner"):
        raise wrong_use("--partner is stated for the role partner, and only for it")
    partner = None if options.partner is None else PartnerId(options.partner)
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        new = new_key(programme, options.role, options.name, partner=partner, now=host_now(), by=ACTOR)
        await service.submit(programme, IssueKey(actor=ACTOR, request=None, new=new))
    print(line(new.key))
    print(f"The key, shown this once: {new.text}")
    return DONE


async def revoke(settings: Settings, options: Options) -> int:
    """End a key."""
    async with opened_service(settings) as service:
        programme = await programme_meant(service.engine, options.programme)
        await service.submit(programme, RevokeKey(actor=ACTOR, id=options.id, now=host_now()))
    print(f"{options.id} has ended. Running servers refuse it within two seconds.")
    return DONE


def purpose(text: str) -> str:
    """Read what a key is for."""
    if not text.strip() or not text.isprintable() or len(text) > SHORT_TEXT_MOST:
        raise ValueError(f"what a key is for is said in one line of 1 to {SHORT_TEXT_MOST} characters")
    return text


def line(key: AccessKey) -> str:
    """A key in one line, without its secret."""
    role = key.role if key.partner is None else f"{key.role} {key.partner}"
    ended = "" if key.revoked_at is None else f"  revoked {instant_text(key.revoked_at)}"
    return f"{key.id}  {role:<16}  made {instant_text(key.created_at)} by {key.created_by}  {key.name}{ended}"
