"""One turn being heard: sound goes to the recogniser, partials and finals come back as events."""

from __future__ import annotations

import logging
from collections.abc import Callable

import anyio

from repartee.calls.clock import now
from repartee.calls.failures import sentence_of
from repartee.calls.pressure import NO_PRESSURE, Pressure
from repartee.conversation import events as ev
from repartee.engines.protocols import Caller, Hearing, Recognizer, Samples

log = logging.getLogger(__name__)

_MOST_REQUESTS = 64
FEWER_SECONDS = 0.5
"""Between one partial and the next, when there are to be fewer of them."""


class TurnHearing:
    def __init__(
        self,
        turn: int,
        recognizer: Recognizer,
        caller: Caller,
        language: str,
        happened: Callable[[ev.Event], None],
        pressure: Pressure = NO_PRESSURE,
    ) -> None:
        self.turn = turn
        self._recognizer = recognizer
        self._caller = caller
        self._language = language
        self._happened = happened
        self._pressure = pressure
        self._scope = anyio.CancelScope()
        self._hearing: Hearing | None = None
        self._early: list[Samples] = []
        self._ask, self._asked = anyio.create_memory_object_stream[int](_MOST_REQUESTS)

    def feed(self, samples: Samples) -> None:
        if self._hearing is None:
            self._early.append(samples)  # the recogniser opens within milliseconds
        else:
            self._hearing.feed(samples)

    def finalise(self, attempt: int) -> None:
        try:
            self._ask.send_nowait(attempt)
        except anyio.WouldBlock:
            log.warning("A recogniser leaves %d requests unanswered.", _MOST_REQUESTS)
        except anyio.ClosedResourceError:
            log.debug("A final transcript is wanted of a hearing that is over.")

    def stop(self) -> None:
        self._scope.cancel()

    async def run(self) -> None:
        try:
            with self._scope, self._ask, self._asked:
                async with self._recognizer.listen(self._caller, self._language) as hearing:
                    self._open(hearing)
                    async with anyio.create_task_group() as tasks:
                        tasks.start_soon(self._report_partials, hearing)
                        await self._answer_requests(hearing)
        except* Exception as failure:
            sentence = sentence_of(failure, "The speech recogniser failed. Please try again.")
            self._happened(ev.EngineFailed("hearing", sentence, turn=self.turn))

    def _open(self, hearing: Hearing) -> None:
        for samples in self._early:
            hearing.feed(samples)
        self._early.clear()
        self._hearing = hearing

    async def _report_partials(self, hearing: Hearing) -> None:
        told_at = now() - FEWER_SECONDS
        async for text in hearing.partials():
            if self._pressure.allows_all_partials or now() - told_at >= FEWER_SECONDS:
                told_at = now()
                self._happened(ev.PartialHeard(self.turn, text))

    async def _answer_requests(self, hearing: Hearing) -> None:
        """Only the latest request counts: the speaker went on after the one before."""
        settling = anyio.CancelScope()
        async with anyio.create_task_group() as tasks:
            async for attempt in self._asked:
                settling.cancel()
                settling = anyio.CancelScope()
                tasks.start_soon(self._settle, hearing, attempt, settling)

    async def _settle(self, hearing: Hearing, attempt: int, scope: anyio.CancelScope) -> None:
        with scope:
            final = await hearing.settle()
            if final.finished is not None:
                self._happened(ev.TurnJudged(self.turn, attempt, final.finished))
            heard = ev.FinalHeard(self.turn, attempt, final.text, final.confidence, final.language)
            self._happened(heard)
