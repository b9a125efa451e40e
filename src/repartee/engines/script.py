"""The script that the engines named scripted play back.

They need no package and no model: they say what they are told to say, after the delays they are
told to take, so that a demo, a test or a benchmark of everything around them is exact. Each takes
its settings as keywords, or from its own table of one TOML file:

    [voice]
    speech_dbfs = -40

    [stt]
    transcripts = ["What time is it?", "Thank you."]

    [llm]
    replies = ["You said: {last_user}"]

    [tts]
    letter_ms = 60
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from repartee.errors import SettingsError

Sleep = Callable[[float], Awaitable[None]]
"""How a scripted engine lets time pass: `asyncio.sleep`, or a test's own clock."""

Settings = TypeVar("Settings", bound=msgspec.Struct)

_TABLES = ("voice", "stt", "llm", "tts")
_LONGEST_BYTES = 1_048_576


async def read_script(path: str | None, table: str, given: Settings) -> Settings:
    """The given settings, with what this table of the script says instead."""
    said = await asyncio.to_thread(_table_of, Path(path), table) if path else {}
    try:
        return msgspec.convert({**msgspec.to_builtins(given), **said}, type(given))
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"The script for the scripted {table} engine is wrong: {error}."
        ) from error


def _table_of(path: Path, table: str) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            "The script for the scripted engines cannot be read.",
            hint="SCRIPT must name a TOML file that this server may read.",
        ) from error
    if len(text) > _LONGEST_BYTES:
        raise SettingsError("The script for the scripted engines is larger than one megabyte.")
    try:
        script = tomllib.loads(text.decode())
    except ValueError as error:
        raise SettingsError(f"The script for the scripted engines is no TOML: {error}.") from error
    except RecursionError:
        raise SettingsError("The script for the scripted engines is nested too deeply.") from None
    strangers = sorted(set(script) - set(_TABLES))
    said = script.get(table, {})
    if strangers or not isinstance(said, dict):
        raise SettingsError(
            f"The script for the scripted engines has {strangers[0] if strangers else table} "
            f"where only the tables {', '.join(_TABLES)} belong."
        )
    return said
