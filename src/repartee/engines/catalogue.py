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
_STT, _LLM, _TTS = {"model": "stt_model"}, {"model": "llm_model"}, {"model": "tts_model"}
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
        "deepgram": BuiltIn("stt.deepgram:Deepgram", settings=_DEEPGRAM | _STT),
        "deepgram-flux": BuiltIn("stt.deepgram_flux:DeepgramFlux", settings=_DEEPGRAM | _STT),
        "openai": BuiltIn("stt.openai:OpenAIRecognizer", settings=_OPENAI | _STT),
        "huggingface": BuiltIn("stt.huggingface:HuggingFaceRecognizer", settings=_HUB | _STT),
        "whispercpp": BuiltIn("stt.whispercpp:WhisperCpp", settings={"base_url": "remote_sst_url"}),
        "scripted": BuiltIn("stt.scripted:ScriptedRecognizer", settings=_SCRIPT),
    },
    "llm": {
        "llamacpp": BuiltIn(
            "llm.llamacpp:LlamaCpp",
            ("xllamacpp",),
            "embedded",
            _LLM | {"slots": "llm_slots", "system": "instructions"},
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
        "deepgram": BuiltIn("tts.deepgram:DeepgramAura", settings=_DEEPGRAM),
        "openai": BuiltIn("tts.openai:OpenAISynthesizer", settings=_OPENAI | _TTS),
        "kokoro-server": BuiltIn(
            "tts.kokoro_server:KokoroServer", settings={"base_url": "remote_tts_url"}
        ),
        "huggingface": BuiltIn(
            "tts.huggingface:HuggingFaceSynthesizer",
            settings=_HUB | _TTS | {"language": "default_language"},
        ),
        "gtts": BuiltIn("tts.gtts:GoogleTranslate", settings={"base_url": "gtts_base_url"}),
        "scripted": BuiltIn("tts.scripted:ScriptedSynthesizer", settings=_SCRIPT),
    },
}
