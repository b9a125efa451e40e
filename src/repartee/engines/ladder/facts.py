"""Looking around: what is installed, which models are here, what is set. Nothing is imported."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from repartee.engines.catalogue import Kind
from repartee.engines.ladder.choosing import Facts, Outcome
from repartee.engines.ladder.outcomes import has_gpu
from repartee.engines.ladder.rungs import LADDER
from repartee.engines.registry import Registry
from repartee.machine import usable_cores
from repartee.models.known import find
from repartee.models.storeroom import Storeroom
from repartee.settings import Settings


def gather(settings: Settings, outcomes: Mapping[str, Outcome]) -> Facts:
    registry = Registry([])
    room = Storeroom(Path(settings.models_dir).expanduser())
    rungs = [(kind, rung) for kind, kinds in LADDER.items() for rung in kinds]
    engines = {
        f"{kind}:{rung.engine}" for kind, rung in rungs if registry.available(kind, rung.engine)
    }
    return Facts(
        installed=frozenset(
            engines | {rung.weights for _, rung in rungs if _is_there(rung.weights)}
        ),
        here=frozenset(rung.model for _, rung in rungs if _is_complete(room, rung.model)),
        given=frozenset(
            setting
            for _, rung in rungs
            for setting in (*rung.wants, rung.unless)
            if setting and getattr(settings, setting)
        ),
        language=settings.default_language.lower().replace("_", "-").partition("-")[0],
        local_only=settings.auto_local_only,
        cores=usable_cores(),
        gpu=has_gpu(),
        apple=sys.platform == "darwin" and platform.machine() == "arm64",
        models=_models(settings),
        outcomes=outcomes,
    )


def _models(settings: Settings) -> Mapping[Kind, str]:
    named: dict[Kind, str | None] = {
        "stt": settings.stt_model,
        "llm": settings.llm_model,
        "tts": settings.tts_model,
    }
    return {kind: model for kind, model in named.items() if model}


def _is_there(package: str) -> bool:
    try:
        return bool(package) and bool(distribution(package))
    except PackageNotFoundError:
        return False


def _is_complete(room: Storeroom, name: str) -> bool:
    """With everything that it can't do without."""
    model = find(name) if name else None
    if model is None:
        return False
    beside = [found for other in model.beside if (found := find(other))]
    return all(room.found(one) is not None for one in (model, *beside))
