"""A workshop forks a worker for each piece of work; whatever happens to one stays with it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from repartee.engines import workshop as workshop_module
from repartee.engines.worker import Line, framed
from repartee.engines.workshop import Worker, Workshop
from repartee.errors import EngineFailed
from tests.engines.worker_examples import Note

pytestmark = pytest.mark.anyio
HERE = str(Path(__file__).parent)


@pytest.fixture(autouse=True)
def examples_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", HERE)


class Customer:
    """Hires one worker and keeps what it says; None stands for its loss."""

    def __init__(self, workshop: Workshop) -> None:
        self.answers: asyncio.Queue[str | None] = asyncio.Queue()
        self.worker: Worker = workshop.hire(self._hear, lambda: self.answers.put_nowait(None))

    def _hear(self, body: bytes) -> None:
        self.answers.put_nowait(msgspec.msgpack.decode(body, type=Note).text)

    async def ask(self, text: str) -> str | None:
        self.worker.send(Note(text))
        return await self.answers.get()


@asynccontextmanager
async def running(
    trade: str, *, at_once: int = 4, most_waiting: int = 4
) -> AsyncIterator[Workshop]:
    workshop = Workshop(
        trade, f"worker_examples:{trade}", at_once=at_once, most_waiting=most_waiting
    )
    await workshop.open()
    try:
        yield workshop
    finally:
        await workshop.close()


def pid_of(workshop: Workshop) -> int:
    assert workshop.pid is not None
    return workshop.pid


async def hire_until_refused(workshop: Workshop) -> None:
    while True:
        assert await Customer(workshop).answers.get() is None


class TestWork:
    async def test_what_is_sent_arrives_whole_and_in_order(self) -> None:
        async with running("echo") as workshop:
            customer = Customer(workshop)
            texts = ["a", "", "b" * 1_000_000, "ü€"]
            for text in texts:
                customer.worker.send(Note(text))
            assert [await customer.answers.get() for _ in texts] == texts

    async def test_nothing_of_one_piece_of_work_reaches_the_next(self) -> None:
        async with running("count") as workshop:
            first, second = Customer(workshop), Customer(workshop)
            assert [await first.ask("x") for _ in range(3)] == ["1", "2", "3"]
            assert await second.ask("x") == "1"

    async def test_what_is_done_in_a_copy_changes_nothing(self) -> None:
        async with running("count") as workshop:
            customer = Customer(workshop)
            assert [await customer.ask(text) for text in ("x", "peek", "peek", "x")] == [*"1222"]

    async def test_beyond_the_bound_they_wait_for_their_turn(self) -> None:
        async with running("echo", at_once=1) as workshop:
            first, second = Customer(workshop), Customer(workshop)
            second.worker.send(Note("early"))
            assert repr(workshop) == "<Workshop echo ready: 1 of 1 working, 1 waiting>"
            assert await first.ask("now") == "now"
            assert second.answers.empty()
            first.worker.close()
            assert await second.answers.get() == "early"

    async def test_and_beyond_that_they_are_refused(self) -> None:
        async with running("echo", at_once=1, most_waiting=1) as workshop:
            working, waiting = Customer(workshop), Customer(workshop)
            with pytest.raises(EngineFailed, match="busy"):
                Customer(workshop)
            waiting.worker.close()
            third = Customer(workshop)
            working.worker.close()
            assert await third.ask("at last") == "at last"

    async def test_a_worker_that_is_far_behind_counts_as_lost(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workshop_module, "MOST_UNSENT_BYTES", 100_000)
        async with running("deaf") as workshop:
            customer = Customer(workshop)
            for _ in range(200):
                customer.worker.send(Note("x" * 10_000))
            assert await customer.answers.get() is None
            assert not customer.worker.open


class TestCrashes:
    async def test_a_crash_is_noticed_and_takes_only_its_own_work(self) -> None:
        async with running("echo") as workshop:
            careful, reckless = Customer(workshop), Customer(workshop)
            assert await reckless.ask("die") is None
            assert await careful.ask("still here") == "still here"

    async def test_the_process_is_started_again(self) -> None:
        async with running("echo") as workshop:
            at_work = Customer(workshop)
            worker_pid = await at_work.ask("pid")
            for _ in range(2):
                os.kill(pid_of(workshop), signal.SIGKILL)
                # Work that was handed to the dying process is lost; the next waits for the new one.
                while (answer := await Customer(workshop).ask("hello")) is None:
                    pass
                assert answer == "hello"
            assert await at_work.ask("pid") == worker_pid

    async def test_one_that_keeps_crashing_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with running("echo") as workshop:
            monkeypatch.setattr(workshop, "_factory", "worker_examples:broken")
            monkeypatch.setattr(workshop_module, "SHORTEST_PAUSE_S", 60.0)
            os.kill(pid_of(workshop), signal.SIGKILL)
            with pytest.raises(EngineFailed, match="keeps crashing"):
                await hire_until_refused(workshop)

    async def test_one_that_can_not_start_says_so(self) -> None:
        workshop = Workshop("broken", "worker_examples:broken", at_once=1, most_waiting=1)
        with pytest.raises(EngineFailed, match="could not start"):
            await workshop.open()

    async def test_interrupts_are_for_the_server_alone(self) -> None:
        async with running("echo") as workshop:
            before = Customer(workshop)
            for pid in (pid_of(workshop), int(await before.ask("pid") or 0)):
                os.kill(pid, signal.SIGINT)
                os.kill(pid, signal.SIGTERM)
            assert await before.ask("unmoved") == "unmoved"
            assert await Customer(workshop).ask("unmoved") == "unmoved"


class TestEnd:
    async def test_closing_ends_every_worker(self) -> None:
        async with running("echo", at_once=1) as workshop:
            working, waiting = Customer(workshop), Customer(workshop)
        assert [await customer.answers.get() for customer in (working, waiting)] == [None, None]
        with pytest.raises(EngineFailed, match="not open"):
            Customer(workshop)

    async def test_nothing_outlives_a_server_that_is_killed(self) -> None:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", SERVER),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert server.stdout is not None
        assert await server.stdout.readline() == b"working\n"
        server.kill()
        # Its workers share these pipes: the last of them to end closes them.
        assert await server.communicate() == (b"", b"")


class TestLine:
    def test_work_that_nobody_waits_for_is_dropped(self) -> None:
        server, worker = socket.socketpair()
        with worker:
            line = Line(worker, Note)
            server.sendall(framed(Note("one")) + framed(Note("two")))
            assert line.receive() == Note("one")
            server.close()
            assert line.receive() is None


SERVER = """
import asyncio
from repartee.engines.workshop import Workshop
from worker_examples import Note

async def main():
    workshop = Workshop("echo", "worker_examples:echo", at_once=1, most_waiting=1)
    await workshop.open()
    worker = workshop.hire(lambda body: print("working", flush=True), lambda: None)
    worker.send(Note("hello"))
    await asyncio.Event().wait()

asyncio.run(main())
"""
