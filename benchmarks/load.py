"""A load of registrations over kept-alive connections, as a process of its own: prints answers and seconds as JSON.

`python -m benchmarks.load PORT CONNECTIONS SECONDS FIRST KEY` sends registrations of accounts number FIRST and on, each
with its own `Idempotency-Key`, until the time is over, and counts those that were answered 201.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

CREATED = b"HTTP/1.1 201"


def registration(number: int) -> bytes:
    """The body of a registration of an account of its own."""
    body = {
        "partner": "northwind",
        "account": {"name": f"Account {number} GmbH", "country": "DE", "domain": f"account-{number}.example"},
        "products": ["edge"],
        "value": {"amount": "120000.00", "currency": "USD"},
        "engagement": "referral",
    }
    return json.dumps(body).encode()


def request(number: int, key: str) -> bytes:
    """The bytes of one request."""
    body = registration(number)
    head = (
        "POST /v1/registrations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nIdempotency-Key: load-{number}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """One connection with one request under way at a time."""

    def __init__(self, numbers: Iterator[int], key: str, until: float) -> None:
        self._numbers = numbers
        self._key = key
        self._until = until
        self._buffer = b""
        self.answered = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own does not inherit from it
        self._send()

    def data_received(self, data: bytes) -> None:
        """Read an answer whole, count it, and send the next request."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        start = head.index(b"content-length:") + 15
        length = int(head[start : head.find(b"\r\n", start) if b"\r\n" in head[start:] else end])
        if len(self._buffer) < end + 4 + length:
            return
        if not self._buffer.startswith(CREATED):
            self.done.set_exception(RuntimeError(self._buffer.decode()))
            self._transport.close()
            return
        self._buffer = b""
        self.answered += 1
        if time.perf_counter() < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self._transport.write(request(next(self._numbers), self._key))


async def load(port: int, connections: int, seconds: float, first: int, key: str) -> dict[str, float]:
    """Keep so many connections busy for so long."""
    numbers = itertools.count(first)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    opened = [
        (await loop.create_connection(lambda: Connection(numbers, key, began + seconds), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for connection in opened))
    return {"answered": sum(connection.answered for connection in opened), "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    port, connections, seconds, first, key = sys.argv[1:]
    print(json.dumps(uvloop.run(load(int(port), int(connections), float(seconds), int(first), key))))
