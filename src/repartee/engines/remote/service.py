"""One service elsewhere: pooled connections, time limits, and another try while nothing was said.

    async with aclosing(service.ask(request, words_of)) as words:
        async for word in words: ...

`ask` sends a request and gives out what a reader makes of the answer. It tries again after a
trouble that passes, but only as long as no answer has begun. Leaving the generator closes the
connection at once, which is how the service learns that nobody wants the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar

import httpx

from repartee.engines.remote.address import Address
from repartee.engines.remote.patience import Patience
from repartee.engines.remote.request import Request
from repartee.engines.remote.trouble import (
    Complaint,
    Passing,
    complaint,
    is_wrong_key,
    nonsense,
    translated,
    trouble,
)
from repartee.errors import EngineFailed, ReparteeError

T = TypeVar("T")

MOST_CONNECTIONS = 100
KEPT_CONNECTIONS = 20
KEPT_SECONDS = 90.0
STILL_WARM_SECONDS = 3.0
MOST_COMPLAINT_BYTES = 64 * 1024
ENDING_SECONDS = 0.1
"""An answer that is complete may take so long to end; then its connection is not kept."""


class Answer:
    """An answer that a service has begun to give."""

    def __init__(
        self, response: httpx.Response, address: Address, between_s: float, first_by: float
    ) -> None:
        self.address = address
        self.content_type: str = response.headers.get("content-type", "").lower()
        self._body = response.aiter_raw()
        self._between_s = between_s
        self._first_by = first_by

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Its bytes as they come."""
        loop = asyncio.get_running_loop()
        until = self._first_by
        while piece := await self._next(until):
            yield piece
            until = loop.time() + self._between_s

    async def whole(self, most_bytes: int) -> bytes:
        """All of its bytes; an answer that is longer than this is nonsense."""
        body = bytearray()
        async with aclosing(self.pieces()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > most_bytes:
                    raise nonsense(self.address)
        return bytes(body)

    async def end(self) -> None:
        """Nothing more is expected: let it end, so that its connection serves again."""
        with contextlib.suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(ENDING_SECONDS):
                async for _ in self._body:
                    pass

    async def _next(self, until: float) -> bytes:
        with translated(self.address, begun=True):
            async with asyncio.timeout_at(until):
                return await anext(self._body, b"")


class Service:
    """`meaning` is the error that a complaint of this service stands for."""

    def __init__(
        self,
        address: Address,
        patience: Patience,
        meaning: Callable[[Complaint, Address], Passing | ReparteeError] = trouble,
    ) -> None:
        self.address = address
        self._patience = patience
        self._meaning = meaning
        self._client: httpx.AsyncClient | None = None
        self._used_at = 0.0
        self._warming: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Service {self.address.name} {'open' if self._client else 'closed'}>"

    async def open(self) -> None:
        if self._client is None:
            self.address.check()
            # Reading the certificates of all authorities takes a fifth of a second.
            self._client = await asyncio.to_thread(self._new_client)

    async def close(self) -> None:
        client, self._client = self._client, None
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.wait([self._warming])
            self._warming = None
        if client is not None:
            await client.aclose()

    async def ask(
        self, request: Request, read: Callable[[Answer], AsyncGenerator[T]]
    ) -> AsyncGenerator[T]:
        """What `read` makes of the answer to this request."""
        pauses = self._patience.pauses()
        begun = False
        while True:
            try:
                async with self._answer(request) as answer, aclosing(read(answer)) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except Passing as passing:
                pause_s = None if begun else next(pauses, None)
                if pause_s is None or (passing.after_s or 0) > self._patience.longest_pause_s:
                    raise passing.error from None
                pause_s = max(pause_s, passing.after_s or 0)
            await asyncio.sleep(pause_s)

    async def fetch(self, request: Request, most_bytes: int) -> bytes:
        """The whole answer to this request."""

        async def read(answer: Answer) -> AsyncGenerator[bytes]:
            yield await answer.whole(most_bytes)

        async with aclosing(self.ask(request, read)) as answers:
            return await anext(answers)

    async def reach(self) -> None:
        """Raises if nobody is there, or nobody lets us in. Any other answer will do: servers of
        this kind have a list of their models, but nobody promises it."""
        first_by = asyncio.get_running_loop().time() + self._patience.first_byte_s
        try:
            response = await self._sent(Request("/models", method="GET"), first_by)
            async with aclosing(response):
                answer = Answer(response, self.address, self._patience.between_s, first_by)
                if response.status_code != httpx.codes.OK:
                    what = complaint(response.status_code, await _beginning(answer))
                    meaning = self._meaning(what, self.address)
                    if isinstance(meaning, Passing) or is_wrong_key(what):
                        raise meaning
        except Passing as passing:
            raise passing.error from None

    def warm(self) -> None:
        """Connect in the background, so that the next request need not wait for that."""
        if self._client is None or (self._warming and not self._warming.done()):
            return
        if asyncio.get_running_loop().time() - self._used_at > STILL_WARM_SECONDS:
            self._warming = asyncio.create_task(self._connect(self._client))

    async def connected(self) -> None:
        """Returns when `warm` has done what it can."""
        self.warm()
        if self._warming is not None:
            await asyncio.wait([self._warming])

    async def _connect(self, client: httpx.AsyncClient) -> None:
        """A question about nothing: whatever the answer, there is a connection then."""
        with contextlib.suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(self._patience.first_byte_s):
                await client.head(self.address.url("/"))
            self._used_at = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def _answer(self, request: Request) -> AsyncIterator[Answer]:
        loop = asyncio.get_running_loop()
        first_by = loop.time() + self._patience.first_byte_s
        response = await self._sent(request, first_by)
        self.address.reached()
        try:
            answer = Answer(response, self.address, self._patience.between_s, first_by)
            if response.status_code != httpx.codes.OK:
                body = await _beginning(answer)
                retry_after = response.headers.get("retry-after", "")
                raise self._meaning(
                    complaint(response.status_code, body, retry_after), self.address
                )
            if response.headers.get("content-encoding", "identity") != "identity":
                raise nonsense(self.address)
            yield answer
        finally:
            self._used_at = loop.time()
            await response.aclose()

    async def _sent(self, request: Request, first_by: float) -> httpx.Response:
        if self._client is None:
            raise EngineFailed(f"The engine that asks {self.address.name} is not open.")
        sent = self._client.build_request(
            request.method,
            self.address.url(request.path),
            content=request.body or None,
            headers={**self.address.headers(), **request.headers()},
        )
        with translated(self.address):
            async with asyncio.timeout_at(first_by):
                return await self._client.send(sent, stream=True)

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            auth=self.address.auth(),
            verify=self.address.is_encrypted,  # without TLS there are no certificates to read
            # Nothing is compressed: the first words would wait in the compressor.
            headers={"Accept-Encoding": "identity", "User-Agent": "repartee"},
            timeout=httpx.Timeout(
                None,
                connect=self._patience.connect_s,
                write=self._patience.between_s,
                pool=self._patience.connect_s,
            ),
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=KEPT_CONNECTIONS,
                keepalive_expiry=KEPT_SECONDS,
            ),
        )


async def _beginning(answer: Answer) -> bytes:
    """As much of a complaint as is needed; it must not spoil what its status says."""
    with contextlib.suppress(Passing, EngineFailed, TimeoutError):
        return await answer.whole(MOST_COMPLAINT_BYTES)
    return b""
