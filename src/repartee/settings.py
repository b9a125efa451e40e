"""Everything that can be set, as one typed, frozen object.

    settings = Settings.load()      command line over environment over .env over default

The name of a setting is the name of its field in capitals. A wrong setting stops the start with
one sentence that names it, its value and what is allowed. `docs/settings.md` and `.env.example`
are printed from the fields below by `repartee.settings_table`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from repartee.conversation.rules import Rules
from repartee.errors import SettingsError
from repartee.machine import usable_cores
from repartee.settings_reading import gather, read_dotenv, sentence_about
from repartee.settings_values import (
    EngineName,
    Host,
    Language,
    LogFormat,
    LogLevel,
    Origins,
    Speculation,
    VoiceName,
)


class Section(BaseModel):
    """A group of settings that belong together: a heading of the table."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        allow_inf_nan=False,
        str_strip_whitespace=True,
        validate_default=True,
    )


class ServerSettings(Section):
    """Where the server listens, to whom, and how much it takes on."""

    host: Host = Field(
        default="127.0.0.1",
        description="The address to listen on. 0.0.0.0 opens the server to the network.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="The port of every interface.")
    cors_origins: Origins = Field(
        default=("http://localhost:3000",),
        description="Web pages of these origins may use the server, beside its own page.",
    )
    max_calls: int = Field(
        default=100, ge=1, le=10_000, description="Calls at the same time; one more is turned away."
    )
    max_frame_bytes: int = Field(
        default=1_048_576,
        ge=16_384,
        le=67_108_864,
        description="The longest message or request in bytes; a longer one is refused.",
    )
    max_upload_mb: int = Field(
        default=25,
        ge=1,
        le=1_024,
        description="The largest recording that may be uploaded, in megabytes.",
    )
    upload_seconds: float = Field(
        default=300,
        ge=1,
        le=86_400,
        description="An upload whose answer nobody asks for is forgotten after so long.",
    )
    max_text_chars: int = Field(
        default=4_000, ge=1, le=100_000, description="The longest message that may be typed."
    )
    max_turn_seconds: float = Field(
        default=60, ge=1, le=600, description="Who speaks longer is answered in mid-sentence."
    )
    send_timeout_seconds: float = Field(
        default=5, ge=0.5, le=60, description="A client that takes nothing for so long is dropped."
    )
    shutdown_seconds: float = Field(
        default=10,
        ge=0,
        le=300,
        description="How long calls may go on after the server is told to stop.",
    )


class LogSettings(Section):
    """What is written to the log (standard error), and how."""

    debug: bool = Field(
        default=False, description="Logs everything, and shows where in the code an error arose."
    )
    log_level: LogLevel = Field(
        default="INFO", description="The least important message that is logged."
    )
    log_format: LogFormat = Field(
        default="text", description="A readable line, or one JSON object per line."
    )
    log_transcripts: bool = Field(
        default=False,
        description="Puts what was said into the log; otherwise only how many words it was.",
    )


class StoreSettings(Section):
    """Where calls and their turns are kept, and for how long."""

    database_url: str = Field(
        default="sqlite:///./repartee.db",
        min_length=1,
        max_length=2_000,
        repr=False,
        description="The database: sqlite:///./file.db, sqlite:///:memory: to keep nothing, or "
        "postgresql://user:password@host/database.",
    )
    retention_days: float = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Calls that ended longer ago than this are deleted; 0 keeps them for ever.",
    )


class RecordSettings(Section):
    """What is kept of calls, word for word. Off, unless you and those who call agree to it."""

    record_calls: bool = Field(
        default=False,
        description="Writes a journal of every call, which `repartee replay` runs again. It holds "
        "all that was said and answered.",
    )
    record_audio: bool = Field(
        default=False,
        description="Records every call with its sound: beside the journal, what was heard and "
        "what was spoken, as WAV files.",
    )
    record_dir: str = Field(
        default="recordings",
        min_length=1,
        max_length=1_000,
        description="The folder for recordings. Nothing in it is ever deleted by the server.",
    )


class EngineSettings(Section):
    """The engines that listen, think and speak. `repartee doctor` tries them all."""

    vad: EngineName = Field(default="silero", description="The detector of speech and silence.")
    stt: EngineName = Field(default="pocketsphinx", description="The recogniser: speech to text.")
    llm: EngineName = Field(default="llamacpp", description="The model that answers.")
    tts: EngineName = Field(default="espeak", description="The synthesiser: text to speech.")
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
        description="The folder in which local engines look for their models first.",
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
        description="Recordings and texts outside of calls that are worked on at the same time, "
        "of each kind; the others wait. 0: half as many as there are cores, so that calls have "
        "right of way. With engines on other machines it may be more.",
    )


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
        default=None, description="The token for the engines named huggingface."
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


