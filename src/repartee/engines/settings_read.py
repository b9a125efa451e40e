"""Which of the settings that people can set an engine reads."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.engines.catalogue import BuiltIn

_PARTS: Mapping[str, tuple[str, ...]] = {
    "whispercpp_url": ("remote_sst_url", "remote_sst_host", "remote_sst_port"),
    "kokoro_url": ("remote_tts_url", "remote_tts_host", "remote_tts_port"),
    "sst_broker_key": ("sst_broker_keys",),
    "tts_broker_key": ("tts_broker_keys",),
}
"""What is put together from others."""


def settings_read_by(engine: BuiltIn) -> tuple[str, ...]:
    """Their names, each once."""
    names = [part for name in engine.settings.values() for part in _PARTS.get(name, (name,))]
    return tuple(dict.fromkeys(names))
