"""What a listener has heard: which words, and how much of the sound.

`Score` knows the words of a reply and when each of them ends. `Playout` is the clock beside it: it
says how much sound may leave, and how much has been played. Neither reads a clock or sends a
thing; time is an argument, in seconds.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

import msgspec

from repartee.speaking.wordtimes import WordStart, letters, time_words

__all__ = ["Playout", "Score", "SpokenUnit", "time_words"]

_MS_PER_LETTER = 60
"""The pace that is assumed until an engine has finished a unit."""
_CLOCK_NOISE_MS = 1e-3
"""A float clock can be off by this much; a frame must not wait one more turn for it."""


class SpokenUnit(msgspec.Struct, frozen=True):
    """A unit whose sound is whole."""

    index: int
    text: str
    """As the model wrote it, with the white space before it."""
    duration_ms: int
    word_ends_ms: tuple[int, ...]
    """When each white-space-separated word of `text` ends, from the start of the unit."""

    def heard(self, heard_ms: float) -> str:
        """The text up to the last word that ended by then."""
        words = sum(end <= heard_ms for end in self.word_ends_ms)
        return self.text if words == len(self.word_ends_ms) else _first_words(self.text, words)


class _OpenUnit:
    """A unit whose sound still arrives."""

    __slots__ = ("duration_ms", "index", "spoken", "text")

    def __init__(self, index: int, text: str, spoken: str) -> None:
        self.index, self.text, self.spoken = index, text, spoken
        self.duration_ms = 0.0

    def closed(self, words: Sequence[WordStart]) -> SpokenUnit:
        whole_ms = round(self.duration_ms)
        ends = time_words(self.text, self.spoken, whole_ms, words)
        return SpokenUnit(self.index, self.text, whole_ms, ends)

    def heard(self, heard_ms: float) -> str:
        """The words heard at the assumed pace; never the last one, for its end is not known."""
        made_ms = int(self.duration_ms)
        likely_ms = max(_MS_PER_LETTER * letters(self.spoken), made_ms + 1)
        ends = time_words(self.text, self.spoken, likely_ms)
        words = sum(end <= min(heard_ms, made_ms) for end in ends)
        return _first_words(self.text, words)


class Score:
    """The words of one reply, in the order of their units' numbers."""

    def __init__(self) -> None:
        self._units: dict[int, SpokenUnit | _OpenUnit] = {}
        self._order: list[int] = []

    def add(self, unit: SpokenUnit) -> None:
        """Take a unit whose sound is whole."""
        self._enter(unit)

    def begin(self, index: int, text: str, spoken: str) -> None:
        """A unit's sound is going to arrive in pieces."""
        self._enter(_OpenUnit(index, text, spoken))

    def extend(self, index: int, samples_ms: float) -> None:
        """A piece of it has arrived."""
        self._open(index).duration_ms += samples_ms

    def finish(self, index: int, words: Sequence[WordStart] = ()) -> None:
        """All of it has arrived; `words` are the engine's times, if it gives any."""
        self._units[index] = self._open(index).closed(words)

    @property
    def total_ms(self) -> int:
        return round(sum(unit.duration_ms for unit in self._units.values()))

    def heard(self, heard_ms: float) -> str:
        """The text as far as it was heard, up to the last whole word."""
        if heard_ms <= 0:
            return ""
        text = ""
        for index in self._order:
            unit = self._units[index]
            part = unit.heard(heard_ms)
            text += part
            heard_ms -= unit.duration_ms
            if part != unit.text:
                break
        return text

    def _enter(self, unit: SpokenUnit | _OpenUnit) -> None:
        if unit.index in self._units:
            raise ValueError(f"Unit {unit.index} is in the score already.")
        self._units[unit.index] = unit
        insort(self._order, unit.index)

    def _open(self, index: int) -> _OpenUnit:
        unit = self._units.get(index)
        if not isinstance(unit, _OpenUnit):
            raise ValueError(f"Unit {index} is not open; begin it first.")
        return unit


def _first_words(text: str, count: int) -> str:
    """The text up to the end of its `count`-th word, with the white space as it stands."""
    if not count:
        return ""
    rest = text.split(None, count)[count:]
    return (text.removesuffix(rest[0]) if rest else text).rstrip()


class Playout:
    """Paces one reply's sound to real time, with a small lead."""

    def __init__(self, *, lead_ms: int, frame_ms: int) -> None:
        self._frame_ms = frame_ms
        self._lead_ms = max(lead_ms, frame_ms)  # a shorter lead would never let a frame go
        self._sent_ms = 0
        self._played_ms = 0.0  # where the listener was at `_since`
        self._since = 0.0
        self._floor_ms = 0.0  # what was said to be played stays so, whatever a report says
        self._reported_ms = 0.0
        self._paused = False

    @property
    def sent_ms(self) -> int:
        return self._sent_ms

    def due(self, now: float) -> int:
        """How many ms of sound, in whole frames, may leave now."""
        if self._paused:
            return 0
        room = self._heard(now) + self._lead_ms - self._sent_ms + _CLOCK_NOISE_MS
        return max(0, int(room // self._frame_ms) * self._frame_ms)

    def next_due(self, now: float) -> float | None:
        """When the next frame may leave; None while paused."""
        if self._paused:
            return None
        wanted_ms = self._sent_ms + self._frame_ms - self._lead_ms
        if self._heard(now) + _CLOCK_NOISE_MS >= wanted_ms:
            return now
        return self._since + (wanted_ms - self._played_ms) / 1000

    def sent(self, ms: int, now: float) -> None:
        """So much sound has left; after an underrun, or at first, the clock starts with it."""
        self._settle(now)
        self._sent_ms += ms

    def played_ms(self, now: float) -> int:
        """How much the listener has heard: whole milliseconds, never fewer than before."""
        return int(self._heard(now) + _CLOCK_NOISE_MS)

    def pause(self, now: float) -> None:
        self._settle(now)
        self._paused = True

    def resume(self, now: float) -> None:
        self._settle(now)
        self._paused = False

    def reported(self, played_ms: float, now: float) -> None:
        """The client says how much it has played.

        That is better than the clock's guess. Where it is less, the clock stands still until the
        client has caught up. A report older than the last one changes nothing.
        """
        if not played_ms >= self._reported_ms:  # worded so that it refuses a NaN too
            return
        self._floor_ms = self._heard(now)
        self._played_ms = self._reported_ms = min(played_ms, self._sent_ms)
        self._since = now

    def _run(self, now: float) -> float:
        """Where the clock stands, be it behind what was said already."""
        passed_ms = 0.0 if self._paused else max(0.0, now - self._since) * 1000
        return min(self._sent_ms, self._played_ms + passed_ms)

    def _heard(self, now: float) -> float:
        return max(self._floor_ms, self._run(now))

    def _settle(self, now: float) -> None:
        self._played_ms, self._since = self._run(now), now
