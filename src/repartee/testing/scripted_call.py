"""A call as a script: a conversation, a virtual clock, and engines that know their lines.

    call = ScriptedCall(hears("what time is it"), answers("It is noon."))
    call.play([(1.0, SpeechStarted(1.0)), (2.0, SpeechPaused(2.0))])
    assert call.told(ReplyCompleted) == [(3.55, ReplyCompleted(1, "spoken", "It is noon."))]

The clock jumps from one thing that happens to the next, so an hour of talk takes milliseconds.
The deadline of the conversation is kept to the instant; what a reaction answers to a command
happens after the delay that it names, as an engine's answer would.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from repartee.conversation import Conversation, Rules, told
from repartee.conversation import commands as do
from repartee.conversation import events as ev

Later = tuple[float, ev.Event]
"""So many seconds from now, this happens."""
Reaction = Callable[[do.Command], Iterable[Later]]
"""What the world outside answers to a command."""

SomeTold = TypeVar("SomeTold", bound=told.Told)


class ScriptedCall:
    """`journal` holds what happened, `steps` what was wished, both with their moments."""

    def __init__(self, *reactions: Reaction, rules: Rules | None = None) -> None:
        self.conversation = Conversation(rules or Rules())
        self.journal: list[tuple[float, ev.Event]] = []
        self.steps: list[tuple[float, do.Command]] = []
        self._reactions = reactions
        self._ahead: list[tuple[float, int, ev.Event]] = []
        self._planned = 0

    def play(
        self, script: Iterable[tuple[float, ev.Event]], until: float = float("inf")
    ) -> list[tuple[float, do.Command]]:
        """Let the script happen, and what follows from it, up to this moment or to the end."""
        for moment, event in script:
            self._plan(moment, event)
        while (now := self._next_moment()) is not None and now <= until:
            self._happen(self._next_event(now), now)
        return self.steps

    def told(self, kind: type[SomeTold]) -> list[tuple[float, SomeTold]]:
        """What the client was told of this kind, and when."""
        said = [(now, step.told) for now, step in self.steps if isinstance(step, do.Tell)]
        return [(now, what) for now, what in said if isinstance(what, kind)]

    def _plan(self, moment: float, event: ev.Event) -> None:
        self._planned += 1
        heapq.heappush(self._ahead, (moment, self._planned, event))

    def _next_moment(self) -> float | None:
        moments = [self._ahead[0][0]] if self._ahead else []
        if (deadline := self.conversation.deadline) is not None:
            moments.append(deadline)
        return min(moments, default=None)

    def _next_event(self, now: float) -> ev.Event:
        """What is planned for this instant comes before the deadline."""
        planned = self._ahead and self._ahead[0][0] <= now
        return heapq.heappop(self._ahead)[2] if planned else ev.TimePassed()

    def _happen(self, event: ev.Event, now: float) -> None:
        self.journal.append((now, event))
        for command in self.conversation.handle(event, now):
            self.steps.append((now, command))
            for reaction in self._reactions:
                for delay, consequence in reaction(command):
                    self._plan(now + delay, consequence)


def hears(*finals: str, after: float = 0.05, confidence: float = 0.9) -> Reaction:
    """A recogniser with these finals, in this order; the last one is said from then on."""
    rest = list(finals)

    def hear(command: do.Command) -> Iterator[Later]:
        if isinstance(command, do.Finalise):
            text = rest.pop(0) if len(rest) > 1 else rest[0]
            yield after, ev.FinalHeard(command.turn, command.attempt, text, confidence)

    return hear


def answers(*texts: str, after: float = 0.1, words_per_second: float = 4.0) -> Reaction:
    """A model that writes these, in this order, and a voice that says them word by word."""
    rest = list(texts)
    written: dict[int, str] = {}

    def answer(command: do.Command) -> Iterator[Later]:
        match command:
            case do.Think(number):
                written[number] = rest.pop(0) if len(rest) > 1 else rest[0]
                yield from write(number)
            case do.Say(number, text):
                written[number] = text
                yield from write(number)
            case do.Play(number):
                yield from speak(number)

    def write(number: int) -> Iterator[Later]:
        yield after, ev.ReplyText(number, written[number])
        yield after, ev.ReplyWritten(number)

    def speak(number: int) -> Iterator[Later]:
        words = written[number].split()
        moment = after
        for count in range(1, len(words) + 1):
            moment = after + count / words_per_second
            heard_ms = round(count / words_per_second * 1000)
            yield moment, ev.Played(number, heard_ms, " ".join(words[:count]))
        yield moment, ev.AllSent(number)
        yield moment, ev.PlaybackEnded(number)

    return answer
