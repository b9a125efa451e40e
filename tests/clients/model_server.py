"""A stand-in for a server of whisper.cpp or Kokoro, as a program: `model_server.py kokoro 8081`."""

from __future__ import annotations

import asyncio
import sys

from repartee.testing.standins import StandIn, Wire
from repartee.testing.standins.kokoro import KokoroWire
from repartee.testing.standins.whispercpp import WhisperCppWire


def wire_of(kind: str, words: list[str]) -> Wire:
    return KokoroWire() if kind == "kokoro" else WhisperCppWire(" ".join(words))


async def serve(wire: Wire, port: int) -> None:
    server = StandIn(wire)
    server.port = port
    async with server:
        await asyncio.Event().wait()


if __name__ == "__main__":
    _, kind, port, *words = sys.argv
    asyncio.run(serve(wire_of(kind, words), int(port)))
