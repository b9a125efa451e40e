"""Speech to text with mlx-whisper: Whisper on the graphics of Apple's chips.

MLX ties what it computes to the thread that asked for it, so one thread loads the model and reads
every turn. Who leaves stops it at the next word, or when its encoder has been through.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import numpy as np

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.stopping import Wanted, look_up
from repartee.engines.local.windowed import Read, Readers, Wave
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Transcript
from repartee.engines.stt.whisper_languages import LANGUAGES, language_code
from repartee.engines.stt.whisper_reading import live_options, transcript_told

MODEL = "mlx-community/whisper-base-mlx"


class MlxWhisper:
    name = "mlx-whisper"

    def __init__(self, *, model: str = MODEL, models_dir: str = MODELS_DIR) -> None:
        """`model` is a folder, or a name on the hub of a model converted for MLX."""
        self.languages: Sequence[str] = ("en",) if ".en" in model else LANGUAGES
        self.detects = len(self.languages) > 1
        self._shelf = Shelf(self.name, "STT_MODEL", models_dir)
        self._model = model
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
        folder = str(self._shelf.folder(self._model, ("config.json",)))
        from mlx_whisper import transcribe
        from mlx_whisper.transcribe import ModelHolder

        def read(sound: Wave, language: str, wanted: Wanted) -> Transcript:
            options = live_options(sound, language)
            return transcript_told(transcribe(sound, path_or_hf_repo=folder, **options))

        try:  # the library loads the model with the first sound, and keeps it
            read(np.zeros(LISTENING_RATE_HZ, np.float32), "en", lambda: True)
        except Exception as failure:  # whatever is wrong with the files
            raise self._shelf.broken(self._model, failure) from failure
        _look_up_before_each_token(ModelHolder.model.decoder)
        return read


def _look_up_before_each_token(decoder: Any) -> None:
    """Its modules have no hooks, so this one becomes one of a kind that looks up."""
    kind: Any = type(decoder)

    def looked_up(self: Any, *given: Any, **named: Any) -> Any:
        look_up()
        return kind.__call__(self, *given, **named)

    decoder.__class__ = type(kind.__name__, (kind,), {"__call__": looked_up})
