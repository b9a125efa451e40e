"""A stand-in for Deepgram on this machine: its real wire, with nobody behind it.

    async with DeepgramStandIn(transcripts=["What time is it?", "Thank you."]) as standin:
        engine = Deepgram(api_key=standin.key, base_url=standin.url)

It answers `/v1/listen` (Nova), `/v2/listen` (Flux) and `/v1/speak` (Aura). What it hears is told by
a script or by the sound itself (`deepgram_ear.py`), what it says is a tone as long as the text
deserves. Its switches make it misbehave:

    status        the handshake is refused with this HTTP status
    hang          it takes everything and answers nothing
    nonsense      what it answers is no JSON
    deaf          Finalize and ForceEndTurn are left without an answer
    drop_after    the connection is cut, once, after so many samples or bytes of sound
    delay         called and awaited before each answer: how it is slow

`connections` keeps what came over each connection, the oldest first, and `until` waits for
something to be so. `starve` does what ten seconds without sound or text do. For programs that can't
share their event loop, `in_a_thread` runs it in one of its own.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from repartee.testing.standins.deepgram_listen import FluxSession, NovaSession
from repartee.testing.standins.deepgram_speak import AuraSession
from repartee.testing.standins.deepgram_visit import Dropped, Visit

KEY = "a-key-of-the-stand-in"
TRANSCRIPTS = ("Hello, can you hear me?", "What is the weather like today?", "Thank you.")
IDLE_S = 10.0
_SESSIONS = {"/v1/listen": NovaSession, "/v2/listen": FluxSession, "/v1/speak": AuraSession}
_MODELS = {"/v1/listen": "nova-", "/v2/listen": "flux-", "/v1/speak": "aura-"}
_NO_SOUND = (
    "Deepgram did not receive audio data or a text message within the timeout window."
    " See https://dpgr.am/net0001"
)


class DeepgramStandIn:
    def __init__(
        self,
        *,
        key: str = KEY,
        transcripts: Sequence[str] = TRANSCRIPTS,
        word_ms: float = 300.0,
        letter_ms: float = 60.0,
    ) -> None:
        """Each `word_ms` of loud sound is another word, each `letter_ms` of a tone a letter."""
        self.key = key
        self.transcripts = tuple(transcripts)
        self.word_ms = word_ms
        self.letter_ms = letter_ms
        self.status = 0
        self.hang = False
        self.nonsense = False
        self.deaf = False
        self.drop_after: int | None = None
        self.delay: Callable[[], Awaitable[None]] | None = None
        self.connections: list[Visit] = []
        self.refused = 0
        """Handshakes that did not become a connection."""
        self._server: Server | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._visited,
            "127.0.0.1",
            0,
            process_request=self._greeted,
            compression=None,
            ping_interval=None,
            close_timeout=1,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server, "A stand-in that isn't there has no address."
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def open(self) -> list[Visit]:
        """The connections that stand at the moment."""
        return [visit for visit in self.connections if not visit.over]

    def starve(self) -> None:
        """The connections have brought neither sound nor text for too long."""
        for visit in self.open:
            visit.end(1011, _NO_SOUND)

    def cut(self) -> None:
        """Every connection breaks off without a word."""
        for visit in self.open:
            visit.cut()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something has come in, or gone, that makes this true."""
        while not true():
            await self._changed.wait()

    # ------------------------------------------------------------ behind the counter

    def changed(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _greeted(self, socket: ServerConnection, request: Request) -> Response | None:
        """None lets the caller in."""
        parts = urlsplit(request.path)
        query = parse_qs(parts.query)
        model = _MODELS.get(parts.path)
        status, reason = self.status, "Switched off."
        if not status and request.headers.get("Authorization") not in (
            f"Token {self.key}",
            f"Bearer {self.key}",
        ):
            status, reason = 401, "Invalid credentials."
        elif not status and model is None:
            status, reason = 404, "Not found."
        elif not status and not query.get("model", [""])[0].startswith(model or ""):
            status, reason = 400, "No such model/language/tier combination found."
        elif not status and query.get("encoding", ["linear16"]) != ["linear16"]:
            status, reason = 400, "Bad encoding."
        if not status:
            return None
        self.refused += 1
        self.changed()
        told = json.dumps({"err_code": HTTPStatus(status).name, "err_msg": reason})
        response = socket.respond(HTTPStatus(status), told)
        response.headers["dg-error"] = reason
        return response

    async def _visited(self, socket: ServerConnection) -> None:
        assert socket.request
        visit = Visit(self, socket, urlsplit(socket.request.path))
        self.connections.append(visit)
        self.changed()
        session = _SESSIONS[visit.path](visit, self)
        try:
            await session.begin()
            while True:
                async with asyncio.timeout(IDLE_S):
                    message = await socket.recv()
                visit.note(message)
                self._drop_if_due(visit)
                await session.take(message)
        except TimeoutError:
            visit.end(1011, _NO_SOUND)
        except (ConnectionClosed, Dropped):
            pass
        finally:
            await session.end()
            await visit.ended()
            visit.over = True
            self.changed()

    def _drop_if_due(self, visit: Visit) -> None:
        if self.drop_after is not None and visit.samples >= self.drop_after:
            self.drop_after = None
            visit.cut()
            raise Dropped


@contextmanager
def in_a_thread(standin: DeepgramStandIn) -> Iterator[DeepgramStandIn]:
    """The stand-in at work beside code that blocks."""
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve_until_done() -> None:
        async with standin:
            ready.set()
            await done.wait()

    def work() -> Any:
        try:
            loop.run_until_complete(serve_until_done())
        finally:
            loop.close()
            ready.set()

    thread = threading.Thread(target=work, name="deepgram stand-in", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield standin
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
