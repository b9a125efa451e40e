"""The cheapest WebSocket client there is: it only knows what a benchmark's callers need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

TEXT, BINARY = 1, 2
_CLOSE, _PING, _PONG = 8, 9, 10
_HELLO = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: cmVwYXJ0ZWUgY2FsbGVycw==\r\n\r\n"
)
_HEAD_END = b"\r\n\r\n"


def frame(kind: int, payload: bytes) -> bytes:
    """As a client sends it: masked, but with noughts, which leave it as it is."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    return bytes([0x80 | kind]) + length + bytes(4) + payload


class Line(asyncio.Protocol):
    """Hands every text message to `hears`, once it is `open`."""

    def __init__(self, port: int, path: str, hears: Callable[[bytes], None]) -> None:
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.cut = False
        self._hello = _HELLO.format(port=port, path=path).encode()
        self._hears = hears
        self._unread = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._hello)

    def connection_lost(self, error: Exception | None) -> None:
        self.cut = True
        if not self.open.done():
            self.open.set_result(None)

    def send(self, made: bytes) -> None:
        """A frame that was made before."""
        self._transport.write(made)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self.open.done() and not self._is_let_in():
            return
        at = 0
        while (payload := self._payload(at)) is not None:
            self._take(self._unread[at] & 0x0F, bytes(self._unread[payload]))
            at = payload.stop
        del self._unread[:at]

    def _is_let_in(self) -> bool:
        end = self._unread.find(_HEAD_END)
        if end < 0:
            return False
        if not self._unread.startswith(b"HTTP/1.1 101"):
            self._transport.close()
            return False
        del self._unread[: end + len(_HEAD_END)]
        self.open.set_result(None)
        return True

    def _payload(self, at: int) -> slice | None:
        """Where that of the frame is, once all of it is here."""
        unread = self._unread
        if len(unread) < at + 2:
            return None
        size, begin = unread[at + 1], at + 2
        if size >= 126:
            begin += 2 if size == 126 else 8
            size = int.from_bytes(unread[at + 2 : begin], "big")
        return slice(begin, begin + size) if len(unread) >= begin + size else None

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            self._hears(payload)
        elif kind == _PING:
            self._transport.write(frame(_PONG, payload))
        elif kind == _CLOSE:
            self._transport.close()
