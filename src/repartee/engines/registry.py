"""Which engines there are, by kind and name, without importing any of them.

A name leads to a class in a module, and the module is imported when the engine is made: a server
pays only for what it uses. Other packages add engines of their own through entry points of the
group `repartee.engines`, named by kind and name:

    [project.entry-points."repartee.engines"]
    "stt:myengine" = "my_package.engine:MyRecognizer"
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, Literal, overload

from repartee.engines.catalogue import BUILT_IN, BuiltIn, Kind
from repartee.engines.protocols import (
    Recognizer,
    Responder,
    Synthesizer,
    TurnDetector,
    VoiceDetector,
)
from repartee.errors import EngineMissing, SettingsError
from repartee.installing import command, extra

GROUP = "repartee.engines"
_IN_WORDS: dict[Kind, str] = {
    "voice": "voice detector",
    "turn": "turn model",
    "stt": "speech recogniser",
    "llm": "language model",
    "tts": "speech synthesiser",
}


class Registry:
    """Our own engines, and those of the packages installed beside this one."""

    def __init__(self, others: Iterable[EntryPoint] | None = None) -> None:
        found = entry_points(group=GROUP) if others is None else others
        self._others = {point.name: point for point in found}

    def names(self, kind: Kind) -> list[str]:
        """Every engine of this kind, ours first; an engine of ours keeps its name."""
        others = [name.partition(":")[2] for name in self._others if name.startswith(f"{kind}:")]
        return list(dict.fromkeys([*BUILT_IN[kind], *sorted(others)]))

    def settings_of(self, kind: Kind, name: str) -> Mapping[str, str]:
        """Which setting each parameter of this engine takes; those of others name none."""
        found = self._find(kind, name)
        return found.settings if isinstance(found, BuiltIn) else {}

    def available(self, kind: Kind, name: str) -> bool:
        """Whether the packages that this engine needs are installed; nothing is imported."""
        found = self._find(kind, name)
        packages = found.packages if isinstance(found, BuiltIn) else (found.module,)
        return all(map(_is_installed, packages))

    @overload
    def create(self, kind: Literal["voice"], name: str, **settings: Any) -> VoiceDetector: ...
    @overload
    def create(self, kind: Literal["turn"], name: str, **settings: Any) -> TurnDetector: ...
    @overload
    def create(self, kind: Literal["stt"], name: str, **settings: Any) -> Recognizer: ...
    @overload
    def create(self, kind: Literal["llm"], name: str, **settings: Any) -> Responder: ...
    @overload
    def create(self, kind: Literal["tts"], name: str, **settings: Any) -> Synthesizer: ...

    def create(self, kind: Kind, name: str, **settings: Any) -> Any:
        """An engine with these settings, not yet opened."""
        found = self._find(kind, name)
        engine = _ours(name, found) if isinstance(found, BuiltIn) else _another(found)
        try:
            inspect.signature(engine).bind(**settings)
        except TypeError as error:
            raise SettingsError(
                f"The {_IN_WORDS[kind]} “{name}” cannot be set up with these settings: {error}."
            ) from error
        return engine(**settings)

    def _find(self, kind: Kind, name: str) -> BuiltIn | EntryPoint:
        found = BUILT_IN[kind].get(name) or self._others.get(f"{kind}:{name}")
        if found is None:
            raise SettingsError(
                f"There is no {_IN_WORDS[kind]} named “{name[:40]}”.",
                hint=f"There are: {', '.join(self.names(kind))}.",
            )
        return found


def _ours(name: str, engine: BuiltIn) -> Any:
    missing = [package for package in engine.packages if not _is_installed(package)]
    if missing:
        what = extra(engine.extra) if engine.extra else missing[0]
        raise EngineMissing(
            f"The engine “{name}” needs the package {missing[0]}, which is not installed.",
            hint=f"Install it with: {command(what)}",
        )
    module, _, attribute = engine.target.partition(":")
    return getattr(import_module(f"repartee.engines.{module}"), attribute)


def _another(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:  # whatever goes wrong inside a stranger's module
        raise EngineMissing(
            f"The engine of the entry point “{point.name}” ({point.value}) cannot be loaded: "
            f"{type(error).__name__}.",
            hint="Reinstall the package that brings it, or choose another engine.",
        ) from error


def _is_installed(module: str) -> bool:
    """Whether a module can be found, by its first part: asking for more would import it."""
    return find_spec(module.partition(".")[0]) is not None
