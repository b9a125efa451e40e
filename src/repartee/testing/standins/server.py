"""A small HTTP server of which a test controls every byte, and which notices who leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import h11

from repartee.testing.standins.wire import Heard, Reply, Trouble, Wire

_READ_BYTES = 1 << 16
_PAGE = b"<!doctype html>\n<html><title>Welcome</title><p>It works!</html>\n"


class StandIn:
    """`troubles` are used up one by one, `usual` is what happens when there are none.

    `heard` holds every request, `left` counts the answers whose reader went away before their end.
    """

    def __init__(self, wire: Wire, usual: Trouble | None = None) -> None:
        self.wire = wire
        self.usual = usual or Trouble()
        self.troubles: deque[Trouble] = deque()
        self.heard: list[Heard] = []
        self.left = 0
        self.port = 0
        self._someone_left = asyncio.Event()
        self._connections: set[asyncio.Task[None]] = set()
        self._count = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[Heard]:
        """The requests that wanted something; a HEAD only wants a connection."""
        return [heard for heard in self.heard if heard.method != "HEAD"]

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def until_left(self, seconds: float = 2.0) -> None:
        """Wait until somebody leaves in the middle of an answer."""
        async with asyncio.timeout(seconds):
            await self._someone_left.wait()
        self._someone_left.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        self._connections.add(task)
        self._count += 1
        try:
            await _Connection(self, self._count, reader, writer).serve()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the other side is gone, or the test is over
        finally:
            writer.transport.abort()
            self._connections.discard(task)

    def next_trouble(self, heard: Heard) -> Trouble:
        self.heard.append(heard)
        wants_something = heard.method != "HEAD"
        return self.troubles.popleft() if self.troubles and wants_something else self.usual

    def note_that_someone_left(self) -> None:
        self.left += 1
        self._someone_left.set()


class _Connection:
    def __init__(
        self,
        server: StandIn,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._server = server
        self._number = number
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)
        self._body = bytearray()

    async def serve(self) -> None:
        """One request after another, until either side has had enough."""
        reading = asyncio.ensure_future(self._reader.read(_READ_BYTES))
        try:
            while data := await reading:
                reading = asyncio.ensure_future(self._reader.read(_READ_BYTES))
                self._http.receive_data(data)
                if (heard := self._heard()) is None:
                    continue
                answering = asyncio.ensure_future(self._answer(heard))
                await asyncio.wait([answering, reading], return_when=asyncio.FIRST_COMPLETED)
                if not answering.done():
                    self._server.note_that_someone_left()
                    answering.cancel()
                    await asyncio.wait([answering])
                    return
                if not answering.result() or self._http.our_state is not h11.DONE:
                    return  # or one of both wants no other request on this connection
                self._http.start_next_cycle()
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await reading

    def _heard(self) -> Heard | None:
        """The request, once it is complete."""
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            match event:
                case h11.Request():
                    self._request, self._body = event, bytearray()
                case h11.Data():
                    self._body += event.data
                case h11.EndOfMessage():
                    path, _, query = self._request.target.decode().partition("?")
                    headers = {
                        name.decode(): value.decode() for name, value in self._request.headers
                    }
                    method = self._request.method.decode()
                    return Heard(method, path, query, headers, bytes(self._body), self._number)
                case _:
                    raise ConnectionResetError
        return None

    async def _answer(self, heard: Heard) -> bool:
        """Answer; whether the connection can be used again."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        trouble = self._server.next_trouble(heard)
        due += trouble.delay_s
        reply = self._reply(heard, trouble)
        await asyncio.sleep(max(due - loop.time(), 0.0))
        if trouble.reset:
            self._writer.transport.abort()
            return False
        if trouble.hang_after == -1:
            await asyncio.Event().wait()
        headers = {**reply.headers, "content-type": reply.content_type}
        if trouble.retry_after:
            headers["retry-after"] = trouble.retry_after
        # Without a length, so the body comes in chunks as it would from a live stream.
        self._send(h11.Response(status_code=reply.status, headers=list(headers.items())))
        pieces = recut(reply.pieces, trouble.cut_bytes) if heard.method != "HEAD" else []
        for number, piece in enumerate(pieces):
            if trouble.lose_after == number:
                return False
            if trouble.hang_after == number:
                await asyncio.Event().wait()
            self._send(h11.Data(data=piece))
            await self._writer.drain()
            await asyncio.sleep(0)
        self._send(h11.EndOfMessage())
        await self._writer.drain()
        return trouble.lose_after is None

    def _reply(self, heard: Heard, trouble: Trouble) -> Reply:
        if trouble.nonsense:
            return Reply("text/html", [_PAGE])
        if trouble.status:
            return self._server.wire.complaint(trouble.status, heard)
        return self._server.wire.answer(heard)

    def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        assert data is not None, "what the stand-in sends has bytes"
        self._writer.write(data)


def recut(pieces: Sequence[bytes], size: int) -> Sequence[bytes]:
    """The same bytes in pieces of this size; 0 leaves them as they are."""
    if not size:
        return pieces
    whole = b"".join(pieces)
    return [whole[at : at + size] for at in range(0, len(whole), size)]
