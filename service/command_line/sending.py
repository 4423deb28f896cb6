"""`send` signs a webhook as its source would and posts it, for trying things out."""

import json
import secrets
import sys

import httpx

from domain.calendar import instant_from, instant_text
from service.command_line.failed import DONE, THE_ANSWER_IS_NO, Failed, wrong_use
from service.command_line.http_server import url_of
from service.command_line.opened import opened_service
from service.command_line.parsing import Options, Subcommands, add_command, stated
from service.crm.standard import is_delivery_id, signed_headers
from service.database import read
from service.host_time import host_now
from service.settings import Settings
from service.sources import Source, source_of

ANSWER_SECONDS = 30


def add_to(commands: Subcommands) -> None:
    """Declare it."""
    parser = add_command(commands, "send", send, "sign a webhook as its source would, and post it to a running server")
    parser.add_argument("source", metavar="SOURCE", help="the id of a source of the kind standard")
    parser.add_argument("type", metavar="TYPE", help="such as deal.won")
    parser.add_argument("data", metavar="JSON", help="its data, an object; - reads it from standard input")
    parser.add_argument(
        "--id", metavar="ID", type=stated(delivery_id), help="the delivery's id; the same again is a repeat (a new one)"
    )
    says = "when it happened, its timestamp (now, by the programme's clock)"
    parser.add_argument("--timestamp", metavar="INSTANT", type=stated(instant_from), help=says)
    parser.add_argument("--url", help="the server (FIRSTCLAIM_PUBLIC_URL, else FIRSTCLAIM_HOST and FIRSTCLAIM_PORT)")


async def send(settings: Settings, options: Options) -> int:
    """Send it, and show the answer."""
    data = object_from(sys.stdin.read() if options.data == "-" else options.data)
    async with opened_service(settings) as service:
        async with read(service.engine) as connection:
            source = await source_of(connection, options.source)
        if source is None:
            raise wrong_use(f"there is no source {options.source!r}: make one with POST /v1/sources")
        async with service.reading.moment(source.programme) as moment:
            happened_at = moment.now if options.timestamp is None else options.timestamp
    body = json.dumps({"type": options.type, "timestamp": instant_text(happened_at), "data": data}).encode()
    url = f"{server_of(settings, options).rstrip('/')}/webhooks/{source.id}"
    return await posted(url, signed(source, options.id or "msg_" + secrets.token_hex(12), body), body)


def signed(source: Source, delivery_id: str, body: bytes) -> dict[str, str]:
    """The headers that the source would send with this body now."""
    now = host_now()
    good = source.secrets_at(now)
    if not good:
        raise Failed(f"source {source.id} has no secret that is still good")
    return signed_headers(delivery_id, now, body, good[0])


async def posted(url: str, headers: dict[str, str], body: bytes) -> int:
    """Post a webhook and show what is answered."""
    try:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            answer = await client.post(url, content=body, headers={"content-type": "application/json", **headers})
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Failed(f"no server answers at {url}: {error}") from None
    print(answer.text)
    if not answer.is_success:
        raise Failed(f"the server answered {answer.status_code}")
    return THE_ANSWER_IS_NO if answer.json().get("outcome") == "refused" else DONE


def server_of(settings: Settings, options: Options) -> str:
    """The base URL of the server."""
    return str(options.url or settings.public_url or url_of(settings.host, settings.port))


def delivery_id(text: str) -> str:
    """Read a webhook's id."""
    if not is_delivery_id(text):
        raise ValueError(f"{text!r} is not an id of 1 to 255 visible ASCII characters")
    return text


def object_from(text: str) -> dict[str, object]:
    """The data that was given."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise wrong_use(f"the data is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise wrong_use('the data is a JSON object, such as \'{"deal_id": "D-1"}\'')
    return data
