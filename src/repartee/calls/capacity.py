"""How many calls this machine carries: arithmetic on what its engines were measured to cost.

A call is thought of as turns of twelve seconds: somebody speaks for three of them, is answered for
five, and thinks. A part of the machine is kept free, because turns don't come evenly. What is done
by engines elsewhere costs nothing here.
"""

from __future__ import annotations

from math import inf

import msgspec

TURN_S, SPEECH_S, ANSWER_S = 12.0, 3.0, 5.0
USED_SHARE = 0.8
"""So much of the machine is given to calls."""
HOUSE_CPU = 0.008
"""Of a core, for every call: its line, its voice detector, its conversation."""
HEARD_AGAIN, THOUGHT_AGAIN = 1.3, 1.5
"""A pause that was not the end is heard and thought about twice."""

CAREFUL_PER_CORE = 2
"""Calls, while nothing is known of the engines. Those that keep up with a talk carry more."""


class Costs(msgspec.Struct, frozen=True):
    """In seconds of a core."""

    hearing: float = 0.0
    """For a second of speech."""
    thinking: float = 0.0
    """For an answer."""
    speaking: float = 0.0
    """For a second of sound."""
    thinking_took_s: float = 0.0
    """For an answer, on the clock."""


class Room(msgspec.Struct, frozen=True):
    """What the machine and its engines have."""

    cores: float
    ears: int | None = None
    """Turns that can be heard at the same time; None: as many as there are."""
    slots: int | None = None
    """Answers that can be thought of at the same time."""


def careful_places(cores: float) -> int:
    """Until the engines are measured."""
    return max(1, int(cores * CAREFUL_PER_CORE))


def places(costs: Costs, room: Room) -> int:
    """The scarcest thing decides; one call is always let in."""
    bounds = (
        room.cores / cpu_per_call(costs),
        inf if room.ears is None else room.ears * TURN_S / (SPEECH_S * HEARD_AGAIN),
        _answers_at_once(costs, room),
    )
    return max(1, int(min(bounds) * USED_SHARE))


def cpu_per_call(costs: Costs) -> float:
    """How much of a core a call needs, on average."""
    turn = (
        costs.hearing * SPEECH_S * HEARD_AGAIN
        + costs.thinking * THOUGHT_AGAIN
        + costs.speaking * ANSWER_S
    )
    return HOUSE_CPU + turn / TURN_S


def _answers_at_once(costs: Costs, room: Room) -> float:
    if room.slots is None or not costs.thinking_took_s:
        return inf
    return room.slots * TURN_S / (costs.thinking_took_s * THOUGHT_AGAIN)
