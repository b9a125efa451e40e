"""Speech to text with Moonshine: small models made for live speech on small machines.

It hears as one speaks, and works only on what is there: a short answer costs little. The library
cuts a turn into lines at its pauses; together they are the turn. Who leaves is noticed after the
second of sound that it is at.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.streamed import Ear, Ears
from repartee.engines.local.windowed import Wave
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Transcript
from repartee.engines.stt.whisper_answer import UNMEASURED
from repartee.errors import EngineMissing, SettingsError

MODEL = "small-streaming"
_UPDATE_SECONDS = 0.3
_ARCHITECTURE = re.compile(r"(?:tiny|base|small|medium)(?:-streaming)?")
_TIMES_OF_WORDS = "decoder_with_attention.ort"


class Moonshine:
    name = "moonshine"

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        language: str = "en",
        at_once: int = 2,
    ) -> None:
        """`model` is a size, with -streaming for those made to hear along, or a folder named
        after one, such as `small-streaming-en`."""
        self.languages: Sequence[str] = (language,)
        self._shelf = Shelf(self.name, "STT_MODEL", models_dir)
        self._model = model
        self._language = language
        self._ears = Ears(self.name, self._load, languages=self.languages, at_once=at_once)

    def __repr__(self) -> str:
        return repr(self._ears)

    async def open(self) -> None:
        await self._ears.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return self._ears.listen(language)

    async def close(self) -> None:
        await self._ears.close()

    def _load(self) -> Callable[[], Ear]:
        size = _architecture(self._model)
        parts = ["tokenizer.bin"]
        if size.endswith("-streaming"):
            parts += ["streaming_config.json", "encoder.ort", "decoder_kv.ort"]
        folder = self._folder(size, parts)
        from moonshine_voice import MoonshineError, Transcriber, string_to_model_arch

        options = {"return_audio_data": "false"}
        if (folder / _TIMES_OF_WORDS).is_file():
            options["word_timestamps"] = "true"  # with them it tells how sure it is
        try:
            transcriber = Transcriber(
                model_path=str(folder),
                model_arch=string_to_model_arch(size),
                update_interval=_UPDATE_SECONDS,
                options=options,
            )
        except MoonshineError as failure:
            raise self._shelf.broken(self._model, failure) from failure
        return lambda: MoonshineEar(transcriber)

    def _folder(self, size: str, parts: Sequence[str]) -> Path:
        """A size alone means the model of that size for this language."""
        if self._model == size:
            with contextlib.suppress(EngineMissing):
                return self._shelf.folder(size, parts, self._fetched_before)
            language = self._language.lower().partition("-")[0]
            return self._shelf.folder(f"{size}-{language}", parts, self._fetched_before)
        return self._shelf.folder(self._model, parts, self._fetched_before)

    def _fetched_before(self, size: str) -> str:
        """Where the library keeps the model of this size, if it has fetched it."""
        from moonshine_voice.download import find_model_info
        from moonshine_voice.download_file import get_cache_dir
        from moonshine_voice.moonshine_api import string_to_model_arch

        known = find_model_info(self._language, string_to_model_arch(_architecture(size)))
        folder = Path(get_cache_dir()) / str(known["download_url"]).removeprefix("https://")
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        return str(folder)


class MoonshineEar:
    def __init__(self, transcriber: Any) -> None:
        self._stream = transcriber.create_stream()
        self._lines: dict[int, Any] = {}
        self._stream.add_listener(self._take)
        self._stream.start()

    def hear(self, sound: Wave) -> str:
        self._stream.add_audio(sound.tolist(), LISTENING_RATE_HZ)
        return self._text()

    def conclude(self) -> Transcript:
        from moonshine_voice.transcriber import MOONSHINE_FLAG_FORCE_UPDATE

        for line in self._stream.update_transcription(MOONSHINE_FLAG_FORCE_UPDATE).lines:
            self._lines[line.line_id] = line
        chances = [word.confidence for line in self._lines.values() for word in line.words or ()]
        sure = sum(chances) / len(chances) if chances else UNMEASURED
        return Transcript(self._text(), min(max(sure, 0.0), 1.0))

    def close(self) -> None:
        self._stream.close()  # stopping it first would have it listen once more

    def _take(self, event: Any) -> None:
        if (line := getattr(event, "line", None)) is not None:
            self._lines[line.line_id] = line

    def _text(self) -> str:
        return " ".join(line.text.strip() for line in self._lines.values() if line.text.strip())


def _architecture(model: str) -> str:
    """The size of this model, as its name or its folder's says."""
    found = _ARCHITECTURE.search(Path(model).name)
    if found is None:
        raise SettingsError(
            f"STT_MODEL is “{Path(model).name[:60]}”, which says no size of Moonshine.",
            hint="Use tiny-streaming, small-streaming or medium-streaming, or a folder so named.",
        )
    return found[0]
