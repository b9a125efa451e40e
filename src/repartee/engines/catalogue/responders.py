"""Who thinks."""

from __future__ import annotations

from repartee.engines.catalogue.row import BuiltIn
from repartee.engines.catalogue.shared import (
    ITS_MODELS,
    LLM,
    LOCAL,
    OPENAI,
    SCRIPT,
)

RESPONDERS: dict[str, BuiltIn] = {
    "llamacpp": BuiltIn(
        "llm.llamacpp:LlamaCpp",
        ("xllamacpp",),
        "embedded",
        LLM | LOCAL | {"slots": "llm_slots", "system": "instructions"},
        languages=ITS_MODELS,
        licence="MIT; built-in model SmolLM2-135M Apache-2.0",
    ),
    "transformers": BuiltIn(
        "llm.transformers:Transformers",
        ("transformers", "torch"),
        "transformers",
        LLM | LOCAL | {"device": "llm_device"},
        languages=ITS_MODELS,
        licence="Apache-2.0; Qwen2.5 Apache-2.0 (3B: not for commercial use)",
    ),
    "openai": BuiltIn(
        "llm.openai:OpenAIResponder",
        settings=OPENAI | LLM,
        where="cloud or your server",
        languages=ITS_MODELS,
        licence="OpenAI's terms, or those of your server",
    ),
    "gemini": BuiltIn(
        "llm.gemini:Gemini",
        settings=LLM | {"api_key": "gemini_api_key", "base_url": "gemini_base_url"},
        where="cloud",
        languages=ITS_MODELS,
        licence="Google's terms",
    ),
    "huggingface": BuiltIn(
        "llm.huggingface:HuggingFaceResponder",
        settings=LLM | {"api_key": "hf_token", "base_url": "hf_base_url"},
        where="cloud",
        languages=ITS_MODELS,
        licence="Hugging Face's terms; models have their own",
    ),
    "scripted": BuiltIn("llm.scripted:ScriptedResponder", settings=SCRIPT, licence="Apache-2.0"),
}
