"""A real server in a process of its own, and a real client on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from websockets.asyncio.client import connect

from repartee.testing.server_process import ServerProcess
from repartee.testing.talker import Talker

SCRIPT = """
[llm]
replies = ["So far: {history} Now you said {last_user}, and I answer at some length, as people do."]
"""


class Dial(Protocol):
    def __call__(
        self, server: ServerProcess, path: str = "/ws"
    ) -> AbstractAsyncContextManager[Talker]: ...


@asynccontextmanager
async def _dial(server: ServerProcess, path: str = "/ws") -> AsyncIterator[Talker]:
    async with connect(server.socket_at(path), compression=None, max_size=None) as socket:
        talker = Talker(socket)
        receiving = asyncio.create_task(talker.receive())
        try:
            yield talker
        finally:
            receiving.cancel()


@pytest.fixture(scope="session")
def dial() -> Dial:
    return _dial


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose engines say what a script says; the ear is the real one."""
    script: Path = tmp_path_factory.mktemp("script") / "script.toml"
    script.write_text(SCRIPT)
    engines = {"STT": "scripted", "LLM": "scripted", "TTS": "scripted", "SCRIPT": str(script)}
    with ServerProcess(**engines) as server:
        yield server


@pytest.fixture(scope="session")
def embedded() -> Iterator[ServerProcess]:
    """The server as `make run` starts it."""
    with ServerProcess() as server:
        yield server
