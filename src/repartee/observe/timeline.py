"""When what happened in a turn: one record, taken from what the conversation sees and wishes.

A listener beside the conversation, never in its way. What it notes is told as it happens: in the
trace of a dialect that has one, in the log, and in the turn that is kept. What belongs to a reply
that is still tentative is told when the turn is over, with its true times; of a reply that was
dropped, nothing.

Moments are seconds on the call's clock.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import msgspec

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.observe.latency import latency, why_slow

_OF_A_REPLY = ("llm_start", "llm_first_token", "llm_done", "tts_start", "tts_first_chunk")
_REMEMBERED = 4


class TurnTimes(msgspec.Struct):
    began_at: float
    over_at: float
    id: str = msgspec.field(default_factory=lambda: str(uuid.uuid4()))
    moments: dict[str, float] = {}
    units: list[float] = []
    """How many seconds the synthesis of each phrase took."""
    told: bool = False
    """Whether the turn is over, and its marks are told as they come."""

    def __repr__(self) -> str:
        return f"<TurnTimes {self.id} {', '.join(self.moments)}>"

    def since_over(self, name: str) -> float | None:
        """Seconds from the end of what was said to this moment."""
        at = self.moments.get(name)
        return None if at is None else max(at - self.over_at, 0.0)

    def since_began(self, name: str) -> float | None:
        at = self.moments.get(name)
        return None if at is None else max(at - self.began_at, 0.0)

    def for_log(self) -> dict[str, int]:
        return {
            f"{name}_ms": round((at - self.over_at) * 1000) for name, at in self.moments.items()
        }


class Timeline:
    def __init__(self, tell: Callable[[told.Traced], None], unix_offset: float) -> None:
        """`unix_offset` is what must be added to a moment to have seconds since 1970."""
        self._tell = tell
        self._unix_offset = unix_offset
        self._turns: dict[int, TurnTimes] = {}
        self._replies: dict[int, TurnTimes] = {}

    def __repr__(self) -> str:
        return f"<Timeline of replies {list(self._replies)}>"

    def of(self, reply: int) -> TurnTimes:
        """The times of the turn that this reply answers."""
        return self._replies.get(reply) or TurnTimes(0.0, 0.0)

    # ------------------------------------------------------------ what happens

    def note(self, event: ev.Event, now: float) -> None:
        match event:
            case ev.PartialHeard(turn=turn):
                self._mark(self._turns.get(turn), "first_partial", now)
            case ev.SpeechPaused(at=at) if (times := self._turn_being_heard()) is not None:
                times.over_at = at
            case ev.TurnClosed(at=at) if (times := self._turn_being_heard()) is not None:
                times.over_at = at
                self._begin_to_tell(times)
            case ev.FinalHeard(turn=turn) if (times := self._turns.get(turn)) is not None:
                times.moments.pop("stt_done", None)
                self._mark(times, "stt_done", now)
            case ev.ReplyText(reply=reply):
                self._mark(self._replies.get(reply), "llm_first_token", now)
            case ev.ReplyWritten(reply=reply):
                self._mark(self._replies.get(reply), "llm_done", now)

    def did(self, wish: do.Command, now: float) -> None:
        """This wish was carried out just now."""
        match wish:
            case do.Listen(turn=turn):
                _put(self._turns, turn, TurnTimes(now, now))
            case do.Finalise(turn=turn) if (times := self._turns.get(turn)) is not None:
                times.moments["stt_start"] = now
            case do.Think(reply=reply, turn=turn):
                self._begin_reply(reply, turn, now)
                self._mark(self._replies[reply], "llm_start", now)
            case do.Say(reply=reply, turn=turn):
                self._begin_reply(reply, turn, now)
            case do.Drop(reply=reply):
                self._replies.pop(reply, None)
            case do.Play(reply=reply) if (times := self._replies.get(reply)) is not None:
                times.moments["decided"] = now
                self._begin_to_tell(times)
            case do.Tell(told.ReplyCompleted(reply=reply)):
                self._mark(self._replies.get(reply), "turn_complete", now)
            case do.Tell(told.ReplyInterrupted(reply=reply)):
                self._mark(self._replies.get(reply), "turn_interrupted", now)

    def voicing(self, reply: int, now: float) -> None:
        self._mark(self._replies.get(reply), "tts_start", now)

    def voiced(self, reply: int, now: float) -> None:
        self._mark(self._replies.get(reply), "tts_first_chunk", now)

    def unit_took(self, reply: int, seconds: float) -> None:
        if (times := self._replies.get(reply)) is not None:
            times.units.append(seconds)

    def sent(self, reply: int, now: float) -> None:
        self._mark(self._replies.get(reply), "first_sound_sent", now)

    def played(self, reply: int, at: float) -> None:
        self._mark(self._replies.get(reply), "first_sound_played", at)

    # ------------------------------------------------------------ what is made of it

    def _turn_being_heard(self) -> TurnTimes | None:
        latest = self._turns[max(self._turns)] if self._turns else None
        return latest if latest is not None and not latest.told else None

    def _begin_reply(self, reply: int, turn: int, now: float) -> None:
        times = self._turns.get(turn) or TurnTimes(now, now)
        for name in _OF_A_REPLY:
            times.moments.pop(name, None)
        times.units = []
        _put(self._replies, reply, times)

    def _mark(self, times: TurnTimes | None, name: str, at: float) -> None:
        if times is None or name in times.moments:
            return
        times.moments[name] = at
        if times.told:
            self._tell(self._traced(times, name, at))

    def _begin_to_tell(self, times: TurnTimes) -> None:
        if times.told:
            return
        times.told = True
        self._tell(self._traced(times, "turn_started", times.over_at))
        for name, at in sorted(times.moments.items(), key=lambda moment: moment[1]):
            self._tell(self._traced(times, name, at))

    def _traced(self, times: TurnTimes, name: str, at: float) -> told.Traced:
        is_last = name == "turn_complete"
        why = why_slow(times.moments, times.over_at) if is_last else None
        return told.Traced(
            times.id,
            name,
            at + self._unix_offset,
            max(round((at - times.over_at) * 1000), 0),
            latency(times.moments, times.over_at) if is_last else None,
            None if why is None else msgspec.structs.asdict(why),
            tuple(times.units) if is_last else (),
        )


def _put(where: dict[int, TurnTimes], number: int, times: TurnTimes) -> None:
    where[number] = times
    while len(where) > _REMEMBERED:
        del where[next(iter(where))]