class ReplySettings(Section):
    """What is answered, and in which voice."""

    instructions: str = Field(
        default=Rules().instructions,
        max_length=20_000,
        description="Who the voice is. A rule to speak naturally and briefly is always added.",
    )
    personas_file: str = Field(
        default="personas.toml",
        min_length=1,
        max_length=1_000,
        description="More personas to choose from, if this file is there. It is read again "
        "whenever it changes.",
    )
    memory_messages: int = Field(
        default=12,
        ge=0,
        le=1_000,
        description="How many of the latest messages the model is shown.",
    )
    max_new_tokens: int = Field(
        default=220, ge=1, le=4_096, description="The longest reply, in tokens."
    )
    temperature: float | None = Field(
        default=None,
        ge=0,
        le=2,
        description="How freely words are chosen; left out, the engine decides.",
    )
    top_p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="Chooses among the likeliest words that make up this share; left out, the "
        "engine decides.",
    )
    do_sample: bool = Field(
        default=True,
        description="false always takes the likeliest word: the same question, same reply.",
    )
    max_reply_seconds: float = Field(
        default=15,
        ge=0.5,
        le=300,
        description="A model that writes nothing for so long has failed.",
    )
    default_language: Language = Field(
        default="en",
        description="The language that is spoken and heard, unless a client names another.",
    )
    tts_default_voice: VoiceName = Field(
        default="af_heart", description="The voice, unless a client names another."
    )
    tts_default_speed: float = Field(
        default=1.0, gt=0, le=2, description="How fast it speaks; 1 is its natural speed."
    )


class TurnSettings(Section):
    """When somebody has finished speaking, and when somebody interrupts."""

    pause_ms: int = Field(
        default=64,
        ge=32,
        le=500,
        description="Silence after which a reply is prepared, not yet spoken.",
    )
    endpoint_min_ms: int = Field(
        default=250,
        ge=100,
        le=2_000,
        description="Silence that ends a turn after a finished sentence.",
    )
    endpoint_default_ms: int = Field(
        default=500,
        ge=100,
        le=5_000,
        description="Silence that ends a turn where words leave it open.",
    )
    endpoint_max_ms: int = Field(
        default=1_200,
        ge=300,
        le=5_000,
        description="Silence that ends a turn after “and…” or “um”.",
    )
    barge_in_ms: int = Field(
        default=600,
        ge=100,
        le=5_000,
        description="Speech over a reply for so long stops it, whatever the words are.",
    )
    preroll_ms: int = Field(
        default=300,
        ge=0,
        le=2_000,
        description="Sound from before speech was noticed that the recogniser still hears.",
    )
    low_confidence: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="Below this a transcript is not believed: please repeat.",
    )
    speculation: Speculation = Field(
        default="auto",
        description="Whether a reply is prepared during a pause that may not be the end; auto "
        "does so where there is more than one core.",
    )
    playback_lead_ms: int = Field(
        default=200,
        ge=40,
        le=2_000,
        description="How far sound is sent ahead of what is being heard.",
    )


class PageSettings(Section):
    """What `GET /config` tells a page. They change how it plays and shows, not what is sent."""

    default_volume: float = Field(default=0.8, ge=0, le=1, description="The volume at first.")
    enable_audio: bool = Field(
        default=True, description="false: the page shows replies without sound."
    )
    auto_scroll: bool = Field(default=True, description="The newest message stays in sight.")
    save_chat_history: bool = Field(default=True, description="The browser keeps the messages.")
    max_chat_history: int = Field(
        default=100, ge=0, le=10_000, description="How many messages the browser keeps."
    )
    chunk_size: int = Field(
        default=512,
        ge=128,
        le=16_384,
        description="Samples (16 kHz) in each piece of sound the page sends: 512 are 32 ms.",
    )
    max_queue_size: int = Field(
        default=10,
        ge=1,
        le=1_000,
        description="Pieces of sound that may wait in the page to be played.",
    )
    audio_buffer_size: int = Field(
        default=2_048,
        ge=0,
        le=240_000,
        description="Samples (24 kHz) that the page gathers before it begins to play.",
    )
    tts_sample_rate: int = Field(
        default=24_000,
        ge=8_000,
        le=48_000,
        description="The rate in Hz at which the page opens its output. Sound is sent at 24000 Hz "
        "whatever this says; a browser converts between the two.",
    )


class MqttSettings(Section):
    """Devices that speak through an MQTT broker: `repartee mqtt`. See mqtt.md."""

    mqtt_broker: str = Field(
        default="mqtt://localhost:1883",
        min_length=1,
        max_length=1_000,
        repr=False,
        description="The broker: mqtt://host:port, or mqtts://… for one that is encrypted. A name "
        "and a password may stand in it, as in mqtts://name:password@host.",
    )
    mqtt_username: str | None = Field(
        default=None, max_length=200, description="The name by which the broker knows us."
    )
    mqtt_password: SecretStr | None = Field(
        default=None, max_length=1_000, description="The password to that name."
    )
    mqtt_ca_file: str | None = Field(
        default=None,
        max_length=1_000,
        description="The certificate of the authority that signed the broker's, for one that this "
        "system does not trust by itself.",
    )
    mqtt_cert_file: str | None = Field(
        default=None,
        max_length=1_000,
        description="Our own certificate, where the broker asks for one.",
    )
    mqtt_key_file: str | None = Field(
        default=None, max_length=1_000, description="The key to that certificate."
    )
    mqtt_listen_seconds: float = Field(
        default=10,
        ge=0.5,
        le=120,
        description="How long a device that listens waits for the first word.",
    )
    mqtt_idle_seconds: float = Field(
        default=600,
        ge=1,
        le=86_400,
        description="A device that is silent for so long is forgotten, with what was said.",
    )


