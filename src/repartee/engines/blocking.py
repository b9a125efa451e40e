"""From libraries that block and call back to async iterators.

A `Crew` is the handful of threads an engine works with. `Crew.stream` runs a function that puts
items on a `Line`, and gives them to the event loop as they come. A reader who leaves, or is
cancelled, is noticed by that function at its next item, or by the bell that it has hung up; it is
never waited for. Work that has not begun by then never begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from repartee.errors import EngineFailed

T = TypeVar("T")


class Line(Generic[T]):
    """Items on their way from one thread to one reader on the event loop, `room` at most."""

    def __init__(self, room: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._items: asyncio.Queue[T | Future[None]] = asyncio.Queue()
        self._room = threading.Semaphore(room)
        self._bell: Callable[[], None] | None = None
        self.left = False
        """Nobody reads any more."""

    def put(self, item: T) -> bool:
        """Called by the thread; waits while the reader is far behind. False: nobody reads."""
        if not self.left:
            self._room.acquire()
        if self.left:
            return False
        return self._post(item)

    def end(self, outcome: Future[None]) -> None:
        """Called when the thread has finished, well or not."""
        self._post(outcome)

    async def get(self) -> T | Future[None]:
        """The next item, or how the work ended."""
        item = await self._items.get()
        self._room.release()
        return item

    def leave(self) -> None:
        """The reader goes, and a thread that waits for room is let go."""
        self.left = True
        if (ring := self._bell) is not None:
            ring()
        self._room.release()

    @contextlib.contextmanager
    def bell(self, ring: Callable[[], None]) -> Iterator[None]:
        """Used by the thread: `ring` is called when the reader goes while this lasts, and at once
        if nobody is there. It must not block."""
        self._bell = ring
        if self.left:
            ring()
        try:
            yield
        finally:
            self._bell = None

    def _post(self, item: T | Future[None]) -> bool:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there to read
            self._loop.call_soon_threadsafe(self._items.put_nowait, item)
            return True
        return False


class Crew:
    """A few threads that belong to one engine."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._lines: set[Line[Any]] = set()
        self._closed = False

    async def run(self, function: Callable[[], T]) -> T:
        """What this blocking function returns."""
        return await asyncio.wrap_future(self._submit(function))

    def start(self, function: Callable[[], T], at_end: Callable[[], None]) -> Future[T]:
        """Begin this now; `at_end` is called on the event loop when it has really returned."""
        loop = asyncio.get_running_loop()

        def ended(_: Future[T]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, so nobody cares
                loop.call_soon_threadsafe(at_end)

        try:
            outcome = self._submit(function)
        except EngineFailed:
            at_end()
            raise
        outcome.add_done_callback(ended)
        return outcome

    async def stream(
        self, work: Callable[[Line[T]], None], *, room: int, at_end: Callable[[], None]
    ) -> AsyncGenerator[T, None]:
        """The items that `work` puts on its line.

        `work` may return a little after the reader has left: that is when `at_end` is called.
        """
        line: Line[T] = Line(room)
        outcome = self.start(lambda: work(line), at_end)
        outcome.add_done_callback(line.end)
        self._lines.add(line)
        try:
            while not isinstance(item := await line.get(), Future):
                yield item
            if item.cancelled():
                raise self._is_closed()
            item.result()
        finally:
            line.leave()
            self._lines.discard(line)
            outcome.cancel()  # it may not even have begun

    async def close(self) -> None:
        """Stop every stream and wait until the threads are done."""
        self._closed = True
        for line in self._lines:
            line.leave()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)

    def _submit(self, function: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise self._is_closed()
        return self._threads.submit(function)

    def _is_closed(self) -> EngineFailed:
        return EngineFailed(f"The {self._name} engine is closed.")
