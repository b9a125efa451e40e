"""The callers of a benchmark: a WebSocket client of their own, and what they make of a reply."""

from __future__ import annotations

import asyncio

import pytest
from benchmarks.callers import lateness_ms
from benchmarks.line import BINARY, TEXT, Line, frame

_WELCOME = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
_PING, _CLOSE = bytes([0x89, 2]) + b"hi", bytes([0x88, 0])


class _Wire(asyncio.Transport):
    """Keeps what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True


def _told(text: bytes) -> bytes:
    """As a server sends it: without a mask, its length in as few bytes as it takes."""
    size = len(text)
    if size < 126:
        return bytes([0x81, size]) + text
    if size < 65_536:
        return bytes([0x81, 126]) + size.to_bytes(2, "big") + text
    return bytes([0x81, 127]) + size.to_bytes(8, "big") + text


async def _heard(data: bytes, piece: int) -> tuple[list[bytes], Line, _Wire]:
    heard: list[bytes] = []
    line, wire = Line(8000, "/ws", heard.append), _Wire()
    line.connection_made(wire)
    for at in range(0, len(data), piece):
        line.data_received(data[at : at + piece])
    return heard, line, wire


@pytest.mark.parametrize("piece", [1, 7, 1_000_000])
def test_messages_of_any_length_are_heard_however_they_arrive(piece: int) -> None:
    messages = [b"", b"short", b"x" * 125, b"y" * 126, b"z" * 70_000]
    data = _WELCOME + b"".join(map(_told, messages))
    heard, line, _ = asyncio.run(_heard(data, piece))
    assert heard == messages
    assert line.open.done()


def test_a_ping_is_answered_and_a_farewell_taken() -> None:
    heard, _, wire = asyncio.run(_heard(_WELCOME + _PING + _CLOSE, 1))
    assert heard == []
    assert wire.written[1:] == [frame(10, b"hi")]
    assert wire.closed


def test_a_line_that_is_refused_is_hung_up() -> None:
    heard, line, wire = asyncio.run(_heard(b"HTTP/1.1 503 Busy\r\n\r\n", 1_000))
    assert wire.closed
    assert not line.open.done()
    line.connection_lost(None)
    assert line.cut
    assert line.open.done()
    assert heard == []


@pytest.mark.parametrize(("kind", "size"), [(TEXT, 3), (BINARY, 640)])
def test_what_is_sent_is_masked_with_noughts(kind: int, size: int) -> None:
    made = frame(kind, b"a" * size)
    assert made[0] == 0x80 | kind
    assert made[1] & 0x80
    assert made.endswith(bytes(4) + b"a" * size)


def test_a_frame_is_as_late_as_the_most_punctual_one_was_earlier() -> None:
    ahead = [(0.0, 0.04)] * 10
    assert lateness_ms([*ahead, (0.40, 0.04), (0.45, 0.04), (0.48, 0.04)]) == pytest.approx(
        [0, 10, 0]
    )


def test_a_reply_that_is_all_ahead_of_its_time_is_never_late() -> None:
    assert lateness_ms([(0.0, 0.04)] * 10) == []
