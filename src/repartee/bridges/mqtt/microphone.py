"""The microphone of a device that is listened to: tiny WAV files in, a stream of sound out."""

from __future__ import annotations

from repartee.audio.pcm import Samples
from repartee.audio.resample import Resampler
from repartee.audio.wav import read_wav
from repartee.engines.protocols import LISTENING_RATE_HZ


class Microphone:
    """`session` is the one that it was switched on for."""

    def __init__(self, session: str, until_silence: bool) -> None:
        self.session = session
        self.until_silence = until_silence
        self.heard_any = False
        self.complained = False
        """One word about frames that can't be used is enough; there are fifty a second."""
        self._resampler = Resampler(LISTENING_RATE_HZ, LISTENING_RATE_HZ)

    def __repr__(self) -> str:
        until = "silence" if self.until_silence else "it is told"
        return f"<Microphone of session {self.session} until {until}>"

    def belongs_to(self, session: str) -> bool:
        """Whether this is meant for it; who names no session means the one that there is."""
        return session in ("", self.session)

    def take(self, wav: bytes) -> Samples:
        """The sound of a frame at 16 kHz; `BadAudio` if it is none."""
        frame = read_wav(wav)
        self.heard_any = self.heard_any or len(frame.samples) > 0
        if frame.rate_hz != self._resampler.from_hz:
            self._resampler = Resampler(frame.rate_hz, LISTENING_RATE_HZ)
        return self._resampler.push(frame.samples)

    def rest(self) -> Samples:
        """What was held back; nothing more is taken."""
        return self._resampler.flush()
