"""The engines that come with the house: where each is, what it needs, and which settings it takes.

One table, read by the registry and printed in the documentation. Nothing in it is imported before
it is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal["voice", "stt", "llm", "tts"]


class BuiltIn(msgspec.Struct, frozen=True):
    """An engine of ours."""

    target: str
    """Its module under `repartee.engines`, and the class in it."""
    packages: tuple[str, ...] = ()
    extra: str = ""
    """What brings the packages: `pip install "repartee[extra]"`."""
    settings: Mapping[str, str] = {}
    """Which setting each parameter of its constructor takes; one that is not set is left out."""


_OPENAI = {"base_url": "openai_base_url", "api_key": "openai_api_key"}
_HUB = {"api_key": "hf_token", "base_url": "hf_inference_url"}
_DEEPGRAM = {"api_key": "deepgram_api_key", "base_url": "deepgram_base_url"}
_LOCAL = {"models_dir": "models_dir"}
_STT, _LLM, _TTS = {"model": "stt_model"}, {"model": "llm_model"}, {"model": "tts_model"}
_HEARS = _STT | _LOCAL | {"device": "stt_device"}
_SPEAKS = _TTS | _LOCAL | {"device": "tts_device"}
_IN = {"language": "default_language"}
_SCRIPT = {"script": "script"}

BUILT_IN: dict[Kind, dict[str, BuiltIn]] = {
    "voice": {
        "silero": BuiltIn("voice.silero:Silero", ("onnxruntime",)),
        "scripted": BuiltIn("voice.scripted:ScriptedDetector", settings=_SCRIPT),
    },
    "stt": {
        "pocketsphinx": BuiltIn(
            "stt.pocketsphinx:PocketSphinx",
            ("pocketsphinx",),
            "embedded",
            {"at_once": "stt_processes"},
        ),
        "faster-whisper": BuiltIn(
            "stt.faster_whisper:FasterWhisper",
            ("faster_whisper",),
            "faster-whisper",
            _HEARS | {"compute_type": "stt_compute_type"},
        ),
        "moonshine": BuiltIn(
            "stt.moonshine:Moonshine", ("moonshine_voice",), "moonshine", _STT | _LOCAL | _IN
        ),
        "sherpa-onnx": BuiltIn(
            "stt.sherpa_onnx:SherpaOnnx", ("sherpa_onnx",), "sherpa-onnx", _HEARS
        ),
        "whisper": BuiltIn("stt.whisper:Whisper", ("whisper", "torch"), "whisper", _HEARS),
        "mlx-whisper": BuiltIn(
            "stt.mlx_whisper:MlxWhisper", ("mlx_whisper",), "mlx-whisper", _STT | _LOCAL
        ),
        "deepgram": BuiltIn("stt.deepgram:Deepgram", settings=_DEEPGRAM | _STT),
        "deepgram-flux": BuiltIn("stt.deepgram_flux:DeepgramFlux", settings=_DEEPGRAM | _STT),
        "openai": BuiltIn("stt.openai:OpenAIRecognizer", settings=_OPENAI | _STT),
        "huggingface": BuiltIn("stt.huggingface:HuggingFaceRecognizer", settings=_HUB | _STT),
        "whispercpp": BuiltIn("stt.whispercpp:WhisperCpp", settings={"base_url": "remote_sst_url"}),
        "sst-broker": BuiltIn("stt.sst_broker:SstBroker", settings={"base_url": "sst_broker_url"}),
        "scripted": BuiltIn("stt.scripted:ScriptedRecognizer", settings=_SCRIPT),
    },
    "llm": {
        "llamacpp": BuiltIn(
            "llm.llamacpp:LlamaCpp",
            ("xllamacpp",),
            "embedded",
            _LLM | {"slots": "llm_slots", "system": "instructions"},
        ),
        "transformers": BuiltIn(
            "llm.transformers:Transformers",
            ("transformers", "torch"),
            "transformers",
            _LLM | _LOCAL | {"device": "llm_device"},
        ),
        "openai": BuiltIn("llm.openai:OpenAIResponder", settings=_OPENAI | _LLM),
        "gemini": BuiltIn(
            "llm.gemini:Gemini",
            settings=_LLM | {"api_key": "gemini_api_key", "base_url": "gemini_base_url"},
        ),
        "huggingface": BuiltIn(
            "llm.huggingface:HuggingFaceResponder",
            settings=_LLM | {"api_key": "hf_token", "base_url": "hf_base_url"},
        ),
        "scripted": BuiltIn("llm.scripted:ScriptedResponder", settings=_SCRIPT),
    },
    "tts": {
        "espeak": BuiltIn("tts.espeak:Espeak", ("espeakng_loader",), "embedded"),
        "kokoro": BuiltIn("tts.kokoro:Kokoro", ("kokoro_onnx",), "kokoro", _SPEAKS),
        "piper": BuiltIn("tts.piper:Piper", ("piper",), "piper", _SPEAKS),
        "mms": BuiltIn("tts.mms:Mms", ("transformers", "torch"), "mms", _SPEAKS | _IN),
        "speecht5": BuiltIn(
            "tts.speecht5:SpeechT5",
            ("transformers", "torch", "sentencepiece"),
            "speecht5",
            _SPEAKS,
        ),
        "coqui": BuiltIn("tts.coqui:Coqui", ("TTS", "torchaudio"), "coqui", _SPEAKS | _IN),
        "deepgram": BuiltIn("tts.deepgram:DeepgramAura", settings=_DEEPGRAM),
        "openai": BuiltIn("tts.openai:OpenAISynthesizer", settings=_OPENAI | _TTS),
        "kokoro-server": BuiltIn(
            "tts.kokoro_server:KokoroServer", settings={"base_url": "remote_tts_url"}
        ),
        "tts-broker": BuiltIn("tts.tts_broker:TtsBroker", settings={"base_url": "tts_broker_url"}),
        "huggingface": BuiltIn(
            "tts.huggingface:HuggingFaceSynthesizer",
            settings=_HUB | _TTS | {"language": "default_language"},
        ),
        "gtts": BuiltIn("tts.gtts:GoogleTranslate", settings={"base_url": "gtts_base_url"}),
        "scripted": BuiltIn("tts.scripted:ScriptedSynthesizer", settings=_SCRIPT),
    },
}
