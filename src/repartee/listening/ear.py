"""One call's ear: sound in; out come the edges of speech, and the sound to recognise.

While the ear is closed it only keeps the latest moments. Speech opens it: after the edge comes
what was kept, so that the first syllable is there, and from then on all sound, through every
pause, until whoever holds the ear closes it again. Opening it by hand works alike.
"""

from __future__ import annotations

import asyncio

from repartee.engines.protocols import LISTENING_RATE_HZ, Samples, VoiceStream
from repartee.listening.preroll import PREROLL_MS, PreRoll
from repartee.listening.segmenter import Segmenter, SegmentRules, SpeechBegan, SpeechPaused
from repartee.listening.windows import WINDOW_SAMPLES, Windows

Heard = SpeechBegan | SpeechPaused | Samples

_AT_A_TIME = 32


class Ear:
    def __init__(
        self,
        stream: VoiceStream,
        rules: SegmentRules,
        preroll_ms: int = PREROLL_MS,
        window_samples: int = WINDOW_SAMPLES,
    ) -> None:
        self._stream = stream
        self._rules = rules
        self._windows = Windows(window_samples)
        self._window_ms = window_samples * 1000 / LISTENING_RATE_HZ
        self._segmenter = Segmenter(rules)
        self._preroll = PreRoll(preroll_ms)
        self._open = False
        self._gave_preroll = False

    @property
    def open(self) -> bool:
        """Whether all sound is given out, and not only kept for a moment."""
        return self._open

    @open.setter
    def open(self, value: bool) -> None:
        if value != self._open:
            self._open, self._gave_preroll = value, False

    @property
    def in_speech(self) -> bool:
        return self._segmenter.in_speech

    @property
    def missing_samples(self) -> int:
        """How much must come before anything is heard."""
        return self._windows.missing

    @property
    def position_ms(self) -> float:
        """How much sound has come in, since it began anew."""
        return self._windows.position * 1000 / LISTENING_RATE_HZ

    def begin_anew(self) -> None:
        """Forget all: the sound that comes now belongs to another recording."""
        self._windows = Windows(self._windows.size)
        self._segmenter = Segmenter(self._rules)
        self._preroll.clear()
        self._gave_preroll = False

    async def hear(self, samples: Samples) -> list[Heard]:
        """What these samples bring, in order. Sound that was not yet told follows its edge."""
        heard: list[Heard] = []
        windows = self._windows
        for count, window in enumerate(windows.cut(samples), 1):
            probability = await self._stream.probability(window)
            if windows is not self._windows:
                return []  # it has begun anew meanwhile, and this belongs to what was before
            for edge in self._segmenter.feed(probability, self._window_ms):
                heard.append(edge)
                if isinstance(edge, SpeechBegan):
                    self.open = True
            self._give_or_keep(window, heard)
            if count % _AT_A_TIME == 0:
                # A detector may answer without ever waiting; a long piece must not hold the loop.
                await asyncio.sleep(0)
        return heard

    def _give_or_keep(self, window: Samples, heard: list[Heard]) -> None:
        if self._open and not self._gave_preroll:
            self._gave_preroll = True
            if len(self._preroll):
                heard.append(self._preroll.take())
        if self._open:
            heard.append(window)
        if self._open and self.in_speech:
            self._preroll.clear()
        else:
            # Kept even when it was given out: should the ear be closed and speech begin at
            # once, the next hearing wants the silence before it too.
            self._preroll.push(window)
