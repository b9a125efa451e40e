"""Speech with SpeechT5: English, in the voice of anybody of whom there is an x-vector.

Beside the model it needs a vocoder, and the 512 numbers that say who speaks, as a NumPy file: the
CMU ARCTIC x-vectors are the usual ones. Who leaves stops it at the next layer of its networks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from repartee.audio.pcm import samples_from_float
from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.phrased import Say
from repartee.engines.local.solo import SPEEDS, Solo
from repartee.engines.local.stopping import look_up_between_layers
from repartee.engines.local.torch_device import choose_device, use_threads
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.tempo import at_speed

MODEL = "microsoft/speecht5_tts"
VOCODER = "microsoft/speecht5_hifigan"
SPEAKER = "speaker"
RATE_HZ = 16_000


class SpeechT5:
    name = "speecht5"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        model: str = MODEL,
        vocoder: str = VOCODER,
        speaker: str = SPEAKER,
        models_dir: str = MODELS_DIR,
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        """`speaker` is a NumPy file (.npy) with an x-vector."""
        self._shelf = Shelf(self.name, "TTS_MODEL", models_dir)
        self._model = model
        self._vocoder = vocoder
        self._speaker = speaker
        self._device = device
        self._threads = threads
        voice = Voice(Path(speaker).name.removesuffix(".npy"), "en-us")
        self._solo = Solo(self.name, voice, self._load)

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
        folder = self._shelf.folder(self._model, ("config.json", "spm_char.model"))
        vocoder_folder = self._shelf.folder(self._vocoder, ("config.json",))
        speaker_file = self._shelf.file(self._speaker, ".npy")
        import torch
        from transformers import SpeechT5ForTextToSpeech, SpeechT5HifiGan, SpeechT5Tokenizer

        use_threads(self._threads)
        device = choose_device(self._device)
        try:
            tokenizer: Any = SpeechT5Tokenizer.from_pretrained(folder, local_files_only=True)
            loaded: Any = SpeechT5ForTextToSpeech.from_pretrained(folder, local_files_only=True)
            vocoder: Any = SpeechT5HifiGan.from_pretrained(vocoder_folder, local_files_only=True)
            numbers = np.load(speaker_file).astype(np.float32).reshape(1, -1)
        except Exception as failure:  # files that are no model fail in many ways
            raise self._shelf.broken(self._model, failure) from failure
        model = loaded.to(device).eval()
        vocoder = vocoder.to(device).eval()
        look_up_between_layers(model)
        look_up_between_layers(vocoder)
        speaker = torch.from_numpy(numbers).to(device)

        def say(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            tokens = tokenizer(phrase, return_tensors="pt").to(device)
            with torch.no_grad():
                wave = model.generate_speech(tokens["input_ids"], speaker, vocoder=vocoder)
            samples = samples_from_float(wave.cpu().numpy())
            yield Sound(at_speed(samples, RATE_HZ, speech.speed), RATE_HZ)

        return say
