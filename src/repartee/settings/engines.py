"""The engines, and the services of other machines that some of them use."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core.core_schema import ValidationInfo

from repartee.settings.section import Section
from repartee.settings.values import EngineChain, EngineName, WebAddress

_BROKERS = {"stt": "sst-broker", "tts": "tts-broker"}
"""What the brokers are called among the engines of each kind."""


class EngineSettings(Section):
    """The engines that listen, think and speak. `repartee doctor` tries them all."""

    vad: EngineName = Field(default="silero", description="The detector of speech and silence.")
    turn: EngineName = Field(
        default="words",
        description="What judges whether a pause is the end of a turn: words, or smart-turn, which "
        "listens to the voice beside them.",
    )
    turn_model: str | None = Field(
        default=None, max_length=1_000, description="The turn model's file, or its name."
    )
    stt: EngineChain = Field(
        default="pocketsphinx",
        description="The recogniser: speech to text; auto takes the best that works here. Where "
        "SST_BROKER_URL is set, the broker there unless another is named here.",
    )
    llm: EngineChain = Field(
        default="llamacpp",
        description="The model that answers; auto takes the best that works here.",
    )
    tts: EngineChain = Field(
        default="espeak",
        description="The synthesiser: text to speech; auto takes the best that works here. Where "
        "TTS_BROKER_URL is set, the broker there unless another is named here.",
    )
    stt_model: str | None = Field(
        default=None,
        max_length=1_000,
        description="The recogniser's model, where it has several: a name such as nova-3.",
    )
    llm_model: str | None = Field(
        default=None,
        max_length=1_000,
        description="The language model: for llamacpp a file that ends in .gguf (any other name "
        "leaves it the model that is built in); for others a name such as gemini-2.5-flash.",
    )
    tts_model: str | None = Field(
        default=None, max_length=1_000, description="The synthesiser's model, where it has several."
    )
    models_dir: str = Field(
        default="models",
        min_length=1,
        max_length=1_000,
        description="The folder in which local engines look for their models first, and into which "
        "`repartee models pull` fetches them.",
    )
    models_offline: bool = Field(
        default=False, description="true: `repartee models pull` fetches nothing."
    )
    models_mirror: WebAddress | None = Field(
        default=None,
        description="A server with copies of models: https://host/path is asked for as "
        "MODELS_MIRROR/host/path.",
    )
    hf_endpoint: WebAddress | None = Field(
        default=None,
        description="A server laid out like the Hugging Face hub, asked for models in its place.",
    )
    auto_local_only: bool = Field(
        default=False,
        description="true: an engine named auto is never one on another machine, whatever keys "
        "and addresses are set.",
    )
    stt_device: str | None = Field(
        default=None,
        max_length=100,
        description="What a local recogniser runs on: cpu, cuda or auto.",
    )
    stt_compute_type: str | None = Field(
        default=None, max_length=100, description="How faster-whisper calculates, such as int8."
    )
    llm_device: str | None = Field(
        default=None,
        max_length=100,
        description="What transformers runs on: cpu, cuda, mps or auto.",
    )
    tts_device: str | None = Field(
        default=None,
        max_length=100,
        description="What a local synthesiser runs on: cpu, cuda or auto.",
    )
    script: str | None = Field(
        default=None,
        max_length=1_000,
        description="A file that the engines named scripted play back, for trials and tests.",
    )
    stt_processes: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Turns heard at the same time, each in a process; 0: as the cores allow.",
    )
    llm_slots: int = Field(
        default=4, ge=1, le=64, description="Replies that the model can write at the same time."
    )
    tts_cache_mb: int = Field(
        default=64,
        ge=0,
        le=16_384,
        description="Memory for what was spoken already, in megabytes: said again, it is there at "
        "once; 0 remembers nothing.",
    )
    errands_at_once: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Recordings, texts and messages outside of calls that are worked on at the "
        "same time, of each kind; the others wait. 0: half as many as there are cores, so that "
        "calls have right of way. With engines on other machines it may be more.",
    )

    @model_validator(mode="before")
    @classmethod
    def _whoever_says_where_a_broker_is_wants_it(cls, given: dict[str, Any]) -> dict[str, Any]:
        wanted = {
            kind: broker
            for kind, broker in _BROKERS.items()
            if given.get(f"{broker.replace('-', '_')}_url") and not given.get(kind)
        }
        return {**given, **wanted}

    @field_validator("stt", "tts")
    @classmethod
    def _broker_is_short_for_the_one_of_this_kind(cls, name: str, info: ValidationInfo) -> str:
        broker = _BROKERS[str(info.field_name)]
        return ",".join(broker if one == "broker" else one for one in name.split(","))


class ServiceSettings(Section):
    """Where the engines of other people's machines are, and the keys to them."""

    openai_api_key: SecretStr | None = Field(
        default=None, description="The key for OPENAI_BASE_URL, for the engines named openai."
    )
    openai_base_url: str | None = Field(
        default=None,
        max_length=1_000,
        description="Any server that speaks this API: Ollama, vLLM, LM Studio, llama-server, Groq.",
    )
    gemini_api_key: SecretStr | None = Field(default=None, description="The key for Gemini.")
    gemini_base_url: str | None = Field(
        default=None, max_length=1_000, description="Another address of Gemini, such as a proxy."
    )
    hf_token: SecretStr | None = Field(
        default=None,
        description="The token for the engines named huggingface, and for models on the hub that "
        "are not given to everybody.",
    )
    hf_base_url: str | None = Field(
        default=None, max_length=1_000, description="Another address for its language models."
    )
    hf_inference_url: str | None = Field(
        default=None, max_length=1_000, description="Another address for its speech models."
    )
    deepgram_api_key: SecretStr | None = Field(
        default=None, description="The key for the engines named deepgram."
    )
    deepgram_base_url: str | None = Field(
        default=None,
        max_length=1_000,
        description="Another region's address, such as wss://api.eu.deepgram.com.",
    )
    gtts_base_url: str | None = Field(
        default=None, max_length=1_000, description="Another address for gtts."
    )
