"""What a line is once it has become a WebSocket: uvicorn's protocol, counted until it is gone."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from repartee.server.limits.connections import Connections
from repartee.server.stalled import TimedTransport
from repartee.server.uvicorn_parts import WebSocketsSansIOProtocol


class SocketLine(WebSocketsSansIOProtocol):
    transport: TimedTransport
    """That of the line which it takes over."""

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
        self.transport.lost()
