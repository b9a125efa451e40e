"""Speech with Kokoro in this process: 82 million parameters in ONNX, natural on any processor.

A model is a folder with the network (`kokoro*.onnx`) and its voices (`voices*.bin`). Voices can be
mixed, as in `af_bella(2)+af_sky`.

Who leaves stops it at the next node of its graph.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Any

import numpy as np

from repartee.audio.pcm import samples_from_float
from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.onnx_session import onnx_session
from repartee.engines.local.phrased import Phrases, Say
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.kokoro_voices import KokoroVoices
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import KOKORO_VOICES

MODEL = "kokoro"
SPEEDS = Speeds(0.5, 2.0)
_LANGUAGES = {
    "a": "en-us",
    "b": "en-gb",
    "e": "es",
    "f": "fr-fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-br",
    "z": "cmn",
}
"""Kokoro's letters for languages, as espeak calls them, which reads the text for it."""
_PART = re.compile(r"([a-z0-9_]+)(?:\((\d+(?:\.\d+)?)\))?", re.IGNORECASE)


class Kokoro:
    name = "kokoro"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        device: str = "auto",
        at_once: int = 1,
        threads: int | None = None,
    ) -> None:
        self._shelf = Shelf(self.name, "TTS_MODEL", models_dir)
        self._model = model
        self._device = device
        self._threads = threads
        self._voices = KokoroVoices(KOKORO_VOICES)
        self._phrases = Phrases(self.name, self._load, at_once=at_once)

    def __repr__(self) -> str:
        return f"<Kokoro {self._phrases!r}, {self._voices!r}>"

    async def open(self) -> None:
        await self._phrases.open()

    def voices(self) -> Sequence[Voice]:
        return self._voices.all

    def resolve(self, voice: str, language: str) -> Voice:
        return self._voices.find(voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self.resolve(speech.voice, speech.language)
        async with aclosing(self._phrases.spoken(text, voice, speech)) as sounds:
            async for sound in sounds:
                yield sound

    async def close(self) -> None:
        await self._phrases.close()

    def _load(self) -> Say:
        folder = self._shelf.folder(self._model, ())
        networks, voices = sorted(folder.glob("*.onnx")), sorted(folder.glob("voices*.bin"))
        if not networks or not voices:
            raise self._shelf.missing(self._model, "kokoro-v1.0.onnx and voices-v1.0.bin")
        from kokoro_onnx import Kokoro as Library

        try:
            session = onnx_session(networks[0], device=self._device, threads=self._threads)
            kokoro = Library.from_session(session, str(voices[0]))
            self._voices = KokoroVoices.named(kokoro.voices.files)
        except Exception as failure:  # files that are no model fail in many ways
            raise self._shelf.broken(self._model, failure) from failure

        def say(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            floats, rate_hz = kokoro.create(
                phrase,
                _style(kokoro.voices, voice.name),
                speed=SPEEDS.nearest(speech.speed),
                lang=_LANGUAGES[self._voices.letter(voice, speech.language)],
            )
            yield Sound(samples_from_float(floats), rate_hz)

        return say


def _style(voices: Any, name: str) -> Any:
    """Who speaks, in the numbers of the network: one voice, or several by their weights."""
    names = {known.lower(): known for known in voices.files}
    parts = [found for part in name.split("+") if (found := _PART.fullmatch(part.strip()))]
    styles = [voices[names[part[1].lower()]] for part in parts]
    weights = [float(part[2] or 1) for part in parts]
    return np.average(styles, axis=0, weights=weights).astype(np.float32)
