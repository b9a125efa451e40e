"""Repartee: a self-hosted voice server that listens, thinks and answers aloud.

    from repartee import Settings, serve
    serve(Settings.load())

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repartee.engines.build import Engines, build_engines
    from repartee.engines.protocols import Caller, Message, Sound, Speech, Transcript
    from repartee.errors import ReparteeError
    from repartee.server.run import serve
    from repartee.settings import Settings

    __version__: str

_HOMES = {
    "Caller": "repartee.engines.protocols",
    "Engines": "repartee.engines.build",
    "Message": "repartee.engines.protocols",
    "ReparteeError": "repartee.errors",
    "Settings": "repartee.settings",
    "Sound": "repartee.engines.protocols",
    "Speech": "repartee.engines.protocols",
    "Transcript": "repartee.engines.protocols",
    "build_engines": "repartee.engines.build",
    "serve": "repartee.server.run",
}

__all__ = [
    "Caller",
    "Engines",
    "Message",
    "ReparteeError",
    "Settings",
    "Sound",
    "Speech",
    "Transcript",
    "__version__",
    "build_engines",
    "serve",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from repartee.installing import version

        value: Any = version()
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
