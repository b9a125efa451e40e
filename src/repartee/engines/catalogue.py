"""The engines that come with the house: where each is, what it needs, and which settings it takes.

One table, read by the registry and printed in the documentation. Nothing in it is imported before
it is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal["voice", "turn", "stt", "llm", "tts"]
Where = Literal["here", "your server", "cloud", "cloud or your server"]


class BuiltIn(msgspec.Struct, frozen=True):
    """An engine of ours."""

    target: str
    """Its module under `repartee.engines`, and the class in it."""
    packages: tuple[str, ...] = ()
    extra: str = ""
    """What brings the packages: `pip install "repartee[extra]"`."""
    settings: Mapping[str, str] = {}
    """Which setting each parameter of its constructor takes; one that is not set is left out."""
    where: Where = "here"
    """Where what is said goes to."""
    streaming: str = "yes"
    """Whether it works along, and if not, on what portions; for people."""
    languages: str = "any"
    """Which it understands, for people."""
    licence: str = ""
    """Of the engine's library and of its usual model, or whose terms count."""


_OPENAI = {"base_url": "openai_base_url", "api_key": "openai_api_key"}
_HUB = {"api_key": "hf_token", "base_url": "hf_inference_url"}
_DEEPGRAM = {"api_key": "deepgram_api_key", "base_url": "deepgram_base_url"}
_LOCAL = {"models_dir": "models_dir"}
_STT, _LLM, _TTS = {"model": "stt_model"}, {"model": "llm_model"}, {"model": "tts_model"}
_HEARS = _STT | _LOCAL | {"device": "stt_device"}
_SPEAKS = _TTS | _LOCAL | {"device": "tts_device"}
_IN = {"language": "default_language"}
_SCRIPT = {"script": "script"}
_REREADS = "partly: reads the turn again as it grows"
_BY_TURN, _BY_PHRASE = "by the turn", "by the phrase"
_WHISPERS = "100"
_ITS_MODELS = "those of its model"

