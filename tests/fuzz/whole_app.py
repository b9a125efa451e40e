"""The whole application in one process, in patient time: clients come in where real ones do.

Nothing is left out but the port: requests and sockets go through the middleware and the routes,
turns are kept by the real keeper in a real database, recordings are really decoded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, TypeVar

import anyio
import httpx
from fastapi import FastAPI

from repartee.calls.decoding import DecodingRoom
from repartee.engines.build import Engines
from repartee.server.app import build_app
from repartee.server.house import House, build_house
from repartee.settings import Settings
from repartee.store.keeper import keeping
from tests.calls.fakes import Trouble
from tests.calls.line import scripted
from tests.fuzz.patient_time import PatientCrew, Stage, patient_store
from tests.server.fake_socket import FakeSocket

T = TypeVar("T")

_HERE = ("127.0.0.1", 50_000)


class PatientDecoding(DecodingRoom):
    def __init__(self) -> None:
        super().__init__()
        self._live = PatientCrew("live decoding", 2)
        self._uploads = PatientCrew("decoding", 2)


class Phone(FakeSocket):
    """A socket to the application, until it is left."""

    def __init__(self, trouble: Trouble | None = None) -> None:
        super().__init__(trouble)
        self.over = anyio.Event()

    async def serve(self, app: FastAPI, path: str, query: str) -> None:
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost:8000")],
            "client": _HERE,
            "server": ("127.0.0.1", 8_000),
            "subprotocols": [],
            "state": {},
        }
        await app(scope, self._said.receive, self._take)
        self.over.set()

    async def next(self, kind: str, since: int) -> dict[str, Any]:
        """The first frame of this type that is not among so many."""
        return await self.until(lambda f: f["type"] == kind and f in self.frames[since:])


class WholeApp:
    def __init__(self, house: House) -> None:
        self.house = house
        self.asgi = build_app(house)

    @asynccontextmanager
    async def phone(
        self, path: str, query: str = "", trouble: Trouble | None = None
    ) -> AsyncIterator[Phone]:
        """Somebody on the line, until this is left; then their call is over."""
        phone = Phone(trouble)
        with phone:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(phone.serve, self.asgi, path, query)
                yield phone
                phone.leave()
                await phone.over.wait()

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[httpx.AsyncClient]:
        """An exception that nobody answers for goes through to the test."""
        transport = httpx.ASGITransport(self.asgi, client=_HERE)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as one:
            yield one


@asynccontextmanager
async def whole_app(
    engines: Engines | None = None, url: str = "sqlite:///:memory:", **settings: Any
) -> AsyncIterator[WholeApp]:
    decoding = PatientDecoding()
    try:
        async with patient_store(url) as store, keeping(store) as keeper:
            given = Settings(**settings)
            house = build_house(given, engines or scripted(), decoding, store, keeper)
            try:
                yield WholeApp(house)
            finally:
                await house.visitors.close()
    finally:
        await decoding.close()


class OnStage:
    """An application that stays open from one try to the next."""

    def __init__(self, stage: Stage, app: WholeApp) -> None:
        self.app = app
        self._stage = stage

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._stage.run(work)


@contextmanager
def on_stage(engines: Engines | None = None, **settings: Any) -> Iterator[OnStage]:
    with Stage() as stage:
        stack = AsyncExitStack()
        app = stage.run(stack.enter_async_context(whole_app(engines, **settings)))
        try:
            yield OnStage(stage, app)
        finally:
            stage.run(stack.aclose())
