"""Speech with Piper: small voices in ONNX for many languages, quick on a small machine.

A voice is a file (`en_US-lessac-medium.onnx`) with its description beside it (`….onnx.json`).
All voices of a folder can be offered at once: give the folder. A voice with several speakers is
one voice for each, named `en_US-libritts-high:17` or by the speaker's own name.

Who leaves stops it at the next node of its graph.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.onnx_session import onnx_session
from repartee.engines.local.phrased import Phrases, Say
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.speeds import Speeds
from repartee.engines.tts.voices import language_tag, resolve_among
from repartee.errors import EngineFailed

MODEL = "en_US-lessac-medium"
SPEEDS = Speeds(0.25, 4.0)
_MOST_SPEAKERS = 1_000


class Speaker(msgspec.Struct, frozen=True):
    """Somebody in a loaded voice."""

    voice: Voice
    piper: Any
    number: int | None


class Piper:
    name = "piper"
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
        """`model` is a voice, or a folder of voices."""
        self._shelf = Shelf(self.name, "TTS_MODEL", models_dir)
        self._model = model
        # The library would fetch it in the middle of a call.
        self._reader_of_chinese = Path(models_dir).expanduser() / "g2pW"
        self._device = device
        self._threads = threads
        self._speakers: dict[str, Speaker] = {}
        self._phrases = Phrases(self.name, self._load, at_once=at_once)

    def __repr__(self) -> str:
        return f"<Piper {self._phrases!r}, {len(self._speakers)} voices>"

    async def open(self) -> None:
        await self._phrases.open()

    def voices(self) -> Sequence[Voice]:
        return tuple(speaker.voice for speaker in self._speakers.values())

    def resolve(self, voice: str, language: str) -> Voice:
        if not self._speakers:
            raise EngineFailed("The piper engine is not open.")
        return resolve_among(self.voices(), voice, language)

    async def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        voice = self.resolve(speech.voice, speech.language)
        async with aclosing(self._phrases.spoken(text, voice, speech)) as sounds:
            async for sound in sounds:
                yield sound

    async def close(self) -> None:
        await self._phrases.close()

    def _load(self) -> Say:
        found = [speaker for file in self._files() for speaker in self._in(file)]
        self._speakers = {speaker.voice.name: speaker for speaker in found}
        from piper import SynthesisConfig

        def say(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            speaker = self._speakers[voice.name]
            slower = 1 / SPEEDS.nearest(speech.speed)
            wishes = SynthesisConfig(
                speaker_id=speaker.number,
                length_scale=speaker.piper.config.length_scale * slower,
            )
            for chunk in speaker.piper.synthesize(phrase, wishes):
                yield Sound(chunk.audio_int16_array, chunk.sample_rate)

        return say

    def _files(self) -> list[Path]:
        """The networks that have a description beside them."""
        place = Path(self._model).expanduser()
        if not place.is_dir():
            place = self._shelf.file(self._model, ".onnx")
        files = sorted(place.rglob("*.onnx")) if place.is_dir() else [place]
        described = [file for file in files if _description(file).is_file()]
        if not described:
            raise self._shelf.missing(self._model, f"{MODEL}.onnx and {MODEL}.onnx.json")
        return described

    def _in(self, file: Path) -> list[Speaker]:
        """Everybody who speaks in this voice."""
        from piper import PiperConfig, PiperVoice

        try:
            described = json.loads(_description(file).read_text("utf-8"))
            config = PiperConfig.from_dict(described)
            piper = PiperVoice(
                session=onnx_session(file, device=self._device, threads=self._threads),
                config=config,
                download_dir=self._reader_of_chinese.parent,
            )
        except Exception as failure:  # files that are no voice fail in many ways
            raise self._shelf.broken(file.stem, failure) from failure
        if (
            config.phoneme_type == "pinyin"
            and not (self._reader_of_chinese / "g2pw.onnx").is_file()
        ):
            raise self._shelf.missing("g2pW", "the files of g2pW, which reads Chinese for Piper,")
        language = language_tag(described.get("language", {}).get("code") or config.espeak_voice)
        if config.num_speakers <= 1:
            return [Speaker(Voice(file.stem, language), piper, None)]
        names = {number: name for name, number in config.speaker_id_map.items()}
        return [
            Speaker(Voice(f"{file.stem}:{names.get(number, number)}", language), piper, number)
            for number in range(min(config.num_speakers, _MOST_SPEAKERS))
        ]


def _description(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")
