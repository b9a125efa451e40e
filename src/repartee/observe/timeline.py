"""When what happened in a turn: one record, taken from the conversation's own events.

A listener beside the conversation, never in its way. Times are seconds on the call's clock.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from repartee.conversation import commands as do
from repartee.conversation import events as ev


class TurnTimes(msgspec.Struct):
    """What is known of one turn; a stage that did not happen is None."""

    speech_ended: float | None = None
    final_heard: float | None = None
    first_token: float | None = None
    first_unit: float | None = None
    decided: float | None = None
    first_sound: float | None = None

    def after_speech_ms(self) -> dict[str, int]:
        """Milliseconds from the end of speech to each stage."""
        zero = self.speech_ended if self.speech_ended is not None else self.decided
        if zero is None:
            return {}
        stages = ("final_heard", "first_token", "first_unit", "decided", "first_sound")
        moments = ((name, getattr(self, name)) for name in stages)
        return {f"{name}_ms": round((at - zero) * 1000) for name, at in moments if at is not None}


class Timeline:
    """The times of the reply that is alive."""

    def __init__(self) -> None:
        self.times = TurnTimes()

    def note(self, event: ev.Event, wishes: Sequence[do.Command], now: float) -> None:
        if isinstance(event, ev.Typed):
            self.times = TurnTimes(speech_ended=now)
        elif isinstance(event, ev.SpeechPaused):
            self.times = TurnTimes(speech_ended=event.at)
        elif isinstance(event, ev.FinalHeard):
            self.times.final_heard = now
        elif isinstance(event, ev.ReplyText) and self.times.first_token is None:
            self.times.first_token = now
        for wish in wishes:
            if isinstance(wish, do.Think | do.Say):
                self.times.first_token = self.times.first_unit = self.times.first_sound = None
            elif isinstance(wish, do.Play):
                self.times.decided = now

    def unit_voiced(self, now: float) -> None:
        if self.times.first_unit is None:
            self.times.first_unit = now

    def sound_sent(self, now: float) -> None:
        if self.times.first_sound is None:
            self.times.first_sound = now
