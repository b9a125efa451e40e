"""Speech with MMS, Meta's voices for a thousand languages: one model for each, one voice in each.

Its networks are small (36 million parameters) and run in single precision everywhere: in half
precision they crackle. Their weights may not be used commercially (CC BY-NC 4.0).

Who leaves stops it at the next layer of its network.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import Any

from repartee.audio.pcm import samples_from_float
from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.phrased import Say
from repartee.engines.local.solo import SPEEDS, Solo
from repartee.engines.local.stopping import look_up_between_layers
from repartee.engines.local.torch_device import choose_device, use_threads
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.errors import EngineMissing

MODEL = "facebook/mms-tts-eng"


class Mms:
    name = "mms"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        model: str = MODEL,
        models_dir: str = MODELS_DIR,
        language: str = "en",
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        """`language` is the one that the model speaks."""
        self._shelf = Shelf(self.name, "TTS_MODEL", models_dir)
        self._model = model
        self._device = device
        self._threads = threads
        self._solo = Solo(self.name, Voice(Path(model).name, language), self._load)

    def __repr__(self) -> str:
        return repr(self._solo)

    async def open(self) -> None:
        await self._solo.open()

    def voices(self) -> Sequence[Voice]:
        return self._solo.voices()

    def resolve(self, voice: str, language: str) -> Voice:
        return self._solo.resolve(voice, language)

    def synthesize(self, text: str, speech: Speech) -> AsyncGenerator[Sound]:
        return self._solo.synthesize(text, speech)

    async def close(self) -> None:
        await self._solo.close()

    def _load(self) -> Say:
        folder = self._shelf.folder(self._model, ("config.json", "vocab.json"))
        import torch
        from transformers import VitsModel, VitsTokenizer

        use_threads(self._threads)
        device = choose_device(self._device)
        try:
            tokenizer: Any = VitsTokenizer.from_pretrained(folder, local_files_only=True)
            loaded: Any = VitsModel.from_pretrained(folder, local_files_only=True)
        except Exception as failure:  # files that are no model fail in many ways
            raise self._shelf.broken(self._model, failure) from failure
        if tokenizer.is_uroman:
            raise EngineMissing(
                "The language of this MMS model is read in Latin letters only, which nobody here"
                " can turn it into.",
                hint="Choose another model in TTS_MODEL.",
            )
        model = loaded.to(device).eval()
        look_up_between_layers(model)

        def say(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            tokens = tokenizer(phrase, return_tensors="pt").to(device)
            if not tokens["input_ids"].shape[-1]:
                return  # not one character that it knows
            with torch.no_grad():
                wave = model(**tokens, speaking_rate=speech.speed).waveform
            yield Sound(samples_from_float(wave[0].cpu().numpy()), model.config.sampling_rate)

        return say
