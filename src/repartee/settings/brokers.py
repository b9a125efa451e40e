"""The brokers that stand between a model server and those who use it, and the model servers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pydantic import Field

from repartee.settings.section import Section
from repartee.settings.security import is_loopback
from repartee.settings.values import Host, Keys, LogLevel

_LONGEST_ADDRESS = 1_000
_HOST = "The address it listens on; 0.0.0.0 is the whole network, and needs a key."
_KEYS = (
    "Whoever asks this broker may show one of these keys, beside API_KEYS and those that `repartee "
    "keys create` made there. A server that uses it shows the first, or, to one on its own "
    "machine, the first of API_KEYS where there is none here."
)
_ALLOW_STRANGERS = (
    "true: this broker asks nobody for a key, even where others can reach it. ALLOW_STRANGERS "
    "is about the server alone."
)
_LOG_LEVEL = "The least important message that it logs."


def _port(number: int, description: str) -> Any:
    return Field(default=number, ge=1, le=65_535, description=description)


def _address(description: str) -> Any:
    return Field(default=None, max_length=_LONGEST_ADDRESS, description=description)


def _patience(seconds: float, description: str) -> Any:
    return Field(default=seconds, gt=0, le=3_600, description=description)


class SttBrokerSettings(Section):
    """A broker for speech recognition: `repartee broker stt`. See brokers.md."""

    sst_broker_host: Host = Field(default="127.0.0.1", description=_HOST)
    sst_broker_port: int = _port(9082, "Its port.")
    sst_broker_url: str | None = _address(
        "Where a server finds this broker, such as http://localhost:9082."
    )
    sst_broker_keys: Keys = Field(default=(), description=_KEYS)
    sst_broker_allow_strangers: bool = Field(default=False, description=_ALLOW_STRANGERS)
    sst_broker_log_level: LogLevel = Field(default="INFO", description=_LOG_LEVEL)
    sst_request_timeout: float = _patience(
        300, "How many seconds a recording may take, at a broker and outside of calls."
    )
    remote_sst_host: Host = Field(
        default="localhost", description="The machine of the whisper.cpp server behind it."
    )
    remote_sst_port: int = _port(8082, "The port of the whisper.cpp server.")
    remote_sst_url: str | None = _address(
        "The whole address of the whisper.cpp server, instead of machine and port."
    )

    @property
    def whispercpp_url(self) -> str:
        """Where the whisper.cpp server is, however that was said."""
        return self.remote_sst_url or web_address(self.remote_sst_host, self.remote_sst_port)


class TtsBrokerSettings(Section):
    """A broker for speech synthesis: `repartee broker tts`. See brokers.md."""

    tts_broker_host: Host = Field(default="127.0.0.1", description=_HOST)
    tts_broker_port: int = _port(8080, "Its port.")
    tts_broker_url: str | None = _address(
        "Where a server finds this broker, such as http://localhost:8080."
    )
    tts_broker_keys: Keys = Field(default=(), description=_KEYS)
    tts_broker_allow_strangers: bool = Field(default=False, description=_ALLOW_STRANGERS)
    tts_broker_log_level: LogLevel = Field(default="INFO", description=_LOG_LEVEL)
    tts_request_timeout: float = _patience(
        30, "How many seconds a text may take, at a broker and outside of calls."
    )
    remote_tts_host: Host = Field(
        default="localhost", description="The machine of the Kokoro server behind it."
    )
    remote_tts_port: int = _port(8081, "The port of the Kokoro server.")
    remote_tts_url: str | None = _address(
        "The whole address of the Kokoro server, instead of machine and port."
    )

    @property
    def kokoro_url(self) -> str:
        """Where the Kokoro server is, however that was said."""
        return self.remote_tts_url or web_address(self.remote_tts_host, self.remote_tts_port)


def key_to_show(url: str | None, own: Keys, of_the_server: Keys) -> str:
    """What a server shows a broker: a key made for it, or, on this machine, where both may have the
    same settings, one of the server's; that never leaves the machine. Empty where none is known."""
    keys = own or (of_the_server if url is None or is_loopback(_host_in(url)) else ())
    return keys[0].get_secret_value() if keys else ""


def _host_in(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:  # no address: whoever asks there says so
        return ""


def web_address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
