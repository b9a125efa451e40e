"""Speech to text with faster-whisper: OpenAI's Whisper on CTranslate2, on a CPU or with CUDA.

It reads thirty seconds at a time, however little is in them, so a partial costs as much as a
final transcript of a short turn. `base` keeps up with speech on two cores; on a GPU take
`large-v3-turbo`.

CTranslate2 can't be stopped within one pass of its encoder or its decoder: who leaves frees the
model when that pass is over. So that nobody waits for a partial, partials have a worker of their
own; it shares the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.stopping import Wanted, look_up
from repartee.engines.local.windowed import Read, Readers, Wave
from repartee.engines.protocols import Caller, Hearing, Transcript
from repartee.engines.stt.whisper_answer import Segment, transcript_of_segments
from repartee.engines.stt.whisper_languages import LANGUAGES, language_code, language_told
from repartee.engines.stt.whisper_reading import fits_at_once
from repartee.machine import usable_cores

MODEL = "base"
SURE_OF_LANGUAGE = 0.5
"""Of a cough or a hum it would tell a language, too."""


class FasterWhisper:
    name = "faster-whisper"

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        device: str = "auto",
        compute_type: str = "",
        at_once: int = 1,
        threads: int | None = None,
    ) -> None:
        """`compute_type` is how the weights are kept: int8, float16 …; empty takes what is quick
        on the device. `threads` are for each of the turns that are read `at_once`."""
        self.languages: Sequence[str] = ("en",) if model.endswith(".en") else LANGUAGES
        self.detects = len(self.languages) > 1
        self._shelf = Shelf(self.name, "STT_MODEL", models_dir)
        self._model = model
        self._device = device
        self._compute_type = compute_type
        self._at_once = at_once
        self._threads = threads or max(1, int(usable_cores()) // at_once)
        self._readers = Readers(self.name, self._load, at_once, partials_apart=True)

    def __repr__(self) -> str:
        return repr(self._readers)

    async def open(self) -> None:
        await self._readers.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return self._readers.listen(language_code(language))

    async def close(self) -> None:
        await self._readers.close()

    def _load(self) -> Read:
        from ctranslate2 import get_cuda_device_count
        from faster_whisper import WhisperModel, download_model

        def fetched(name: str) -> str:
            return str(download_model(name, local_files_only=True))

        folder = self._shelf.folder(
            self._model, ("model.bin", "config.json", "tokenizer.json"), fetched
        )
        device = self._device
        if device == "auto":
            device = "cuda" if get_cuda_device_count() else "cpu"
        try:
            model = WhisperModel(
                str(folder),
                device=device,
                compute_type=self._compute_type or ("float16" if device == "cuda" else "int8"),
                cpu_threads=self._threads,
                num_workers=self._at_once + 1,  # and one for partials
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as failure:
            raise self._shelf.broken(self._model, failure) from failure
        model.encode = _after_a_look(model.encode)
        model.generate_with_fallback = _after_a_look(model.generate_with_fallback)

        def read(sound: Wave, language: str, wanted: Wanted) -> Transcript:
            told, about = model.transcribe(
                sound,
                language=language or None,
                beam_size=1,
                temperature=0.0,
                condition_on_previous_text=False,
                without_timestamps=fits_at_once(sound),
            )
            segments = []
            for one in told:  # the work is done here
                segments.append(
                    Segment(one.text, one.avg_logprob, one.no_speech_prob, one.compression_ratio)
                )
            is_sure = about.language_probability >= SURE_OF_LANGUAGE
            return transcript_of_segments(
                segments, language_told(about.language) if is_sure else None
            )

        return read


def _after_a_look(step: Callable[..., Any]) -> Callable[..., Any]:
    """This step of the library, but not for somebody who has left."""

    def taken(*given: Any, **named: Any) -> Any:
        look_up()
        return step(*given, **named)

    return taken
