"""What several rows have in common: settings, by the parameters that take them, and words."""

from __future__ import annotations

OPENAI = {"base_url": "openai_base_url", "api_key": "openai_api_key"}
HUB = {"api_key": "hf_token", "base_url": "hf_inference_url"}
DEEPGRAM = {"api_key": "deepgram_api_key", "base_url": "deepgram_base_url"}
LOCAL = {"models_dir": "models_dir"}
STT, LLM, TTS = {"model": "stt_model"}, {"model": "llm_model"}, {"model": "tts_model"}
HEARS = STT | LOCAL | {"device": "stt_device"}
SPEAKS = TTS | LOCAL | {"device": "tts_device"}
IN = {"language": "default_language"}
SCRIPT = {"script": "script"}
REREADS = "partly: reads the turn again as it grows"
BY_TURN, BY_PHRASE = "by the turn", "by the phrase"
WHISPERS = "100"
ITS_MODELS = "those of its model"