class SttBrokerSettings(Section):
    """A broker for speech recognition: `repartee broker stt`. See brokers.md."""

    sst_broker_host: Host = Field(
        default="0.0.0.0", description="The address it listens on; 0.0.0.0 is the whole network."
    )
    sst_broker_port: int = Field(default=9082, ge=1, le=65535, description="Its port.")
    sst_broker_url: str | None = Field(
        default=None,
        max_length=1_000,
        description="Where a server finds this broker, such as http://localhost:9082.",
    )
    sst_broker_log_level: LogLevel = Field(
        default="INFO", description="The least important message that it logs."
    )
    sst_request_timeout: float = Field(
        default=300, gt=0, le=3_600, description="How many seconds a recording may take."
    )
    remote_sst_host: Host = Field(
        default="localhost", description="The machine of the whisper.cpp server behind it."
    )
    remote_sst_port: int = Field(
        default=8082, ge=1, le=65535, description="The port of the whisper.cpp server."
    )
    remote_sst_url: str | None = Field(
        default=None,
        max_length=1_000,
        description="The whole address of the whisper.cpp server, instead of machine and port.",
    )


class TtsBrokerSettings(Section):
    """A broker for speech synthesis: `repartee broker tts`. See brokers.md."""

    tts_broker_host: Host = Field(
        default="0.0.0.0", description="The address it listens on; 0.0.0.0 is the whole network."
    )
    tts_broker_port: int = Field(default=8080, ge=1, le=65535, description="Its port.")
    tts_broker_url: str | None = Field(
        default=None,
        max_length=1_000,
        description="Where a server finds this broker, such as http://localhost:8080.",
    )
    tts_broker_log_level: LogLevel = Field(
        default="INFO", description="The least important message that it logs."
    )
    tts_request_timeout: float = Field(
        default=30, gt=0, le=3_600, description="How many seconds a text may take."
    )
    remote_tts_host: Host = Field(
        default="localhost", description="The machine of the Kokoro server behind it."
    )
    remote_tts_port: int = Field(
        default=8081, ge=1, le=65535, description="The port of the Kokoro server."
    )
    remote_tts_url: str | None = Field(
        default=None,
        max_length=1_000,
        description="The whole address of the Kokoro server, instead of machine and port.",
    )


SECTIONS: dict[str, type[Section]] = {
    "Server": ServerSettings,
    "Log": LogSettings,
    "Store": StoreSettings,
    "Recordings": RecordSettings,
    "Engines": EngineSettings,
    "Services": ServiceSettings,
    "Replies": ReplySettings,
    "Taking turns": TurnSettings,
    "Page": PageSettings,
    "MQTT": MqttSettings,
    "STT broker": SttBrokerSettings,
    "TTS broker": TtsBrokerSettings,
}


class Settings(
    ServerSettings,
    LogSettings,
    StoreSettings,
    RecordSettings,
    EngineSettings,
    ServiceSettings,
    ReplySettings,
    TurnSettings,
    PageSettings,
    MqttSettings,
    SttBrokerSettings,
    TtsBrokerSettings,
):
    """All sections together."""

    @classmethod
    def load(
        cls,
        env: Mapping[str, str] = os.environ,
        dotenv: str | Path | None = ".env",
        overrides: Mapping[str, object] | None = None,
    ) -> Self:
        """The settings of this start; `overrides` are named like the fields, None is not given."""
        spelled_like_fields = overrides or {}
        if unknown := spelled_like_fields.keys() - cls.model_fields.keys():
            raise TypeError(f"There are no settings named {', '.join(sorted(unknown))}.")
        command_line = {name.upper(): value for name, value in spelled_like_fields.items()}
        given = gather(cls.model_fields, (command_line, env, read_dotenv(dotenv)))
        try:
            return cls.model_validate({field: one.value for field, one in given.items()})
        except ValidationError as wrong:
            raise SettingsError(sentence_about(wrong, cls.model_fields, given)) from None

    @property
    def speculates(self) -> bool:
        """Preparing replies that may be dropped pays only where a core would be idle."""
        return usable_cores() > 1 if self.speculation == "auto" else self.speculation == "on"

    @model_validator(mode="after")
    def _waits_grow(self) -> Self:
        """A longer pause can't mean less: each of these waits contains the one before it."""
        waits = ("pause_ms", "endpoint_min_ms", "endpoint_default_ms", "endpoint_max_ms")
        for shorter, longer in pairwise(waits):
            low, high = getattr(self, shorter), getattr(self, longer)
            if low > high:
                raise SettingsError(
                    f"{shorter.upper()} is {low}, but must be at most {longer.upper()}, "
                    f"which is {high}."
                )
        return self
