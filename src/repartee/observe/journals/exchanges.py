"""A call as its exchanges: what was said, when it was answered, and what became of the reply."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.observe.journals.replay import Step


class Exchange(msgspec.Struct):
    """One turn of the user and the reply to it; what did not happen is None or empty."""

    opened_at: float
    mode: do.Mode
    words: str = ""
    words_ended_at: float | None = None
    answered_at: float | None = None
    """When the turn was taken for over."""
    began_at: float | None = None
    """When the reply could first be heard: it is let out, and there are words of it."""
    status: str = ""
    heard: str = ""

    @property
    def waited_ms(self) -> int | None:
        """The silence before it was answered."""
        if self.answered_at is None or self.words_ended_at is None:
            return None
        return round((self.answered_at - self.words_ended_at) * 1000)


def exchanges(steps: Sequence[Step]) -> list[Exchange]:
    return _Follower(steps).found


class _Follower:
    def __init__(self, steps: Sequence[Step]) -> None:
        self.found: list[Exchange] = []
        self._over_at: float | None = None
        self._holding: set[int] = set()
        """Replies that only ask to wait."""
        self._written: set[int] = set()
        """Replies of which there are words."""
        self._played: dict[int, Exchange] = {}
        for step in steps:
            self._see(step)

    def _see(self, step: Step) -> None:
        event = step.event
        if isinstance(event, ev.SpeechPaused | ev.TurnClosed):
            self._over_at = event.at
        elif isinstance(event, ev.ReplyText) and event.text:
            self._written.add(event.reply)
            self._begin(event.reply, step.at)
        for command in step.commands:
            self._note(command, step)

    def _note(self, command: do.Command, step: Step) -> None:
        match command:
            case do.Listen():
                self.found.append(Exchange(step.at, "spoken"))
                self._over_at = None
            case do.Think(mode="typed") if isinstance(step.event, ev.Typed):
                text = step.event.text.strip()
                self.found.append(Exchange(step.at, "typed", text, step.at, step.at))
            case do.Tell(told.UserFinal(words)):
                latest = self.found[-1]
                latest.words, latest.answered_at = words, step.at
                latest.words_ended_at = self._over_at
            case do.Say(number, holds=True):
                self._holding.add(number)
            case do.Play(number) if self.found and number not in self._holding:
                self._played[number] = self.found[-1]
                if number in self._written:
                    self._begin(number, step.at)
            case do.Remember(turn) if turn.number in self._played:
                exchange = self._played[turn.number]
                exchange.status, exchange.heard = turn.status, turn.heard_text

    def _begin(self, reply: int, at: float) -> None:
        exchange = self._played.get(reply)
        if exchange is not None and exchange.began_at is None:
            exchange.began_at = at
