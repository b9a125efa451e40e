"""When what happened in a turn: one record, taken from what the conversation sees and wishes.

A listener beside the conversation, never in its way. What it notes is told as it happens: in the
trace of a dialect that has one, in the log, and in the turn that is kept. What belongs to a reply
that is still tentative is told when the turn is over, with its true times; of a reply that was
dropped, nothing.

Moments are seconds on the call's clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.observe.latency import ASKED_TO_HOLD, latency, why_late, why_slow
from repartee.observe.turn_times import TurnTimes

_OF_THE_WORDS = ("stt_start", "stt_done")
_OF_A_REPLY = ("llm_start", "llm_first_token", "llm_done", "tts_start", "tts_first_chunk")
_REMEMBERED = 4


class Timeline:
    def __init__(self, tell: Callable[[told.Traced], None], unix_offset: float) -> None:
        """`unix_offset` is what must be added to a moment to have seconds since 1970."""
        self._tell = tell
        self._unix_offset = unix_offset
        self._turns: dict[int, TurnTimes] = {}
        self._replies: dict[int, TurnTimes] = {}
        self._pressed = False
        self._holding: int | None = None
        """The reply that asks to wait for the words, while it is being said."""
        self._over_hold = False
        self._over_hold_until: float | None = None
        """When a voice over it ended; only if more words are asked for, the turn was not over."""
        self._written_by_model = 0
        """The number of the latest reply that the model was asked for."""

    def __repr__(self) -> str:
        return f"<Timeline of replies {list(self._replies)}>"

    def of(self, reply: int) -> TurnTimes:
        """The times of the turn that this reply answers."""
        return self._replies.get(reply) or TurnTimes(math.inf)

    # ------------------------------------------------------------ what happens

    def note(self, event: ev.Event, now: float) -> None:
        match event:
            case ev.SpeechStarted() if self._holding is not None:
                self._over_hold = True
            case ev.SpeechPaused(at=at) if self._over_hold:
                self._over_hold, self._over_hold_until = False, at
            case ev.SpeechStarted() if (times := self._being_heard()) is not None:
                times.over_at, times.attempt = None, 0
                times.forget(*_OF_THE_WORDS)
            case ev.PartialHeard(turn=turn):
                self._mark(self._turns.get(turn), "first_partial", now)
            case ev.SpeechPaused(at=at) if (times := self._being_heard()) is not None:
                times.over_at = at
            case ev.TurnOpened():
                self._pressed = True
            case ev.TurnClosed(at=at) if (times := self._being_heard()) is not None:
                times.over_at = at
                self._begin_to_tell(times, now)
            case ev.FinalHeard(turn=turn, attempt=attempt):
                times = self._turns.get(turn)
                if times is not None and times.attempt == attempt:
                    self._mark(times, "stt_done", now)
            case ev.ReplyText(reply=reply) if reply == self._written_by_model:
                self._mark(self._replies.get(reply), "llm_first_token", now)
            case ev.ReplyWritten(reply=reply) if reply == self._written_by_model:
                self._mark(self._replies.get(reply), "llm_done", now)

    def did(self, wish: do.Command, now: float) -> None:
        """This wish was carried out just now."""
        match wish:
            case do.Listen(turn=turn):
                if self._pressed:  # whoever presses a button has had enough of what was going on
                    self._interrupt(now)
                self._pressed = self._over_hold = False
                self._over_hold_until = None
                _put(self._turns, turn, TurnTimes(now))
            case do.Finalise(turn=turn, attempt=attempt):
                if (times := self._turns.get(turn)) is not None:
                    self._begin_final(times, attempt, now)
            case do.Think(reply=reply, turn=turn):
                self._written_by_model = reply
                times = self._turns.get(turn) or TurnTimes(now, now)
                _put(self._replies, reply, times)
                self._mark(times, "llm_start", now)
            case do.Say(reply=reply, turn=turn, holds=True):
                self._holding = reply
                self._asked_to_hold(self._turns.get(turn), now)
            case do.Tell(told.ReplyCompleted(reply=reply) | told.ReplyInterrupted(reply=reply)) if (
                reply == self._holding
            ):
                self._holding = None
            case do.SayFirst(reply=reply):
                self._asked_to_hold(self._replies.get(reply), now)
            case do.Say(reply=reply, turn=turn):
                # An apology has no turn of its own: it ends the one whose reply has failed.
                times = self._turns.get(turn) or self._unfinished() or TurnTimes(now, now)
                _put(self._replies, reply, times)
            case do.Drop(reply=reply) if (dropped := self._replies.pop(reply, None)) is not None:
                dropped.forget(*_OF_A_REPLY)
                dropped.units.clear()
                dropped.voiced_at = None
            case do.Play(reply=reply) if (times := self._replies.get(reply)) is not None:
                times.moments.setdefault("decided", now)
                self._begin_to_tell(times, now)
            case do.Tell(told.ReplyCompleted(reply=reply)):
                self._mark(self._replies.get(reply), "turn_complete", now)
            case do.Tell(told.ReplyInterrupted(reply=0)):
                self._interrupt(now)
            case do.Tell(told.ReplyInterrupted(reply=reply)):
                self._mark(self._replies.get(reply), "turn_interrupted", now)

    def voicing(self, reply: int, now: float) -> None:
        self._mark(self._replies.get(reply), "tts_start", now)

    def voiced(self, reply: int, now: float) -> None:
        self._mark(self._replies.get(reply), "tts_first_chunk", now)

    def unit_took(self, reply: int, seconds: float, now: float) -> None:
        if (times := self._replies.get(reply)) is not None:
            times.units.append(seconds)
            times.voiced_at = now

    def switched(self, switch: dict[str, str], now: float) -> None:
        """One engine went on for another; `kind` in it says which stage that was."""
        records = self._turns if switch["kind"] == "stt" else self._replies
        if not records:
            return
        times = records[max(records)]
        times.switches.append((now, switch))
        if times.told:
            self._tell(self._traced(times, "engine_switched", now, switch))

    def sent(self, reply: int, now: float) -> None:
        self._mark(self._replies.get(reply), "first_sound_sent", now)

    def played(self, reply: int, at: float) -> None:
        self._mark(self._replies.get(reply), "first_sound_played", at)

    # ------------------------------------------------------------ what is made of it

    def _being_heard(self) -> TurnTimes | None:
        latest = self._turns[max(self._turns)] if self._turns else None
        return latest if latest is not None and not latest.told else None

    def _unfinished(self) -> TurnTimes | None:
        """The turn of the latest reply, if nobody was told that it is over."""
        latest = self._replies[max(self._replies)] if self._replies else None
        over = latest is None or {"turn_complete", "turn_interrupted"} & set(latest.moments)
        return None if over else latest

    def _begin_final(self, times: TurnTimes, attempt: int, now: float) -> None:
        times.attempt = attempt
        times.over_at, self._over_hold_until = self._over_hold_until or times.over_at, None
        if times.over_at is None:
            times.over_at = now  # it was as long as a turn may be
        times.forget(*_OF_THE_WORDS)
        self._mark(times, "stt_start", now)

    def _asked_to_hold(self, times: TurnTimes | None, now: float) -> None:
        if times is not None:
            over_at = now if times.over_at is None else times.over_at
            times.hold = why_late(times.moments, over_at, now)
            self._mark(times, ASKED_TO_HOLD, now)

    def _interrupt(self, now: float) -> None:
        """Somebody speaks or stops it all before there was any reply to their last turn."""
        latest = self._turns[max(self._turns)] if self._turns else None
        if latest is not None and latest.told and "turn_complete" not in latest.moments:
            self._mark(latest, "turn_interrupted", now)

    def _mark(self, times: TurnTimes | None, name: str, at: float) -> None:
        """The first time counts. What was cut off may have one more step before it stops."""
        if times is None or name in times.moments or "turn_interrupted" in times.moments:
            return
        times.moments[name] = at
        if times.told:
            self._tell(self._traced(times, name, at))

    def _begin_to_tell(self, times: TurnTimes, now: float) -> None:
        if times.told:
            return
        times.told = True
        if times.over_at is None:
            times.over_at = now
        self._tell(self._traced(times, "turn_started", times.over_at))
        traced = [self._traced(times, name, at) for name, at in times.moments.items()]
        traced += [self._traced(times, "engine_switched", *one) for one in times.switches]
        for what in sorted(traced, key=lambda one: one.at):
            self._tell(what)

    def _traced(
        self, times: TurnTimes, name: str, at: float, switch: dict[str, str] | None = None
    ) -> told.Traced:
        over_at = at if times.over_at is None else times.over_at
        is_last = name == "turn_complete"
        why = why_slow(times.moments, over_at) if is_last else None
        why = times.hold if name == ASKED_TO_HOLD else why
        return told.Traced(
            times.id,
            name,
            at + self._unix_offset,
            max(round((at - over_at) * 1000), 0),
            latency(times.moments, over_at) if is_last else None,
            None if why is None else msgspec.structs.asdict(why),
            tuple(times.units) if is_last else (),
            self._reply_to(times),
            switch,
        )

    def _reply_to(self, times: TurnTimes) -> int:
        """The latest reply that answers this turn; 0 while none does."""
        return max((number for number, its in self._replies.items() if its is times), default=0)


def _put(where: dict[int, TurnTimes], number: int, times: TurnTimes) -> None:
    where[number] = times
    while len(where) > _REMEMBERED:
        del where[next(iter(where))]
