"""The brokers that stand between a model server and those who use it, and the model servers."""

from __future__ import annotations

from pydantic import Field

from repartee.settings.section import Section
from repartee.settings.values import Host, Keys, LogLevel


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
    sst_broker_keys: Keys = Field(
        default=(),
        description="Whoever asks this broker shows one of these keys; a server that uses it shows "
        "the first. Without any, everybody who can reach the broker may use it.",
    )
    sst_broker_log_level: LogLevel = Field(
        default="INFO", description="The least important message that it logs."
    )
    sst_request_timeout: float = Field(
        default=300,
        gt=0,
        le=3_600,
        description="How many seconds a recording may take, at a broker and outside of calls.",
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

    @property
    def sst_broker_key(self) -> str:
        """What a server shows this broker; empty where none is known."""
        return self.sst_broker_keys[0].get_secret_value() if self.sst_broker_keys else ""

    @property
    def whispercpp_url(self) -> str:
        """Where the whisper.cpp server is, however that was said."""
        return self.remote_sst_url or web_address(self.remote_sst_host, self.remote_sst_port)


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
    tts_broker_keys: Keys = Field(
        default=(),
        description="Whoever asks this broker shows one of these keys; a server that uses it shows "
        "the first. Without any, everybody who can reach the broker may use it.",
    )
    tts_broker_log_level: LogLevel = Field(
        default="INFO", description="The least important message that it logs."
    )
    tts_request_timeout: float = Field(
        default=30,
        gt=0,
        le=3_600,
        description="How many seconds a text may take, at a broker and outside of calls.",
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

    @property
    def tts_broker_key(self) -> str:
        """What a server shows this broker; empty where none is known."""
        return self.tts_broker_keys[0].get_secret_value() if self.tts_broker_keys else ""

    @property
    def kokoro_url(self) -> str:
        """Where the Kokoro server is, however that was said."""
        return self.remote_tts_url or web_address(self.remote_tts_host, self.remote_tts_port)


def web_address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
