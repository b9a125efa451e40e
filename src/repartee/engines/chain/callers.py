"""Every engine of a chain keeps its own notes about a caller, and finds nobody else's in them."""

from __future__ import annotations

from repartee.engines.protocols import Caller


def own_caller(caller: Caller, note: str, member: int) -> Caller:
    """The caller as this engine of the chain knows them, for as long as the call lasts."""
    known: dict[int, Caller] = caller.notes.setdefault(note, {})
    if member not in known:
        known[member] = Caller(caller.id, patient=caller.patient, hurried=caller.hurried)
    return known[member]


def forgotten(caller: Caller, note: str) -> dict[int, Caller]:
    """What the engines of a chain knew; the caller is a stranger to it from now on."""
    known: dict[int, Caller] = caller.notes.pop(note, {})
    return known
