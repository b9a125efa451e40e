"""A server that finds out what it carries, by engines that are none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio

from repartee.engines.protocols import Synthesizer
from repartee.server import measuring
from repartee.server.house import House
from tests.calls.fakes import FakeModel
from tests.calls.line import scripted
from tests.server.open_house import open_house


@asynccontextmanager
async def being_measured(
    model: FakeModel, folder: Path, tts: Synthesizer | None = None, **settings: Any
) -> AsyncIterator[House]:
    """A server as it is when its port has just been opened; at the end it knows what it carries."""
    async with (
        open_house(
            engines=scripted(llm=model, tts=tts), models_dir=str(folder), **settings
        ) as house,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(measuring.know_capacity, house)
        with anyio.fail_after(20):
            yield house
            while house.roster.basis != "measured":
                await anyio.sleep(0.01)
