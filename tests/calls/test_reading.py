"""Reading ahead: the latest words are read, whatever is being read when they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from repartee.calls.reading import Reading
from repartee.engines.llm.scripted import ScriptedResponder
from repartee.engines.protocols import Caller, Message


class SlowReader(ScriptedResponder):
    """Reads as long as it takes, and turns down whatever is asked meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.go_on = asyncio.Event()
        self.fails = False
        self._reading = False

    async def prime(self, caller: Caller, messages: Sequence[Message]) -> None:
        if self._reading:
            return
        self._reading = True
        try:
            await self.go_on.wait()
        finally:
            self._reading = False
        self.read.append(messages[-1].content)
        if self.fails:
            raise RuntimeError("out of memory")


def said(words: str) -> list[Message]:
    return [Message("user", words)]


async def run_with(wishes: Callable[[SlowReader, Reading], Awaitable[None]]) -> list[str]:
    model = SlowReader()
    reading = Reading(model, Caller("ann"))

    async def wish(words: str) -> None:
        await reading.read(said(words))

    async with asyncio.TaskGroup() as tasks:
        for words in ("what is the when", "what is the weather", "what is the weather like"):
            tasks.create_task(wish(words))
            await asyncio.sleep(0)
        await wishes(model, reading)
        model.go_on.set()
    return model.read


def test_the_latest_words_are_read_when_what_is_being_read_is_done() -> None:
    async def nothing_more(model: SlowReader, reading: Reading) -> None:
        """All has been wished."""

    assert asyncio.run(run_with(nothing_more)) == ["what is the when", "what is the weather like"]


def test_nothing_more_once_the_model_is_asked() -> None:
    async def asked(model: SlowReader, reading: Reading) -> None:
        reading.forget()

    assert asyncio.run(run_with(asked)) == ["what is the when"]


def test_a_model_that_fails_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    async def failing(model: SlowReader, reading: Reading) -> None:
        model.fails = True

    assert asyncio.run(run_with(failing)) == ["what is the when", "what is the weather like"]
    assert "could not read ahead" in caplog.text
