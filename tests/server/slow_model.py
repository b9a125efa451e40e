"""A model that is in the midst of its answer until a test lets it go on."""

from __future__ import annotations

import anyio

from repartee.engines.build import Engines
from tests.calls.fakes import FakeModel, writes
from tests.calls.line import scripted


class Slow:
    def __init__(self) -> None:
        self.asked = anyio.Event()
        self.may_go_on = anyio.Event()

    @property
    def engines(self) -> Engines:
        return scripted(llm=FakeModel(writes("This is the beginning.", self._wait, "The end.")))

    async def _wait(self) -> None:
        self.asked.set()
        await self.may_go_on.wait()
