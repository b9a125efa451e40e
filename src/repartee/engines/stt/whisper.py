"""Speech to text with openai-whisper, the original, on PyTorch.

It runs on CUDA or on the CPU. On a Mac it stays on the CPU: its sparse tensors and its timing of
words don't work on Apple's graphics. It reads one turn at a time, because it keeps what it has
decoded in the model itself. Who leaves stops it at the next layer of the network.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.stopping import Wanted, look_up_between_layers
from repartee.engines.local.torch_device import choose_device, use_threads
from repartee.engines.local.windowed import Read, Readers, Wave
from repartee.engines.protocols import Caller, Hearing, Transcript
from repartee.engines.stt.whisper_languages import LANGUAGES, language_code
from repartee.engines.stt.whisper_reading import live_options, transcript_told

MODEL = "base"


class Whisper:
    name = "whisper"

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        """`model` is a size such as base, or a checkpoint file (.pt)."""
        self.languages: Sequence[str] = ("en",) if _is_english(model) else LANGUAGES
        self.detects = len(self.languages) > 1
        self._shelf = Shelf(self.name, "STT_MODEL", models_dir)
        self._model = model
        self._device = device
        self._threads = threads
        self._readers = Readers(self.name, self._load, at_once=1)

    def __repr__(self) -> str:
        return repr(self._readers)

    async def open(self) -> None:
        await self._readers.open()

    def listen(self, caller: Caller, language: str) -> AbstractAsyncContextManager[Hearing]:
        return self._readers.listen(language_code(language))

    async def close(self) -> None:
        await self._readers.close()

    def _load(self) -> Read:
        file = self._shelf.file(self._model, ".pt", library_keeps=_library_folder())
        import whisper

        use_threads(self._threads)
        device = choose_device(self._device, ("cuda", "cpu"))
        try:
            model = whisper.load_model(str(file), device=device)
        except Exception as failure:  # a file that is no checkpoint fails in many ways
            raise self._shelf.broken(self._model, failure) from failure
        look_up_between_layers(model)

        def read(sound: Wave, language: str, wanted: Wanted) -> Transcript:
            options = live_options(sound, language)
            return transcript_told(model.transcribe(sound, fp16=device != "cpu", **options))

        return read


def _is_english(model: str) -> bool:
    return model.removesuffix(".pt").endswith(".en")


def _library_folder() -> Path:
    """Where openai-whisper keeps what it has fetched."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "whisper"
