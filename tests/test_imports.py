"""Imports point one way: cli → server → calls → the rooms below → audio, and errors for all."""

from __future__ import annotations

import ast

import pytest

from tests.imports import imports_of, modules, tree_of

TOP = "the top"
"""Modules that lie in no room: settings, personas, `python -m repartee`."""

MAY_IMPORT = {
    "conversation": set[str](),
    "errors": set[str](),
    "audio": {"errors"},
    "listening": {"audio", "errors", "engines.protocols"},
    "speaking": {"audio", "errors", "engines.protocols"},
    "models": {"errors"},
    "engines": {"audio", "errors", "installing", "machine", "models"},
    "engines.build": {"audio", "errors", TOP},  # puts the engines together that are set
    # What `auto` chooses depends on what is set.
    "engines.ladder.facts": {"errors", "machine", "models", TOP},
    "engines.ladder.climbing": {"errors", "machine", "models", TOP},
    "engines.ladder.trial": {"audio", "errors", TOP},
    "store": {"conversation", "errors"},
    "dialects": {"conversation", "audio", "errors"},
    "observe": {"conversation", "errors", "installing"},
    # A client: what it knows of a server is what anybody can.
    "talking": {"audio", "errors", "installing"},
    "calls": {
        "conversation",
        "listening",
        "speaking",
        "engines",
        "store",
        "audio",
        "errors",
        "installing",
        "observe",
    },
}
"""The rooms above calls may import all that lies below them."""
ABOVE_CALLS = ("brokers", "bridges", "server", "cli", "testing")
FOR_EVERYBODY = ("errors", "installing", "machine")
ENGINE_FOLDERS = ("voice", "turn", "stt", "llm", "tts")


def room_of(module: str) -> str:
    parts = module.split(".")
    if len(parts) > 1 and parts[1] in FOR_EVERYBODY:
        return parts[1]
    if len(parts) > 1 and parts[1] == "settings":
        return TOP
    is_room = any(name.startswith(f"{'.'.join(parts[:2])}.") for name in modules())
    return parts[1] if len(parts) > 1 and (is_room or len(parts) > 2) else TOP


def ours(module: str) -> set[str]:
    return {name for name in imports_of(module) if name.split(".")[0] == "repartee"}


@pytest.mark.parametrize("module", [m for m in modules() if room_of(m) in MAY_IMPORT])
def test_a_room_imports_only_what_lies_below_it(module: str) -> None:
    room = room_of(module)
    allowed = MAY_IMPORT.get(module.removeprefix("repartee."), MAY_IMPORT[room]) | {room}
    foreign = {
        name
        for name in ours(module)
        if room_of(name) not in allowed and name.removeprefix("repartee.") not in allowed
    }
    assert foreign == set(), f"{module} reaches out of its place"


@pytest.mark.parametrize("module", [m for m in modules() if room_of(m) not in ("cli", TOP)])
def test_nothing_imports_the_command_line_or_what_is_for_tests(module: str) -> None:
    own = room_of(module)
    assert {room_of(name) for name in ours(module)} & ({"cli", "testing"} - {own}) == set()


@pytest.mark.parametrize("module", modules())
def test_every_room_has_its_place(module: str) -> None:
    assert room_of(module) in {*MAY_IMPORT, *FOR_EVERYBODY, *ABOVE_CALLS, TOP}


def kind_of(module: str) -> str | None:
    """The folder of an engine's file: stt, llm and so on."""
    parts = module.split(".")
    inside = parts[:2] == ["repartee", "engines"] and len(parts) > 3
    return parts[2] if inside and parts[2] in ENGINE_FOLDERS else None


def is_engine(module: str) -> bool:
    """An engine can be opened and closed; what lies beside it is a part of one."""
    classes = (node for node in ast.walk(tree_of(module)) if isinstance(node, ast.ClassDef))
    return any(
        {"open", "close"}
        <= {method.name for method in one.body if isinstance(method, ast.AsyncFunctionDef)}
        for one in classes
    )


ENGINES = [module for module in modules() if kind_of(module) is not None and is_engine(module)]


def test_the_engines_are_found() -> None:
    assert "repartee.engines.voice.silero" in ENGINES


@pytest.mark.parametrize("module", [m for m in modules() if kind_of(m) is not None])
def test_an_engines_file_knows_no_other_engine(module: str) -> None:
    others = [name for name in ours(module) if kind_of(name) not in (None, kind_of(module))]
    neighbours = [name for name in ours(module) if name in ENGINES and name != module]
    assert others + neighbours == []
