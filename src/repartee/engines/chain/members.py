"""The engines of one chain: opened together, looked after, closed together.

A chain works as soon as one of its engines does. Those that could not be opened are tried again
in the background, after pauses that grow; what trying again can't help is told once and left.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Generic, Protocol, TypeVar

import msgspec

from repartee.engines.chain.breaker import BreakerRules
from repartee.engines.chain.race import Race, RaceRules, Switched
from repartee.engines.chain.standing import Standing, State
from repartee.engines.chain.switches import ChainKind, Switch, tell
from repartee.errors import EngineFailed, EngineMissing, ReparteeError, SettingsError

log = logging.getLogger(__name__)

OPEN_TOGETHER_S = 5.0
"""Once one engine is open, the start waits for the others no longer than this."""
PAUSES_S = (5.0, 15.0, 60.0, 300.0)
"""Before each further try to open an engine; the last one again and again."""
LEAVING_S = 0.1
"""An engine that is left has so long to stop before nobody waits for it any more."""
WORKS_AGAIN = "It works again."
_IN_WORDS: Mapping[ChainKind, str] = {
    "stt": "recogniser",
    "llm": "language model",
    "tts": "synthesiser",
}


class ChainRules(msgspec.Struct, frozen=True):
    deadline_s: float = 2.0
    """Within this an engine begins to answer, or the next one is asked."""
    hedge: bool = False
    """Start the next engine when half of that time is gone, and take whoever answers first."""
    breaker: BreakerRules = BreakerRules()


class MemberReport(msgspec.Struct, frozen=True):
    name: str
    state: State
    rests_s: float = 0.0
    """How long it is left alone yet."""
    why: str = ""
    """Why it did not work when it last failed; "" for one that works."""


class ChainReport(msgspec.Struct, frozen=True):
    serving: str
    """Who is asked first at the moment; "" if nobody can be."""
    members: tuple[MemberReport, ...]


class ChainFigures(msgspec.Struct, frozen=True):
    """Since the start."""

    failures: Mapping[str, int]
    """How often each engine failed."""
    switches: Mapping[tuple[str, str], int]
    """How often one engine went on for another: the second for the first."""


class Engine(Protocol):
    @property
    def name(self) -> str: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...


SomeEngine = TypeVar("SomeEngine", bound=Engine)


class Members(Generic[SomeEngine]):
    def __init__(
        self,
        kind: ChainKind,
        engines: Sequence[SomeEngine],
        rules: ChainRules,
        missing: Mapping[str, EngineMissing],
    ) -> None:
        """`missing` are those of the chain that can't even be made here, by name."""
        self.kind = kind
        self.engines = tuple(engines)
        self.name = ",".join(engine.name for engine in engines)
        self.standing = Standing(len(self.engines), rules.breaker)
        self._rules = rules
        self._missing = missing
        self._why: dict[int, str] = {}
        self._switches: Counter[tuple[str, str]] = Counter()
        self._tried: set[int] = set()
        """Those of which it is known how their first opening went."""
        self._mistake: SettingsError | None = None
        """A setting that is wrong stops the start, however many other engines there are."""
        self._changed = asyncio.Event()
        self._opening: list[asyncio.Task[None]] = []
        self._leaving: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        states = (
            f"{engine.name} {self.standing.state(member)}"
            for member, engine in enumerate(self.engines)
        )
        return f"<Members: {', '.join(states)}>"

    # ------------------------------------------------------------ opening and closing

    async def open(self) -> None:
        """Returns when one is open and the others had their chance; raises if none can be."""
        for name, problem in self._missing.items():
            log.warning("%s goes on without %s: %s", self.name, name, problem)
        members = range(len(self.engines))
        self._opening = [asyncio.create_task(self._bring_up(member)) for member in members]
        while len(self._tried) < len(self.engines) and not self.standing.there:
            await self._change()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OPEN_TOGETHER_S):
                while len(self._tried) < len(self.engines):
                    await self._change()
        if self._mistake is not None:
            await self.close()
            raise self._mistake
        if not self.standing.there:
            await self.close()
            raise EngineFailed(
                f"None of the engines {self.name} could be opened. {' '.join(self._why.values())}"
            )

    async def close(self) -> None:
        """One that can't be closed keeps no other open."""
        opening, self._opening = self._opening, []
        await _ended([*opening, *self._leaving])
        there, self.standing.there = self.standing.there, set()
        closing = (self._close(member) for member in sorted(there))
        await asyncio.gather(*closing)

    async def _bring_up(self, member: int) -> None:
        """Open this one, however often it takes, while that can help."""
        name = self.engines[member].name
        for attempt in count():
            if attempt:
                await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S)) - 1])
            failure = await self._opened(member)
            if failure is None:
                if attempt:
                    log.info("The engine %s is open at last.", name)
                return
            if not attempt:
                for_now = " for now" if failure.retryable else ""
                log.warning("%s goes on without %s%s: %s", self.name, name, for_now, failure)
            if not failure.retryable:
                return

    async def _opened(self, member: int) -> ReparteeError | None:
        """Why it could not be opened; None if it is."""
        try:
            await self.engines[member].open()
        except asyncio.CancelledError:
            await self._close(member)
            raise
        except Exception as problem:
            await self._close(member)
            self._mistake = problem if isinstance(problem, SettingsError) else self._mistake
            return self.broke(member, problem)
        else:
            self.standing.there.add(member)
            self._why.pop(member, None)
            return None
        finally:
            self._tried.add(member)
            self._changed.set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def _close(self, member: int) -> None:
        engine = self.engines[member]
        try:
            await engine.close()
        except Exception:
            log.warning("The %s engine did not close well.", engine.name, exc_info=True)

    # ------------------------------------------------------------ at work

    def race(self, among: Sequence[int] | None = None, *, hurried: bool = True) -> Race:
        """A race of everybody, or of these only."""
        everybody = range(len(self.engines)) if among is None else among
        deadline_s = self._rules.deadline_s if hurried else None
        return Race(self.standing, RaceRules(deadline_s, self._rules.hedge), everybody)

    def leading(self, now: float) -> int:
        """Who would be asked now; the first of all while none is open."""
        return self.standing.next(range(len(self.engines)), (), now) or 0

    def broke(self, member: int, problem: Exception) -> ReparteeError:
        """What went wrong, in a sentence; of what is no error of ours only the log learns more."""
        name = self.engines[member].name
        failure = problem
        while isinstance(failure, ExceptionGroup):
            failure = failure.exceptions[0]
        if not isinstance(failure, ReparteeError):
            log.error("The %s engine broke.", name, exc_info=problem)
            failure = EngineFailed(f"The {name} engine broke.", hint="The log says why.")
        self._why[member] = str(failure)
        return failure

    def switched(self, move: Switched) -> None:
        """It is told once in the log, and once to the call for whose sake it happened."""
        before, after = self.engines[move.before].name, self.engines[move.after].name
        why = WORKS_AGAIN if move.failure is None else str(move.failure)
        if move.failure is not None:
            self._why[move.before] = why
        level = logging.INFO if move.failure is None else logging.WARNING
        self._switches[before, after] += 1
        what = _IN_WORDS[self.kind]
        log.log(level, "The %s %s goes on for %s: %s", what, after, before, why)
        tell(Switch(self.kind, before, after, why))

    def left(self, task: asyncio.Task[None]) -> None:
        """This work was cancelled. Its end is awaited by whoever closes the chain."""
        if not task.done():
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    @property
    def deadline_s(self) -> float:
        return self._rules.deadline_s

    @property
    def ready(self) -> bool:
        """Whether any of them can work, as far as they can tell."""
        return any(getattr(self.engines[one], "ready", True) for one in self.standing.there)

    def report(self) -> ChainReport:
        """How each of them is: those that are there, and those that can't be."""
        now = asyncio.get_running_loop().time()
        ours = [self._report_on(member, now) for member in range(len(self.engines))]
        gone = [MemberReport(name, "absent", 0.0, str(why)) for name, why in self._missing.items()]
        serving = self.engines[self.leading(now)].name if self.standing.there else ""
        return ChainReport(serving, (*ours, *gone))

    def figures(self) -> ChainFigures:
        both = zip(self.engines, self.standing.breakers, strict=True)
        failures = {engine.name: breaker.failures for engine, breaker in both}
        return ChainFigures(failures, dict(self._switches))

    def _report_on(self, member: int, now: float) -> MemberReport:
        state = self.standing.state(member)
        return MemberReport(
            self.engines[member].name,
            state,
            round(self.standing.breakers[member].rests_for(now), 1),
            "" if state == "working" else self._why.get(member, ""),
        )


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
