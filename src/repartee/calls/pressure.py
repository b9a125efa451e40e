"""How hard the server has it, and what it leaves out because of that.

    EASY            everything is done
    NO_GUESSING     no reply is prepared before it is certain that it is wanted
    FEWER_PARTIALS  what is being said is shown less often
    SHORTER         replies are shorter
    REFUSING        nobody new is let in

The step is a pure function of the step before, of what was measured, and of the time. It goes up
at once, as far as it must, and down one at a time, when it has been clearly better for a while:
so it does not flap.
"""

from __future__ import annotations

import logging
from enum import IntEnum
from math import inf

import msgspec

from repartee.engines.protocols import Sampling

log = logging.getLogger(__name__)


class Step(IntEnum):
    EASY = 0
    NO_GUESSING = 1
    FEWER_PARTIALS = 2
    SHORTER = 3
    REFUSING = 4


class Load(msgspec.Struct, frozen=True):
    lag_p95_ms: float = 0.0
    """How much later than asked for the event loop comes to what is due."""
    haste: float = 0.0
    """Calls that owe somebody a first sound, beyond one for each core, as a share of those that
    the machine carries."""
    waiting: int = 0
    """Jobs beside the calls that wait for their turn."""


THRESHOLDS: dict[Step, Load] = {
    Step.NO_GUESSING: Load(lag_p95_ms=80, haste=0.4, waiting=16),
    Step.FEWER_PARTIALS: Load(lag_p95_ms=150, haste=0.6, waiting=48),
    Step.SHORTER: Load(lag_p95_ms=250, haste=0.8),
    Step.REFUSING: Load(lag_p95_ms=400),
}
"""From where on a step is taken: any one of the figures is enough, and nought never counts. Work
that waits, and callers who wait for an engine, are no reason to send anybody away."""

CALM_SHARE = 0.7
"""It is clearly better when every figure is below this share of the step's threshold."""
CALM_SECONDS = 5.0
"""And for so long, before the step is left."""


SHORTER_SHARE = 0.5
"""So much of the usual length is written under pressure."""


class Footing(msgspec.Struct, frozen=True):
    """Where the server stands."""

    step: Step = Step.EASY
    calm_since: float | None = None


def wanted(load: Load, share: float = 1.0) -> Step:
    """The highest step with a threshold, or this share of it, that the load reaches."""
    reached = (step for step, threshold in THRESHOLDS.items() if _reaches(load, threshold, share))
    return max(reached, default=Step.EASY)


def after(footing: Footing, load: Load, now: float) -> Footing:
    """Where the server stands once this was measured."""
    if (higher := wanted(load)) > footing.step:
        return Footing(higher)
    if footing.step is Step.EASY or wanted(load, CALM_SHARE) >= footing.step:
        return Footing(footing.step)
    calm_since = now if footing.calm_since is None else footing.calm_since
    if now - calm_since >= CALM_SECONDS:
        return Footing(Step(footing.step - 1))
    return Footing(footing.step, calm_since)


def _reaches(load: Load, threshold: Load, share: float) -> bool:
    pairs = zip(msgspec.structs.astuple(load), msgspec.structs.astuple(threshold), strict=True)
    return any(figure >= (limit * share or inf) for figure, limit in pairs)


_SAID = {
    Step.EASY: "The server has it easy again.",
    Step.NO_GUESSING: "The server is busy: replies are not prepared ahead any more.",
    Step.FEWER_PARTIALS: "The server is very busy: what is being said is shown less often.",
    Step.SHORTER: "The server is at its limit: replies are shorter.",
    Step.REFUSING: "The server is overloaded: nobody new is let in.",
}


class Pressure:
    """The step that the server is on, for all who have to know."""

    def __init__(self) -> None:
        self.load = Load()
        self._footing = Footing()

    def __repr__(self) -> str:
        return f"<Pressure {self.step.name} {self.load}>"

    @property
    def step(self) -> Step:
        return self._footing.step

    @property
    def allows_guessing(self) -> bool:
        """Whether work is done for a reply that may not be wanted."""
        return self.step < Step.NO_GUESSING

    @property
    def allows_all_partials(self) -> bool:
        return self.step < Step.FEWER_PARTIALS

    @property
    def allows_asking_to_wait(self) -> bool:
        """Whether anything is said that is no answer."""
        return self.step < Step.SHORTER

    @property
    def lets_in(self) -> bool:
        return self.step < Step.REFUSING

    def fitting(self, sampling: Sampling) -> Sampling:
        """As long as it usually is, or shorter."""
        if self.step < Step.SHORTER:
            return sampling
        fewer = max(1, round(sampling.max_tokens * SHORTER_SHARE))
        return msgspec.structs.replace(sampling, max_tokens=fewer)

    def note(self, load: Load, now: float) -> None:
        before, self.load = self.step, load
        self._footing = after(self._footing, load, now)
        if self.step is not before:
            figures = {"step": self.step.name.lower(), **msgspec.structs.asdict(load)}
            level = logging.INFO if self.step < before else logging.WARNING
            log.log(level, _SAID[self.step], extra=figures)


NO_PRESSURE = Pressure()
"""For calls that nobody watches."""
