"""One row of the catalogue: where an engine is, what it needs, and which settings it takes."""

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
    """What brings the packages: `pip install "repartee-voice[extra]"`."""
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
