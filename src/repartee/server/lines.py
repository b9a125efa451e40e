"""The lines to the server, below its application: uvicorn's protocol, with bounds.

uvicorn waits as long as it takes for a request to begin, to go on, or to end after it was answered,
and for an answer to be taken. Here each of these has its time, and each line is counted for as long
as it lasts. What is being answered is never cut off, and once a line has become a WebSocket nothing
here looks at its frames.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any

import msgspec
from starlette.responses import Response
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.server import ServerState

from repartee.calls.refusals import TryLater
from repartee.server.heads import HeadMeter
from repartee.server.limits.connections import Connections
from repartee.server.problems import answer, answer_to
from repartee.server.stalled import TAKEN_WITHIN_SECONDS, TimedTransport
from repartee.server.uvicorn_parts import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

MOST_IN_LINE = 256
"""Requests that came before the one ahead of them was answered."""
_PARTING_SECONDS = 1.0


class Patience(msgspec.Struct, frozen=True):
    head_seconds: float
    """For a request to begin and for its headers to come."""
    body_seconds: float
    """For the rest of a body that nobody wants any more, because it is answered already."""
    taken_seconds: float = TAKEN_WITHIN_SECONDS
    """For some of an answer to be taken."""


class _TooManyInLine(Exception):
    """Raised while requests are parsed: no further one is."""


class HttpLine(HttpToolsProtocol):
    transport: TimedTransport

    def __init__(
        self,
        connections: Connections,
        patience: Patience,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._connections = connections
        self._patience = patience
        self._end_of_patience: TimerHandle | None = None
        self._is_socket = False
        self._in_head = False
        self._in_body = False
        self._head = HeadMeter()
        self._answering: RequestResponseCycle | None = None
        self._takes_no_more = False
        self._last_words: Response | None = None

    # ------------------------------------------------------------ the line itself

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        timed = TimedTransport(transport, self.loop, self._patience.taken_seconds)
        super().connection_made(timed)
        try:
            self._connections.let_in(timed, self.client[0] if self.client else "")
        except TryLater as full:
            if self._connections.see_out(timed):
                self._part_with(answer_to(full))
            else:
                timed.abort()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._connections.gone(self.transport)
        if self._answering is not None:  # uvicorn tells only the request that came last
            _forget(self._answering)
        super().connection_lost(exc)
        self.transport.lost()

    def data_received(self, data: bytes) -> None:
        if not self._is_over:
            self._head.came(len(data))
            super().data_received(data)
            self._look_at_what_came()

    def _look_at_what_came(self) -> None:
        if self._is_over:
            return
        if self._head.is_too_long:
            self.send_400_response("")
        elif self._is_at_rest and self._end_of_patience is None:
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        """Another protocol takes the line over, and tells when it is gone."""
        self._is_socket = True
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """What came can't be read, or not all of it; so uvicorn is told by those who count."""
        if self._head.is_too_long:
            self._refuse(answer(431, "The headers of the request are too long. Send less."))
        elif len(self.pipeline) >= MOST_IN_LINE:
            sentence = f"More than {MOST_IN_LINE} requests wait on this connection. Send fewer."
            self._refuse(answer(429, sentence))
        else:
            self._refuse(answer(400, "This is no valid HTTP request. See /docs for what is."))

    # ------------------------------------------------------------ where a request stands

    def on_message_begin(self) -> None:
        self._head.begin()
        self._in_head = self._in_body = False
        if len(self.pipeline) >= MOST_IN_LINE:
            raise _TooManyInLine
        super().on_message_begin()
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        self._head.count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Those that come after the body are counted, too, and go nowhere."""
        self._head.count(name, value)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head.is_body()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        self._stop_waiting()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unset_keepalive_if_required()  # there is patience for that
        if self.transport.is_closing() or not self._is_at_rest:
            return
        if self._takes_no_more:
            self._part_with(self._last_words)
        elif self._end_of_patience is None:
            self._wait()

    @property
    def _is_at_rest(self) -> bool:
        """Nothing is being answered."""
        last: RequestResponseCycle | None = self.cycle
        return last is None or last.response_complete

    @property
    def _is_over(self) -> bool:
        """Nothing more is read here."""
        return self._takes_no_more or self._is_socket or self.transport.is_closing()

    # ------------------------------------------------------------ patience

    def _wait(self) -> None:
        patience = self._patience
        seconds = patience.body_seconds if self._in_body else patience.head_seconds
        self._end_of_patience = self.loop.call_later(seconds, self._has_waited)
        if not self.flow.write_paused:
            self._connections.owes(self.transport, was_answered=self._answering is not None)

    def resume_writing(self) -> None:
        """Until then much of the last answer was still on its way, and the line not silent."""
        super().resume_writing()
        if self._end_of_patience is not None:
            self._connections.owes(self.transport, was_answered=True)

    def _stop_waiting(self) -> None:
        if self._end_of_patience is not None:
            self._end_of_patience.cancel()
            self._end_of_patience = None
            self._connections.has_said(self.transport)

    def _has_waited(self) -> None:
        """Browsers open lines in advance: one on which nothing came is just closed."""
        self._end_of_patience = None
        if self._in_head:
            seconds = self._patience.head_seconds
            sentence = f"The request took longer than {seconds:g} seconds to come. Send it again."
            self._refuse(answer(408, sentence))
        elif self._answering is None:
            self.transport.abort()
        else:  # of the answer some may still be on its way
            self.transport.close()

    # ------------------------------------------------------------ how a line ends

    def _refuse(self, response: Response) -> None:
        """Nothing more is read of this line, and nobody is interrupted: who is being answered gets
        all of it first, and who was answered is told nothing more."""
        self._takes_no_more = True
        self._stop_waiting()
        broken: RequestResponseCycle | None = self.cycle if self._in_body else None
        if broken is not None and broken is self._answering and not broken.response_started:
            _forget(broken)
            self._part_with(response)
            return
        self._last_words = None if broken is not None else response
        if self._is_at_rest:
            self._part_with(self._last_words)

    def _part_with(self, last_words: Response | None) -> None:
        """What still comes is dropped for a moment: a line that is closed with something on its way
        loses what was said last."""
        self._takes_no_more = True
        if last_words is not None:
            self._say(last_words)
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._end_of_patience = self.loop.call_later(_PARTING_SECONDS, self.transport.close)

    def _say(self, response: Response) -> None:
        """Without the application, which knows nothing of this line."""
        headers = [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
        head = b"".join([STATUS_LINE[response.status_code], *headers, b"connection: close\r\n\r\n"])
        self.transport.write(head + bytes(response.body))


def _forget(cycle: RequestResponseCycle) -> None:
    """Whoever works on it hears that the client is gone, and what they say goes nowhere."""
    if not cycle.response_complete:
        cycle.disconnected = True
    cycle.message_event.set()
