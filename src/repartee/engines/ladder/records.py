"""Which outcomes of trials are kept, under which names, and which of them are still true.

What runs here is kept under its name. Of what is elsewhere it is only kept that it was reached, and
under a name that is another one as soon as its address or its key is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from repartee.engines.catalogue import Kind
from repartee.engines.ladder.choosing import Outcome, Reached, TooSlow, is_elsewhere, key
from repartee.engines.ladder.rungs import LADDER, Rung

FAIR_S = 10.0
"""Who was ended before this had no fair chance, and has another one at the next start."""

Read = Callable[[Kind, Rung], Mapping[str, Any]]
"""What the engine of a rung reads of the settings, its key too."""


def is_worth_keeping(kind: Kind, rung: Rung, outcome: Outcome) -> bool:
    """A network comes back; and who was ended early had no fair chance."""
    if is_elsewhere(kind, rung):
        return isinstance(outcome, Reached)
    return not (isinstance(outcome, TooSlow) and outcome.after_s < FAIR_S)


def with_kept(
    known: Mapping[str, Outcome], kind: Kind, rung: Rung, read: Read, outcome: Outcome
) -> Mapping[str, Outcome]:
    """The record with this in it, in place of what it said of the rung before."""
    others = {name: one for name, one in known.items() if name.partition("@")[0] != key(kind, rung)}
    return {**others, _name(kind, rung, read): outcome}


def still_true(known: Mapping[str, Outcome], kind: Kind, read: Read) -> Mapping[str, Outcome]:
    """What the record says of these engines, as they are set up now."""
    names = {key(kind, rung): _name(kind, rung, read) for rung in LADDER[kind]}
    return {name: known[kept] for name, kept in names.items() if kept in known}


def _name(kind: Kind, rung: Rung, read: Read) -> str:
    if not is_elsewhere(kind, rung):
        return key(kind, rung)
    digest = hashlib.sha256(msgspec.json.encode(read(kind, rung)))
    return f"{key(kind, rung)}@{digest.hexdigest()[:8]}"
