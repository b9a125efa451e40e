"""Everything that can be set, as one typed, frozen object.

    settings = Settings.load()      command line over environment over .env over default

The name of a setting is the name of its field in capitals. A wrong setting stops the start with
one sentence that names it, its value and what is allowed. `docs/settings.md` and `.env.example`
are printed from the sections by `repartee.settings.table`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import NoReturn, Self

from pydantic import ValidationError, model_validator

from repartee.errors import SettingsError
from repartee.machine import usable_cores
from repartee.settings.brokers import SttBrokerSettings, TtsBrokerSettings, key_to_show
from repartee.settings.chains import ChainSettings
from repartee.settings.engines import EngineSettings, ServiceSettings
from repartee.settings.keeping import RecordSettings, StoreSettings
from repartee.settings.limits import LimitSettings
from repartee.settings.mqtt import MqttSettings
from repartee.settings.observing import ObservingSettings
from repartee.settings.page import PageSettings
from repartee.settings.reading import gather, read_dotenv, sentence_about
from repartee.settings.section import Section as Section
from repartee.settings.security import SecuritySettings, is_loopback
from repartee.settings.server import LogSettings, ServerSettings
from repartee.settings.talk import ReplySettings, TurnSettings

SECTIONS: dict[str, type[Section]] = {
    "Server": ServerSettings,
    "Security": SecuritySettings,
    "Limits": LimitSettings,
    "Log": LogSettings,
    "Observing": ObservingSettings,
    "Store": StoreSettings,
    "Recordings": RecordSettings,
    "Engines": EngineSettings,
    "Chains": ChainSettings,
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
    SecuritySettings,
    LimitSettings,
    LogSettings,
    ObservingSettings,
    StoreSettings,
    RecordSettings,
    EngineSettings,
    ChainSettings,
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

    @property
    def is_reachable(self) -> bool:
        """Whether others than those at this machine can reach the server."""
        return not is_loopback(self.host) or bool(self.trusted_proxies)

    @property
    def asks_for_keys(self) -> bool:
        """Strangers come in where nobody else can reach the server, or where that was allowed."""
        asked = self.require_keys or bool(self.api_keys)
        return asked or (self.is_reachable and not self.allow_strangers)

    @property
    def counts_callers(self) -> bool:
        """Whether one caller may have only so much."""
        return self.is_reachable if self.limits == "auto" else self.limits == "on"

    @property
    def sst_broker_key(self) -> str:
        """What a server shows the broker that hears."""
        return key_to_show(self.sst_broker_url, self.sst_broker_keys, self.api_keys)

    @property
    def tts_broker_key(self) -> str:
        """What a server shows the broker that speaks."""
        return key_to_show(self.tts_broker_url, self.tts_broker_keys, self.api_keys)

    @model_validator(mode="after")
    def _strangers_are_asked_or_not(self) -> Self:
        if self.allow_strangers and (self.require_keys or self.api_keys):
            _one_or_the_other(
                "ALLOW_STRANGERS", "REQUIRE_KEYS" if self.require_keys else "API_KEYS"
            )
        for broker in ("sst_broker", "tts_broker"):
            if getattr(self, f"{broker}_allow_strangers") and getattr(self, f"{broker}_keys"):
                name = broker.upper()
                _one_or_the_other(f"{name}_ALLOW_STRANGERS", f"{name}_KEYS")
        return self

    @model_validator(mode="after")
    def _a_key_goes_with_its_certificate(self) -> Self:
        if self.tls_key and not self.tls_cert:
            raise SettingsError("TLS_KEY is set, but TLS_CERT is not. Set both, or neither.")
        return self

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


def _one_or_the_other(open_to_all: str, for_some: str) -> NoReturn:
    raise SettingsError(
        f"{open_to_all} and {for_some} are both set, but the one lets everybody in and the other "
        "nobody without a key. Take one of them away."
    )
