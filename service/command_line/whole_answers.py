"""An answer in one piece. uvicorn writes its head and its body apart: two calls to the kernel, and two packets."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_INTERIM: Final = b"HTTP/1.1 100 "


class WholeAnswers:
    """A connection's transport that keeps the head of an answer until something follows it, or the answer is over."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.get_extra_info = transport.get_extra_info
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading
        self.set_protocol = transport.set_protocol

    def write(self, data: bytes) -> None:
        """Send what is written, behind the head that was kept; the first of an answer is its head."""
        if self._head:
            data, self._head = self._head + data, b""
        elif not data.startswith(_INTERIM):
            self._head = data
            return
        self._transport.write(data)

    def send_head(self) -> None:
        """Send a head that nothing followed."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send what is kept, and end the connection."""
        self.send_head()
        self._transport.close()


class WholeAnswersProtocol(HttpToolsProtocol):
    """uvicorn's protocol on such transports."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        self.answers = WholeAnswers(transport)
        # It has all of a transport that uvicorn asks for.
        super().connection_made(self.answers)  # type: ignore[arg-type]

    def on_response_complete(self) -> None:
        """An answer is over; one to HEAD has no body."""
        self.answers.send_head()
        super().on_response_complete()
