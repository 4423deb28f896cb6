"""HTTP as an operator runs it: uvicorn with uvloop and httptools, ended gracefully, and collecting garbage rarely."""

import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.importer import import_from_string

from service.command_line.failed import Failed
from service.command_line.whole_answers import WholeAnswersProtocol
from service.running import Service

APPLICATION: Final = "api.app:create_app"
"""The outermost layer is named, as servers name what they serve; nothing below it imports it (design, the shape)."""
GARBAGE_THRESHOLDS: Final = (50_000, 20, 100)
"""Measured: the default costs a third of the throughput and most of the slowest answers (log.md, HTTP)."""
GRACEFUL_SECONDS: Final = 10
BACKLOG: Final = 2048


class HttpServer(uvicorn.Server):
    """A server that says where it listens, and for which being asked to stop is a normal end."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        try:
            await super().startup(sockets)
        except OSError as error:
            raise Failed(f"cannot listen: {error.strerror}") from None
        self._listening()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End gracefully at SIGTERM and SIGINT, at once when asked again."""
        with signals_to(self.handle_exit):
            yield


@contextlib.contextmanager
def signals_to(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """SIGTERM and SIGINT go to this handler for a while."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)


def http_server(service: Service, listening: Callable[[], None]) -> HttpServer:
    """The server of the application on a service, which it starts and closes; give `serve` its socket."""
    application = import_from_string(APPLICATION)(service)
    config = uvicorn.Config(
        application,
        loop="none",
        http=WholeAnswersProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    collect_garbage_rarely()
    return HttpServer(config, listening)


def bound(host: str, port: int) -> socket.socket:
    """A socket at the address; Failed, with the reason, when it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise Failed(f"cannot listen on {host}: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Failed(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The base URL of a socket."""
    return url_of(*listener.getsockname()[:2])


def url_of(host: str, port: int) -> str:
    """The base URL of a server, as a client on the same machine reaches it where it listens on every address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - that is what is replaced here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def log_to_stderr() -> None:
    """Say what an operator needs to know, a line each; no line for each request."""
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, stream=sys.stderr)


def collect_garbage_rarely() -> None:
    """What is loaded by now stays for good; what comes is collected in larger portions."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
