"""Speech to text with sherpa-onnx: streaming transducers (Zipformer, NeMo) on any processor.

It hears as one speaks, so a final transcript costs little more than the last few words. A model is
a folder with `tokens.txt`, and an encoder, a decoder and a joiner in ONNX, as they are published.
Who leaves is noticed after the second of sound that it is at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np

from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.streamed import Ear, Ears
from repartee.engines.local.windowed import Wave
from repartee.engines.protocols import LISTENING_RATE_HZ, Caller, Hearing, Transcript
from repartee.engines.stt.whisper_answer import UNMEASURED
from repartee.errors import EngineMissing

MODEL = "sherpa-onnx-streaming-zipformer-en-2023-06-26"
_TAIL = np.zeros(LISTENING_RATE_HZ // 2, np.float32)
"""The model looks ahead: without some silence after it the last word stays inside."""


class SherpaOnnx:
    name = "sherpa-onnx"

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        languages: Sequence[str] = ("en",),
        device: str = "cpu",
        at_once: int = 2,
        threads: int = 1,
    ) -> None:
        """`languages` are those of the model; `threads` are for each turn heard `at_once`."""
        self.languages: Sequence[str] = tuple(languages)
        self._shelf = Shelf(self.name, "STT_MODEL", models_dir)
        self._model = model
        self._device = device
        self._threads = threads
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
        folder = self._shelf.folder(self._model, ("tokens.txt",))
        encoder = self._part(folder, "encoder")
        if not _is_described(encoder):
            raise EngineMissing(
                "The model that STT_MODEL names is no streaming transducer of sherpa-onnx.",
                hint="Take one whose name begins with sherpa-onnx-streaming-zipformer.",
            )
        from sherpa_onnx import OnlineRecognizer

        try:
            recognizer = OnlineRecognizer.from_transducer(
                tokens=str(folder / "tokens.txt"),
                encoder=encoder,
                decoder=self._part(folder, "decoder"),
                joiner=self._part(folder, "joiner"),
                num_threads=self._threads,
                sample_rate=LISTENING_RATE_HZ,
                temperature_scale=1.0,  # otherwise it tells less than what it believes
                provider=self._device,
            )
        except (RuntimeError, ValueError, AssertionError) as failure:
            raise self._shelf.broken(self._model, failure) from failure
        return lambda: SherpaEar(recognizer)

    def _part(self, folder: Path, part: str) -> str:
        """The file of this part; the smaller one if there are two, but for the decoder, which is
        small anyway and suffers most."""
        found = sorted(folder.glob(f"{part}*.onnx"), key=lambda file: ".int8." in file.name)
        if not found:
            raise self._shelf.missing(self._model, f"{part}.onnx")
        return str(found[0] if part == "decoder" else found[-1])


class SherpaEar:
    def __init__(self, recognizer: Any) -> None:
        self._recognizer = recognizer
        self._stream = recognizer.create_stream()

    def hear(self, sound: Wave) -> str:
        self._stream.accept_waveform(LISTENING_RATE_HZ, sound)
        while self._recognizer.is_ready(self._stream):
            self._recognizer.decode_stream(self._stream)
        return _written(self._recognizer.get_result(self._stream))

    def conclude(self) -> Transcript:
        text = self.hear(_TAIL)
        chances = self._recognizer.ys_probs(self._stream)
        sure = math.exp(min(sum(chances) / len(chances), 0.0)) if chances else UNMEASURED
        return Transcript(text, sure)

    def close(self) -> None:
        self._stream = None


def _is_described(encoder: str) -> bool:
    """Whether the encoder says what it is: the library ends the process if it does not."""
    with open(encoder, "rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(b"model_type") >= 0


def _written(text: str) -> str:
    """Some of its models shout."""
    return text.lower() if text.isupper() else text
