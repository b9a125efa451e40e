"""The lines to the server, below its application: uvicorn's protocols, with bounds to silence.

uvicorn waits as long as it takes for a request to begin, to go on, or to end after it was answered.
Here each of these has its time, and each line is counted for as long as it lasts. What is being
answered is never cut off, and once a line has become a WebSocket nothing here looks at its frames.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from typing import Any

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from repartee.calls.refusals import TryLater
from repartee.server.limits.connections import Connections
from repartee.server.problems import answer, answer_to

MOST_HEAD_BYTES = 65_536
"""The parser itself takes headers without end."""
_PARTING_SECONDS = 1.0


class Patience(msgspec.Struct, frozen=True):
    head_seconds: float
    """For a request to begin and for its headers to come."""
    body_seconds: float
    """For the rest of a body that nobody wants any more, because it is answered already."""


class HttpLine(HttpToolsProtocol):
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
        self._head_bytes = 0
        self._is_parting = False

    # ------------------------------------------------------------ the line itself

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        try:
            self._connections.let_in(transport, self.client[0] if self.client else "")
        except TryLater as full:
            self._answer(answer_to(full))
            transport.close()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._connections.gone(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_parting or self.transport.is_closing():
            return
        was_in_body = self._in_body
        super().data_received(data)
        if self._is_socket or self.transport.is_closing():
            return
        if self._in_head and not was_in_body:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._part_with(answer(431, "The headers of the request are too long. Send less."))
                return
        if self._is_at_rest and self._end_of_patience is None:
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        """Another protocol takes the line over, and tells when it is gone."""
        self._is_socket = True
        super().handle_websocket_upgrade()

    # ------------------------------------------------------------ where a request stands

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_body = False
        self._stop_waiting()
        super().on_message_complete()

    @property
    def _is_at_rest(self) -> bool:
        """Nothing is being answered."""
        last: RequestResponseCycle | None = self.cycle
        return last is None or last.response_complete

    # ------------------------------------------------------------ patience

    def _wait(self) -> None:
        patience = self._patience
        seconds = patience.body_seconds if self._in_body else patience.head_seconds
        self._end_of_patience = self.loop.call_later(seconds, self._has_waited)
        self._connections.owes(self.transport)

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
            self._part_with(answer(408, sentence))
        else:
            self.transport.abort()

    def _part_with(self, response: Response) -> None:
        """What still comes is dropped for a moment: a line that is closed with something on its way
        loses what was said last."""
        self._answer(response)
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self._is_parting = True
        self._stop_waiting()
        self._end_of_patience = self.loop.call_later(_PARTING_SECONDS, self.transport.abort)

    def _answer(self, response: Response) -> None:
        """Without the application, which knows nothing of this line."""
        headers = [name + b": " + value + b"\r\n" for name, value in response.raw_headers]
        head = b"".join([STATUS_LINE[response.status_code], *headers, b"connection: close\r\n\r\n"])
        self.transport.write(head + bytes(response.body))


class SocketLine(WebSocketsSansIOProtocol):
    def __init__(
        self,
        connections: Connections,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._connections = connections
        self._application = self.app
        self.app = self._answered

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """uvicorn takes a handshake that was answered with a status for one that was forgotten,
        and complains about the application until the line is closed."""
        await self._application(scope, receive, send)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.gone(self.transport)
        super().connection_lost(exc)
