"""A PostgreSQL reached through a proxy that cuts the connection at a stated moment, as a failing network does."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL

SOCKET = ".s.PGSQL.5432"
END_SECONDS = 10


class CuttingProxy:
    """Passes everything on until it is armed."""

    def __init__(self, upstream: Path) -> None:
        self._upstream = upstream
        self._cuts_at: Callable[[bytes], bool] | None = None
        self._delivers = True
        self._served: set[asyncio.Task[None]] = set()
        self.cuts = 0

    def arm(self, cuts_at: Callable[[bytes], bool], *, delivers: bool) -> None:
        """Cuts once, at the next piece that a client sends and that fits.

        When it `delivers`, the server gets the piece and answers, and only the answer is lost.
        """
        self._cuts_at, self._delivers = cuts_at, delivers

    async def serve(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._served.add(task)
        server, forth = await asyncio.open_unix_connection(str(self._upstream))
        answers = asyncio.create_task(self._pass_on(server, back))
        try:
            while piece := await client.read(1 << 20):
                if self._cuts_at is not None and self._cuts_at(piece):
                    self._cuts_at = None
                    self.cuts += 1
                    answers.cancel()
                    await asyncio.wait([answers])
                    if self._delivers:
                        forth.write(piece)
                        await server.read(1 << 20)
                    return
                forth.write(piece)
                await forth.drain()
        except ConnectionError:
            pass
        finally:
            answers.cancel()
            await asyncio.wait([answers])
            for writer in (forth, back):
                writer.close()
            await asyncio.gather(forth.wait_closed(), back.wait_closed(), return_exceptions=True)

    async def finish(self) -> None:
        """Waits until every connection is closed, which its client has begun."""
        await asyncio.wait(self._served, timeout=END_SECONDS)

    @staticmethod
    async def _pass_on(server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            while piece := await server.read(1 << 20):
                back.write(piece)
                await back.drain()
        except ConnectionError:
            pass
        finally:
            back.close()


@asynccontextmanager
async def cutting_proxy(url: URL) -> AsyncIterator[tuple[CuttingProxy, URL]]:
    """A proxy before the PostgreSQL of a URL, and the URL through it."""
    with tempfile.TemporaryDirectory(prefix="fc-cut-") as folder:
        proxy = CuttingProxy(Path(str(url.query["host"])) / SOCKET)
        server = await asyncio.start_unix_server(proxy.serve, path=str(Path(folder) / SOCKET))
        yield proxy, url.update_query_dict({"host": folder})
        server.close()
        await proxy.finish()
