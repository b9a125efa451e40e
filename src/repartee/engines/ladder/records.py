"""Which outcomes of trials are kept, under which names, and which of them are still true."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from pydantic import SecretStr

from repartee.engines.catalogue import BUILT_IN, Kind
from repartee.engines.ladder.choosing import Outcome, Reached, TooSlow, is_elsewhere, key
from repartee.engines.ladder.rungs import LADDER, Rung
from repartee.engines.settings_read import settings_read_by
from repartee.settings import Settings

FAIR_S = 10.0
"""Who was ended before this had no fair chance, and has another one at the next start."""


def is_worth_keeping(kind: Kind, rung: Rung, outcome: Outcome) -> bool:
    """A network comes back; and who was ended early had no fair chance."""
    if is_elsewhere(kind, rung):
        return isinstance(outcome, Reached)
    return not (isinstance(outcome, TooSlow) and outcome.after_s < FAIR_S)


def with_kept(
    known: Mapping[str, Outcome], kind: Kind, rung: Rung, settings: Settings, outcome: Outcome
) -> Mapping[str, Outcome]:
    """The record with this in it, in place of what it said of the rung before."""
    others = {name: one for name, one in known.items() if name.partition("@")[0] != key(kind, rung)}
    return {**others, _record(kind, rung, settings): outcome}


def still_true(
    known: Mapping[str, Outcome], kind: Kind, settings: Settings
) -> Mapping[str, Outcome]:
    """What the record says that is true with these settings."""
    names = {key(kind, rung): _record(kind, rung, settings) for rung in LADDER[kind]}
    return {name: known[kept] for name, kept in names.items() if kept in known}


def _record(kind: Kind, rung: Rung, settings: Settings) -> str:
    """The name under which an outcome is kept: whoever was reached may not be under another
    address, or with another key."""
    if not is_elsewhere(kind, rung):
        return key(kind, rung)
    read = msgspec.json.encode(settings_of(kind, rung, settings))
    return f"{key(kind, rung)}@{hashlib.sha256(read).hexdigest()[:8]}"


def settings_of(kind: Kind, rung: Rung, settings: Settings) -> dict[str, Any]:
    """The settings of an engine that is elsewhere, with its key."""
    names = settings_read_by(BUILT_IN[kind][rung.engine])
    return {name: _plain(getattr(settings, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
