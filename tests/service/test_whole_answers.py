"""Answers leave in one piece, and are what uvicorn would have sent in several."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import Mock

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from service.command_line.http_server import bound
from service.command_line.whole_answers import WholeAnswers, WholeAnswersProtocol

CASES = [
    (b"GET /whole HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole"),
    (b"HEAD /whole HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
    (b"GET /empty HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"),
    (
        b"GET /parts HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n",
    ),
    (
        b"GET /whole HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nwhole",
    ),
    (
        b"POST /read HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    ),
    (
        b"GET /whole HTTP/1.1\r\nHost: x\r\n\r\nGET /empty HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwholeHTTP/1.1 204 No Content\r\n\r\n",
    ),
]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers in each of the ways that there are."""
    path = scope["path"]
    body = (await receive())["body"] if path == "/read" else b"whole"
    if path == "/empty":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
    elif path == "/parts":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (b"one", b"two"):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})
    else:
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    """The application on a port, by uvicorn with our protocol."""
    config = uvicorn.Config(
        application, http=WholeAnswersProtocol, loop="none", lifespan="off", log_config=None, date_header=False
    )
    config.server_header = False
    with bound("127.0.0.1", 0) as socket:
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([socket]))
        yield socket.getsockname()[1]
        server.should_exit = True
        await running


@pytest.mark.parametrize(("request_bytes", "expected"), CASES)
async def test_an_answer_is_complete_in_whatever_way_it_is_made(request_bytes: bytes, expected: bytes) -> None:
    """With a body, without one, in parts, on a connection that ends, behind an interim answer, behind another."""
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_bytes)
        assert await asyncio.wait_for(reader.readexactly(len(expected)), 10) == expected
        writer.close()


async def test_what_is_no_request_is_answered_and_the_connection_ends() -> None:
    """uvicorn's own refusal is sent before the end."""
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"no request at all\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 400 ")
        writer.close()


def test_head_and_body_are_one_write() -> None:
    """Two answers on one connection are two writes; a head alone goes out when its answer is over, or at the end."""
    transport = Mock(spec=asyncio.Transport)
    answers = WholeAnswers(transport)
    for written in (b"head ", b"body", b"HTTP/1.1 100 Continue\r\n\r\n", b"head ", b"body"):
        answers.write(written)
    answers.write(b"head alone")
    answers.send_head()
    answers.send_head()
    answers.write(b"last head")
    answers.close()
    assert [call.args[0] for call in transport.write.call_args_list] == [
        b"head body",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"head body",
        b"head alone",
        b"last head",
    ]
    transport.close.assert_called_once_with()
