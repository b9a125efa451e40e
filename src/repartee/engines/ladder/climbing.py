"""From `STT=auto` to an engine: look around, try what was never tried, take the best, say so."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from pydantic import SecretStr

from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.ladder import outcomes
from repartee.engines.ladder.choosing import (
    Facts,
    Outcome,
    Reached,
    TooSlow,
    better,
    candidate,
    command_for,
    is_elsewhere,
    key,
    state_of,
)
from repartee.engines.ladder.facts import gather
from repartee.engines.ladder.records import is_worth_keeping, still_true, with_kept
from repartee.engines.ladder.rungs import LADDER, Rung
from repartee.engines.settings_read import settings_read_by
from repartee.errors import SettingsError
from repartee.models.known import find
from repartee.settings import Settings

log = logging.getLogger(__name__)

AUTO = "auto"
PATIENCE_AT_START_S = 20.0
"""For all trials of one kind together. Each is made once on a machine."""
REACH_WITHIN_S = 3.0
"""What is elsewhere answers in this time, or is not taken."""
_BEGINNING_S = 10.0
"""What the process may take that tries to reach it, beside that."""

Try = Callable[[Kind, Rung, Settings, float], Outcome]


def with_ladder(settings: Settings, kind: Kind, attempt: Try | None = None) -> Settings:
    """The settings with an engine in place of `auto`. The first time on a machine this tries
    engines, one after the other, and blocks for up to `PATIENCE_AT_START_S`."""
    if getattr(settings, kind) != AUTO:
        return settings
    facts, picked = climb(settings, kind, attempt or tried, PATIENCE_AT_START_S)
    if picked is None:
        best = better(kind, facts, None) or LADDER[kind][-1]
        command = command_for(kind, best, facts)
        raise SettingsError(
            f"{kind.upper()} is '{AUTO}', but nothing is here that could do it.",
            hint=f"Install something with: {command}" if command else "Name an engine.",
        )
    log.info("%s", told(kind, facts, picked))
    return on_rung(settings, kind, picked)


def climb(
    settings: Settings, kind: Kind, attempt: Try, patience_s: float, *, anew: bool = False
) -> tuple[Facts, Rung | None]:
    """What is known in the end, and the best rung that holds; `anew` forgets earlier trials."""
    models_dir = Path(settings.models_dir).expanduser()
    read = partial(_read_by, settings)
    known: Mapping[str, Outcome] = outcomes.read(models_dir)
    facts = gather(settings, {} if anew else still_true(known, kind, read))
    until = time.monotonic() + patience_s
    while (rung := candidate(kind, facts)) and state_of(kind, rung, facts) == "untried":
        left_s = until - time.monotonic()
        if left_s <= 0:
            log.warning(
                "There was no time to try %s; `repartee doctor --recommend` does.", rung.name
            )
            facts = _with(facts, key(kind, rung), TooSlow(0.0))
            continue
        outcome = _attempted(attempt, kind, rung, settings, left_s)
        facts = _with(facts, key(kind, rung), outcome)
        log.info("%s is %s here.", rung.name, state_of(kind, rung, facts))
        if is_worth_keeping(kind, rung, outcome):
            known = with_kept(known, kind, rung, read, outcome)
            outcomes.write(models_dir, known)
    return facts, rung


def _attempted(
    attempt: Try, kind: Kind, rung: Rung, settings: Settings, patience_s: float
) -> Outcome:
    if not is_elsewhere(kind, rung):
        log.info("Trying how quick %s is on this machine.", rung.name)
        return attempt(kind, rung, settings, patience_s)
    outcome = attempt(kind, rung, settings, min(patience_s, REACH_WITHIN_S + _BEGINNING_S))
    if not isinstance(outcome, Reached):
        log.warning(
            "%s=%s goes on without %s, which does not answer or does not accept its key. "
            "`repartee doctor` says more when it is named.",
            kind.upper(),
            AUTO,
            rung.name,
        )
    return outcome


def tried(kind: Kind, rung: Rung, settings: Settings, patience_s: float) -> Outcome:
    """How it goes in a process of its own."""
    from repartee.engines.ladder.trial import Order, attempt

    on_it = on_rung(settings, kind, rung)
    named = (
        kind,
        f"{kind}_model",
        "default_language",
        "tts_default_voice",
        "tts_default_speed",
        "stt_device",
        "stt_compute_type",
        "llm_device",
        "tts_device",
        "instructions",
    )
    chosen = {name: getattr(on_it, name) for name in named}
    chosen["models_dir"] = str(Path(settings.models_dir).expanduser().absolute())
    if is_elsewhere(kind, rung):
        chosen |= _read_by(settings, kind, rung)
        return attempt(Order(kind, chosen, REACH_WITHIN_S), patience_s)
    return attempt(Order(kind, chosen), patience_s)


def _read_by(settings: Settings, kind: Kind, rung: Rung) -> dict[str, Any]:
    """The settings of an engine that is elsewhere, its key too, as they were written."""
    names = settings_read_by(BUILT_IN[kind][rung.engine])
    return {name: _plain(getattr(settings, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def on_rung(settings: Settings, kind: Kind, rung: Rung) -> Settings:
    """These settings with this engine and its model."""
    changes: dict[str, str] = {kind: rung.engine}
    if (model := find(rung.model) if rung.model else None) is not None:
        changes[f"{kind}_model"] = model.setting
    return settings.model_copy(update=changes)


def told(kind: Kind, facts: Facts, picked: Rung) -> str:
    """What was picked, and what one command would make it better."""
    sentence = f"{kind.upper()}={AUTO} takes {picked.name}."
    if is_elsewhere(kind, picked):
        why = next(iter(sorted(facts.given.intersection(picked.wants)))).upper()
        sentence += f" What callers say or hear goes through it, because {why} is set."
    if (rung := better(kind, facts, picked)) is not None:
        sentence += f" This may make it better: {command_for(kind, rung, facts)}"
    return sentence


def _with(facts: Facts, name: str, outcome: Outcome) -> Facts:
    return msgspec.structs.replace(facts, outcomes={**facts.outcomes, name: outcome})
