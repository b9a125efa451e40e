"""`repartee doctor --recommend`: the ladder of engines, where this machine stands on it, and what
brings it higher."""

from __future__ import annotations

import json
import sys

import msgspec

from repartee.engines.catalogue import Kind
from repartee.engines.ladder.choosing import (
    FAST_ENOUGH,
    Facts,
    Outcome,
    Speed,
    State,
    TooSlow,
    better,
    command_for,
    is_to_be_expected,
    key,
    state_of,
)
from repartee.engines.ladder.climbing import climb, tried
from repartee.engines.ladder.rungs import LADDER, Rung
from repartee.settings import Settings

PATIENCE_S = 240.0
"""Somebody asked for it, and waits."""
_TITLES: dict[Kind, str] = {"stt": "Hearing", "llm": "Thinking", "tts": "Speaking"}
_IN_WORDS: dict[State, str] = {
    "ready": "ready",
    "untried": "here, not tried because a better one is ready",
    "no package": "not installed",
    "no model": "its model is not here",
    "no wish": "on another machine, not asked for",
    "kept here": "on another machine, which AUTO_LOCAL_ONLY rules out",
    "other language": "doesn't know the language",
    "other model": "doesn't have the model that is set",
    "slow": "too slow here",
    "broken": "here, but it does not work: choose it by name to see why",
    "not reached": "on another machine, where nobody answers or lets us in",
}

_WANTS = {"gpu": "an NVIDIA GPU", "apple": "one of Apple's chips"}


class Row(msgspec.Struct, frozen=True):
    """One rung as it is told."""

    engine: str
    state: State
    picked: bool
    command: str


class Advice(msgspec.Struct, frozen=True):
    """One kind of engine."""

    rows: tuple[Row, ...]
    words: tuple[str, ...]
    next_command: str


def recommendation(settings: Settings, *, as_json: bool) -> str:
    """Tries from the best downwards until one holds, and tells how it stands."""
    advice = {kind: _advice(settings, kind, quiet=as_json) for kind in LADDER}
    if as_json:
        told = {
            kind: {"rungs": msgspec.to_builtins(one.rows), "next": one.next_command}
            for kind, one in advice.items()
        }
        return json.dumps(told, ensure_ascii=False, indent=2)
    return "\n\n".join(_section(kind, one) for kind, one in advice.items())


def _advice(settings: Settings, kind: Kind, *, quiet: bool) -> Advice:
    def attempt(kind: Kind, rung: Rung, settings: Settings, patience_s: float) -> Outcome:
        if not quiet:
            print(f"Trying {rung.name} …", file=sys.stderr)
        return tried(kind, rung, settings, patience_s)

    facts, picked = climb(settings, kind, attempt, PATIENCE_S, anew=True)
    rows = tuple(
        Row(rung.name, state_of(kind, rung, facts), rung is picked, command_for(kind, rung, facts))
        for rung in LADDER[kind]
    )
    words = tuple(_words(kind, rung, facts) for rung in LADDER[kind])
    above = better(kind, facts, picked)
    return Advice(rows, words, command_for(kind, above, facts) if above else "")


def _words(kind: Kind, rung: Rung, facts: Facts) -> str:
    state = state_of(kind, rung, facts)
    match facts.outcomes.get(key(kind, rung)):
        case Speed(wait_ms, pace) if state in ("ready", "slow"):
            most = FAST_ENOUGH[kind]
            measured = f"{wait_ms:.0f} ms to wait, {pace:.2f} s of work for a second of speech"
            limits = f"; fast enough is {most.wait_ms:.0f} ms and {most.pace:.2f} s"
            return f"{_IN_WORDS[state]}: {measured}{limits if state == 'slow' else ''}"
        case TooSlow(after_s):
            return f"{_IN_WORDS[state]}: not done after {after_s:.0f} s"
        case _ if state in ("no package", "no model") and not is_to_be_expected(rung, facts):
            return f"{_IN_WORDS[state]}, wants {_WANTS.get(rung.machine) or f'{rung.cores} cores'}"
        case _:
            return _IN_WORDS[state]


def _section(kind: Kind, advice: Advice) -> str:
    """Those that don't know the language are no rungs for whoever speaks it."""
    shown = [
        (row, words)
        for row, words in zip(advice.rows, advice.words, strict=True)
        if row.state != "other language"
    ]
    width = max((len(row.engine) for row, _ in shown), default=0)
    lines = [f"{_TITLES.get(kind, kind)} ({kind.upper()}), the best first:"]
    for row, words in shown:
        how = f"  [{row.command}]" if row.command else ""
        lines.append(f"{'->' if row.picked else '  '} {row.engine:<{width}}  {words}{how}")
    if advice.next_command:
        lines.append(f"Better here: {advice.next_command}")
    elif any(row.picked for row in advice.rows):
        lines.append("Nothing better can be expected of this machine.")
    return "\n".join(lines)
