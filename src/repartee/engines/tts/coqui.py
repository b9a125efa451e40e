"""Speech with Coqui's models that come in the shape of its Glow-TTS: a network and a vocoder.

Each is a folder with a `config.json` and the weights (`*.pth`). Without a vocoder the sound is
worked out by Griffin and Lim's method, which needs no model and sounds like it.

Who leaves stops it at the next layer of its networks; Griffin and Lim can't be stopped, so without
a vocoder a phrase is finished that is past its network.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from repartee.audio.pcm import samples_from_float
from repartee.engines.local.models import MODELS_DIR, Shelf
from repartee.engines.local.phrased import Say
from repartee.engines.local.solo import SPEEDS, Solo
from repartee.engines.local.stopping import look_up_between_layers
from repartee.engines.local.torch_device import choose_device, use_threads
from repartee.engines.protocols import Sound, Speech, Voice
from repartee.engines.tts.tempo import at_speed

MODEL = "tts_models/en/ljspeech/glow-tts"
VOCODER = "vocoder_models/en/ljspeech/multiband-melgan"


class Coqui:
    name = "coqui"
    ascii_only = False
    speeds = SPEEDS

    def __init__(
        self,
        *,
        model: str = MODEL,
        vocoder: str = VOCODER,
        models_dir: str = MODELS_DIR,
        language: str = "en",
        device: str = "auto",
        threads: int | None = None,
    ) -> None:
        """`language` is the one that the model speaks; an empty `vocoder` does without one."""
        self._shelf = Shelf(self.name, "TTS_MODEL", models_dir)
        self._model = model
        self._vocoder = vocoder
        self._device = device
        self._threads = threads
        self._solo = Solo(self.name, Voice(_folder_name(model), language), self._load)

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
        config, weights = self._files(self._model)
        vocoder_config, vocoder_weights = self._files(self._vocoder) if self._vocoder else ("", "")
        from TTS.utils.synthesizer import Synthesizer

        use_threads(self._threads)
        try:
            with TemporaryDirectory() as descriptions:
                coqui = Synthesizer(
                    tts_checkpoint=weights,
                    tts_config_path=_placed(config, Path(descriptions, "voice.json")),
                    vocoder_checkpoint=vocoder_weights,
                    vocoder_config=_placed(vocoder_config, Path(descriptions, "vocoder.json")),
                    use_cuda=choose_device(self._device, ("cuda", "cpu")) != "cpu",
                )
        except Exception as failure:  # files that are no model fail in many ways
            raise self._shelf.broken(_folder_name(self._model), failure) from failure
        for network in (coqui.tts_model, coqui.vocoder_model):
            if network is not None:
                look_up_between_layers(network)
        rate_hz = int(coqui.output_sample_rate)

        def say(phrase: str, voice: Voice, speech: Speech) -> Iterator[Sound]:
            floats = np.asarray(coqui.tts(phrase, split_sentences=False), np.float32)
            yield Sound(at_speed(samples_from_float(floats), rate_hz, speech.speed), rate_hz)

        return say

    def _files(self, model: str) -> tuple[str, str]:
        """The description and the weights of this model."""
        folder = self._shelf.folder(_folder_name(model), ("config.json",), _library_keeps)
        weights = sorted(folder.glob("*.pth"))
        if not weights:
            raise self._shelf.missing(_folder_name(model), "model_file.pth")
        return str(folder / "config.json"), str(weights[0])


def _placed(description: str, copy: Path) -> str:
    """A description of a model that says where its statistics are here, and not at its maker's."""
    statistics = Path(description).with_name("scale_stats.npy") if description else None
    if statistics is None or not statistics.is_file():
        return description
    described = json.loads(Path(description).read_text("utf-8"))
    described.setdefault("audio", {})["stats_path"] = str(statistics)
    copy.write_text(json.dumps(described), "utf-8")
    return str(copy)


def _folder_name(model: str) -> str:
    """Coqui keeps `tts_models/en/ljspeech/glow-tts` in a folder with dashes for the slashes."""
    return model if Path(model).is_dir() else model.replace("/", "--")


def _library_keeps(name: str) -> str:
    """Where the library has put what it has fetched."""
    from trainer.io import get_user_data_dir

    folder = Path(get_user_data_dir("tts")) / name
    if not folder.is_dir():
        raise FileNotFoundError(name)
    return str(folder)
