"""Sound written into a WAV file while it happens, each piece at its time. It blocks: for a thread.

The header is written again with every flush, after the sound that it counts, so that a program
which is killed leaves a file that every player reads.
"""

from __future__ import annotations

from typing import BinaryIO

from repartee.audio.pcm import SAMPLE_BYTES, Samples, pcm_bytes
from repartee.audio.wav import wav_header

MOST_SECONDS = 4 * 3600.0
"""Where a track ends, however long the call is."""
_UNEVEN_SECONDS = 0.1
"""Sound comes a little early and late; a shorter gap than this is none."""


class AudioTrack:
    def __init__(self, file: BinaryIO, rate_hz: int, most_seconds: float = MOST_SECONDS) -> None:
        self._file = file
        self._rate_hz = rate_hz
        self._most = round(most_seconds * rate_hz)
        self._end = 0
        self._header_bytes = len(wav_header(rate_hz))
        self.flush()

    @property
    def seconds(self) -> float:
        return self._end / self._rate_hz

    def add(self, samples: Samples, at: float) -> None:
        """Sound that began so many seconds after the track did. What was late follows what is
        there already; before what was early there is silence."""
        begins = round(at * self._rate_hz)
        if begins - self._end <= _UNEVEN_SECONDS * self._rate_hz:
            begins = self._end
        fitting = samples[: max(0, self._most - begins)]
        if len(fitting):
            self._file.seek(self._place(begins))
            self._file.write(pcm_bytes(fitting))
            self._end = begins + len(fitting)

    def cut(self, at: float) -> None:
        """What was to be heard after this was taken back."""
        end = max(0, round(at * self._rate_hz))
        if end < self._end:
            self._end = end
            self._file.truncate(self._place(end))

    def flush(self) -> None:
        self._file.flush()
        self._file.seek(0)
        self._file.write(wav_header(self._rate_hz, self._end * SAMPLE_BYTES))
        self._file.flush()

    def _place(self, sample: int) -> int:
        return self._header_bytes + sample * SAMPLE_BYTES
