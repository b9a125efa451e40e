"""From probabilities to speech: when somebody begins to speak, and when they pause.

Pure, and it counts seconds of sound, not of a clock: a minute of speech is judged in microseconds,
and a stream that arrives late or in bursts is judged alike. Two thresholds keep a voice that
hovers at the edge from flickering. A pause is told early, since a reply may be prepared while the
conversation still decides how long to wait.
"""

from __future__ import annotations

from collections import deque

import msgspec

LONGEST_ONSET_MS = 1_000
LONGEST_PAUSE_MS = 5_000


class SegmentRules(msgspec.Struct, frozen=True):
    """What counts as speech, and what as a pause."""

    onset: float = 0.5
    """A window at least this probable speaks for speech."""
    offset: float = 0.35
    """Once somebody speaks, only a window below this is silent."""
    onset_ms: int = 64
    """So much of the latest sound (half as much again) must speak for speech."""
    pause_ms: int = 64
    """So much unbroken silence is a pause."""

    def __post_init__(self) -> None:
        if not 0.0 < self.onset < 1.0:
            raise ValueError(f"onset is {self.onset}; it must lie between 0 and 1.")
        if not 0.0 < self.offset <= self.onset:
            raise ValueError(
                f"offset is {self.offset}; it must lie above 0 and not above onset ({self.onset})."
            )
        if not 1 <= self.onset_ms <= LONGEST_ONSET_MS:
            raise ValueError(
                f"onset_ms is {self.onset_ms}; it must lie between 1 and {LONGEST_ONSET_MS}."
            )
        if not 1 <= self.pause_ms <= LONGEST_PAUSE_MS:
            raise ValueError(
                f"pause_ms is {self.pause_ms}; it must lie between 1 and {LONGEST_PAUSE_MS}."
            )


class SpeechBegan(msgspec.Struct, frozen=True):
    at_ms: float
    """Where in the sound it began, which lies before the moment of decision."""
    speech_ms: float
    """How long it had lasted when it was told."""


class SpeechPaused(msgspec.Struct, frozen=True):
    at_ms: float
    """Where in the sound the silence began."""
    silence_ms: float
    """How long it had lasted when it was told."""


SpeechEdge = SpeechBegan | SpeechPaused


class Segmenter:
    """The judgement of one stream. Edges alternate, beginning with `SpeechBegan`."""

    def __init__(self, rules: SegmentRules) -> None:
        self.in_speech = False
        self._rules = rules
        self._now_ms = 0.0
        self._loud: deque[tuple[float, float]] = deque()
        """Begin and end of each recent window that spoke for speech, while none is known of."""
        self._spoke_until_ms = 0.0

    def __repr__(self) -> str:
        state = "speech" if self.in_speech else "silence"
        return f"<Segmenter {state} at {self._now_ms:.0f} ms>"

    def feed(self, probability: float, window_ms: float) -> list[SpeechEdge]:
        """Judge the next window: how probably it is speech, and how long it is."""
        if not window_ms > 0:
            raise ValueError(f"window_ms is {window_ms}; a window has some length.")
        began_ms, self._now_ms = self._now_ms, self._now_ms + window_ms
        edge = self._go_on(probability) if self.in_speech else self._await(probability, began_ms)
        return [edge] if edge else []

    def _await(self, probability: float, began_ms: float) -> SpeechEdge | None:
        """In silence: has enough of the latest sound been speech?"""
        rules, loud = self._rules, self._loud
        while loud and loud[0][1] <= self._now_ms - 1.5 * rules.onset_ms:
            loud.popleft()
        if not probability >= rules.onset:
            return None
        loud.append((began_ms, self._now_ms))
        if sum(end - begin for begin, end in loud) < rules.onset_ms:
            return None
        at_ms = loud[0][0]
        loud.clear()
        self.in_speech, self._spoke_until_ms = True, self._now_ms
        return SpeechBegan(at_ms, self._now_ms - at_ms)

    def _go_on(self, probability: float) -> SpeechEdge | None:
        """In speech: has the silence lasted long enough?"""
        if probability >= self._rules.offset:
            self._spoke_until_ms = self._now_ms
            return None
        silence_ms = self._now_ms - self._spoke_until_ms
        if silence_ms < self._rules.pause_ms:
            return None
        self.in_speech = False
        return SpeechPaused(self._spoke_until_ms, silence_ms)