BUILT_IN: dict[Kind, dict[str, BuiltIn]] = {
    "voice": {
        "silero": BuiltIn("voice.silero:Silero", ("onnxruntime",), licence="MIT"),
        "scripted": BuiltIn(
            "voice.scripted:ScriptedDetector", settings=_SCRIPT, licence="Apache-2.0"
        ),
    },
    "turn": {
        "smart-turn": BuiltIn(
            "turn.smart_turn:SmartTurn",
            ("onnxruntime",),
            settings=_LOCAL | {"model": "turn_model"},
            streaming="at each pause",
            languages="23",
            licence="model BSD-2-Clause",
        ),
    },
    "stt": {
        "pocketsphinx": BuiltIn(
            "stt.pocketsphinx:PocketSphinx",
            ("pocketsphinx",),
            "embedded",
            {"at_once": "stt_processes"},
            languages="English",
            licence="BSD",
        ),
        "faster-whisper": BuiltIn(
            "stt.faster_whisper:FasterWhisper",
            ("faster_whisper",),
            "faster-whisper",
            _HEARS | {"compute_type": "stt_compute_type"},
            streaming=_REREADS,
            languages=_WHISPERS,
            licence="MIT; model MIT",
        ),
        "moonshine": BuiltIn(
            "stt.moonshine:Moonshine",
            ("moonshine_voice",),
            "moonshine",
            _STT | _LOCAL | _IN,
            languages="ar, de, en, es, ja, tl, vi, zh: a model for each",
            licence="MIT; models MIT (its package calls those that are not English non-commercial)",
        ),
        "sherpa-onnx": BuiltIn(
            "stt.sherpa_onnx:SherpaOnnx",
            ("sherpa_onnx",),
            "sherpa-onnx",
            _HEARS,
            languages="English, or that of its model",
            licence="Apache-2.0; model Apache-2.0",
        ),
        "whisper": BuiltIn(
            "stt.whisper:Whisper",
            ("whisper", "torch"),
            "whisper",
            _HEARS,
            streaming=_REREADS,
            languages=_WHISPERS,
            licence="MIT; model MIT",
        ),
        "mlx-whisper": BuiltIn(
            "stt.mlx_whisper:MlxWhisper",
            ("mlx_whisper",),
            "mlx-whisper",
            _STT | _LOCAL,
            streaming=_REREADS,
            languages=_WHISPERS,
            licence="MIT; model MIT",
        ),
        "deepgram": BuiltIn(
            "stt.deepgram:Deepgram",
            settings=_DEEPGRAM | _STT,
            where="cloud",
            languages="31",
            licence="Deepgram's terms",
        ),
        "deepgram-flux": BuiltIn(
            "stt.deepgram_flux:DeepgramFlux",
            settings=_DEEPGRAM | _STT,
            where="cloud",
            languages="English, or that of its model",
            licence="Deepgram's terms",
        ),
        "openai": BuiltIn(
            "stt.openai:OpenAIRecognizer",
            settings=_OPENAI | _STT,
            where="cloud or your server",
            streaming=_BY_TURN,
            languages=_WHISPERS,
            licence="OpenAI's terms, or those of your server",
        ),
        "huggingface": BuiltIn(
            "stt.huggingface:HuggingFaceRecognizer",
            settings=_HUB | _STT,
            where="cloud",
            streaming=_BY_TURN,
            languages=_WHISPERS,
            licence="Hugging Face's terms; models have their own",
        ),
        "whispercpp": BuiltIn(
            "stt.whispercpp:WhisperCpp",
            settings={"base_url": "whispercpp_url", "timeout_s": "sst_request_timeout"},
            where="your server",
            streaming=_BY_TURN,
            languages=_WHISPERS,
            licence="MIT; model MIT",
        ),
        "sst-broker": BuiltIn(
            "stt.sst_broker:SstBroker",
            settings={
                "base_url": "sst_broker_url",
                "key": "sst_broker_key",
                "timeout_s": "sst_request_timeout",
            },
            where="your server",
            streaming=_BY_TURN,
            languages="those of the server behind it",
            licence="that of the server behind it",
        ),
        "scripted": BuiltIn(
            "stt.scripted:ScriptedRecognizer", settings=_SCRIPT, licence="Apache-2.0"
        ),
    },
    "llm": {
        "llamacpp": BuiltIn(
            "llm.llamacpp:LlamaCpp",
            ("xllamacpp",),
            "embedded",
            _LLM | _LOCAL | {"slots": "llm_slots", "system": "instructions"},
            languages=_ITS_MODELS,
            licence="MIT; built-in model SmolLM2-135M Apache-2.0",
        ),
        "transformers": BuiltIn(
            "llm.transformers:Transformers",
            ("transformers", "torch"),
            "transformers",
            _LLM | _LOCAL | {"device": "llm_device"},
            languages=_ITS_MODELS,
            licence="Apache-2.0; Qwen2.5 Apache-2.0 (3B: not for commercial use)",
        ),
        "openai": BuiltIn(
            "llm.openai:OpenAIResponder",
            settings=_OPENAI | _LLM,
            where="cloud or your server",
            languages=_ITS_MODELS,
            licence="OpenAI's terms, or those of your server",
        ),
        "gemini": BuiltIn(
            "llm.gemini:Gemini",
            settings=_LLM | {"api_key": "gemini_api_key", "base_url": "gemini_base_url"},
            where="cloud",
            languages=_ITS_MODELS,
            licence="Google's terms",
        ),
        "huggingface": BuiltIn(
            "llm.huggingface:HuggingFaceResponder",
            settings=_LLM | {"api_key": "hf_token", "base_url": "hf_base_url"},
            where="cloud",
            languages=_ITS_MODELS,
            licence="Hugging Face's terms; models have their own",
        ),
        "scripted": BuiltIn(
            "llm.scripted:ScriptedResponder", settings=_SCRIPT, licence="Apache-2.0"
        ),
    },
    "tts": {
        "espeak": BuiltIn(
            "tts.espeak:Espeak",
            ("espeakng_loader",),
            "embedded",
            languages="over 100",
            licence="GPL-3.0-or-later",
        ),
        "kokoro": BuiltIn(
            "tts.kokoro:Kokoro",
            ("kokoro_onnx",),
            "kokoro",
            _SPEAKS,
            streaming=_BY_PHRASE,
            languages="en, es, fr, hi, it, ja, pt, zh",
            licence="MIT, with parts under GPL-3.0; model Apache-2.0",
        ),
        "piper": BuiltIn(
            "tts.piper:Piper",
            ("piper",),
            "piper",
            _SPEAKS,
            streaming=_BY_PHRASE,
            languages="dozens: voices for each",
            licence="GPL-3.0-or-later; each voice has its own",
        ),
        "mms": BuiltIn(
            "tts.mms:Mms",
            ("transformers", "torch"),
            "mms",
            _SPEAKS | _IN,
            streaming=_BY_PHRASE,
            languages="over 1,000: a model for each",
            licence="Apache-2.0; models CC BY-NC 4.0, not for commercial use",
        ),
        "speecht5": BuiltIn(
            "tts.speecht5:SpeechT5",
            ("transformers", "torch", "sentencepiece"),
            "speecht5",
            _SPEAKS,
            streaming=_BY_PHRASE,
            languages="English",
            licence="Apache-2.0; model MIT",
        ),
        "coqui": BuiltIn(
            "tts.coqui:Coqui",
            ("TTS", "torchaudio"),
            "coqui",
            _SPEAKS | _IN,
            streaming=_BY_PHRASE,
            languages="English, or that of its model",
            licence="MPL-2.0; model MPL",
        ),
        "deepgram": BuiltIn(
            "tts.deepgram:DeepgramAura",
            settings=_DEEPGRAM,
            where="cloud",
            languages="English, Spanish",
            licence="Deepgram's terms",
        ),
        "openai": BuiltIn(
            "tts.openai:OpenAISynthesizer",
            settings=_OPENAI | _TTS,
            where="cloud or your server",
            languages="many",
            licence="OpenAI's terms, or those of your server",
        ),
        "kokoro-server": BuiltIn(
            "tts.kokoro_server:KokoroServer",
            settings={"base_url": "kokoro_url", "timeout_s": "tts_request_timeout"},
            where="your server",
            languages="en, es, fr, hi, it, ja, pt, zh",
            licence="Apache-2.0; model Apache-2.0",
        ),
        "tts-broker": BuiltIn(
            "tts.tts_broker:TtsBroker",
            settings={
                "base_url": "tts_broker_url",
                "key": "tts_broker_key",
                "timeout_s": "tts_request_timeout",
            },
            where="your server",
            streaming=_BY_PHRASE,
            languages="those of the server behind it",
            licence="that of the server behind it",
        ),
        "huggingface": BuiltIn(
            "tts.huggingface:HuggingFaceSynthesizer",
            settings=_HUB | _TTS | {"language": "default_language"},
            where="cloud",
            streaming="by the sentence",
            languages=_ITS_MODELS,
            licence="Hugging Face's terms; models have their own",
        ),
        "gtts": BuiltIn(
            "tts.gtts:GoogleTranslate",
            settings={"base_url": "gtts_base_url"},
            where="cloud",
            streaming="by a hundred characters",
            languages="dozens",
            licence="Google's terms; nobody promises that it works",
        ),
        "scripted": BuiltIn(
            "tts.scripted:ScriptedSynthesizer", settings=_SCRIPT, licence="Apache-2.0"
        ),
    },
}
