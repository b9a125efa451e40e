"""Virtual time in which threads take none: the clock stands still while one of them is at work.

The loop of `tests.calls.virtual_time` knows of no threads, so a database or a decoder would never
come to answer before its clock has jumped to the next time-out. Here whoever hands work to a thread
says so, and the loop really waits for that long.
"""

from __future__ import annotations

import asyncio
import logging
import selectors
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Self, TypeVar

from repartee.engines.blocking import Crew
from repartee.store.opening import opened
from tests.calls.virtual_time import Backend, NothingWillHappen, VirtualLoop, _Jumping

T = TypeVar("T")

_LONGEST_WORK_SECONDS = 30.0
LONGEST_TRY_SECONDS = 24 * 3_600.0


class _Patient(_Jumping):
    def __init__(self) -> None:
        super().__init__()
        self.threads = 0

    def begin_again(self) -> None:
        """Many tries together may take longer than any one of them."""
        self._ends_at = self.now + LONGEST_TRY_SECONDS

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.threads or timeout == 0:
            try:
                return super().select(timeout)
            except NothingWillHappen:  # unless a thread that nobody told of comes to an end
                if ready := selectors.SelectSelector.select(self, _LONGEST_WORK_SECONDS / 10):
                    return ready
                raise
        ready = selectors.SelectSelector.select(self, _LONGEST_WORK_SECONDS)
        assert ready, "a thread does not come to an end"
        return ready


class PatientLoop(VirtualLoop):
    """`troubles` are what nobody has caught."""

    def __init__(self) -> None:
        self._patient = self._jumping = _Patient()
        asyncio.SelectorEventLoop.__init__(self, self._jumping)
        self.troubles: list[str] = []
        self.set_exception_handler(lambda _, trouble: self.troubles.append(str(trouble)))

    def begin_again(self) -> None:
        self._patient.begin_again()

    @contextmanager
    def thread_at_work(self) -> Iterator[None]:
        self._patient.threads += 1
        try:
            yield
        finally:
            self._patient.threads -= 1

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        at_work = self.thread_at_work()
        at_work.__enter__()
        outcome = super().run_in_executor(executor, func, *args)
        outcome.add_done_callback(lambda _: at_work.__exit__(None, None, None))
        return outcome

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        with self.thread_at_work():
            await super().shutdown_default_executor()


IN_PATIENT_TIME: Backend = ("asyncio", {"loop_factory": PatientLoop})


@contextmanager
def thread_at_work() -> Iterator[None]:
    """Inside, the clock stands still; in real time this is nothing."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, PatientLoop):
        yield
        return
    with loop.thread_at_work():
        yield


class PatientCrew(Crew):
    async def run(self, function: Callable[[], T]) -> T:
        with thread_at_work():
            return await super().run(function)


class Patiently:
    """In the place of something whose methods are done by threads, as those of a database are."""

    def __init__(self, threaded: Any) -> None:
        self._threaded = threaded

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._threaded, name)

        async def patiently(*arguments: Any, **more: Any) -> Any:
            with thread_at_work():
                return await method(*arguments, **more)

        return patiently


@asynccontextmanager
async def patient_store(url: str) -> AsyncIterator[Any]:
    """The store at this address, open."""
    stack = AsyncExitStack()
    with thread_at_work():
        store = await stack.enter_async_context(opened(url))
    try:
        yield Patiently(store)
    finally:
        with thread_at_work():
            await stack.aclose()


class _Complaints(logging.Handler):
    """Keeps what the log is told of a fault; that somebody erred is no fault."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            trouble = record.exc_info[1] if record.exc_info else ""
            self.heard.append(f"{record.name}: {record.getMessage()} {trouble!r}")


class Stage:
    """A loop in patient time that outlives what runs on it, for tests that are no coroutines."""

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner(loop_factory=PatientLoop)
        self._runner.__enter__()
        self._complaints = _Complaints()
        logging.getLogger().addHandler(self._complaints)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._complaints)
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of it; whatever breaks on the way, in it or beside it, is a failure."""
        loop = self._runner.get_loop()
        assert isinstance(loop, PatientLoop)
        loop.begin_again()
        outcome = self._runner.run(work)
        troubles = [*loop.troubles, *self._complaints.heard]
        loop.troubles.clear()
        self._complaints.heard.clear()
        assert troubles == []
        return outcome
