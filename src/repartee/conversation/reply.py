"""One reply, and the table of what can become of it.

TENTATIVE ──commit──▶ PLAYING ◀──restore/duck──▶ DUCKED
    │                    │                          │
   drop              finish, hush, fail          finish, hush, fail
    ▼                    ▼                          ▼
 DROPPED          DONE, HUSHED, FAILED        DONE, HUSHED, FAILED
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

import msgspec

from repartee.conversation import commands as do


class ReplyPhase(Enum):
    TENTATIVE = "tentative"
    PLAYING = "playing"
    DUCKED = "ducked"
    DONE = "done"
    HUSHED = "hushed"
    DROPPED = "dropped"
    FAILED = "failed"


Step = Literal["commit", "drop", "duck", "restore", "finish", "hush", "fail"]
Kind = Literal["answer", "greeting", "low_confidence", "apology", "holding"]

_P = ReplyPhase
REPLY_TABLE: dict[tuple[ReplyPhase, Step], ReplyPhase] = {
    (_P.TENTATIVE, "commit"): _P.PLAYING,
    (_P.TENTATIVE, "drop"): _P.DROPPED,
    (_P.PLAYING, "duck"): _P.DUCKED,
    (_P.DUCKED, "restore"): _P.PLAYING,
    **{(phase, "finish"): _P.DONE for phase in (_P.PLAYING, _P.DUCKED)},
    **{(phase, "hush"): _P.HUSHED for phase in (_P.PLAYING, _P.DUCKED)},
    **{(phase, "fail"): _P.FAILED for phase in (_P.PLAYING, _P.DUCKED)},
}
_WORDS_AHEAD = 8


class ImpossibleStep(Exception):
    """A fault of ours: the table has no such step."""


class Asked(msgspec.Struct, frozen=True):
    """What a reply answers."""

    mode: do.Mode
    text: str = ""
    confidence: float = 0.0
    turn: int = 0
    """The turn in which it was said; 0 for what was typed."""


class Reply(msgspec.Struct):
    number: int
    asked: Asked
    started_at: float
    due_at: float | None
    """When the model's silence becomes a failure; None once it has said all."""
    kind: Kind = "answer"
    phase: ReplyPhase = ReplyPhase.TENTATIVE
    text: str = ""
    whole: bool = False
    """The model has said all it has to say."""
    heard: str = ""
    heard_ms: int = 0
    reported: bool = False
    """How far it was heard is known from the listener's own player."""
    told_complete: bool = False
    voiced: bool = False
    """The first of its sound is there."""
    awaited_since: float | None = None
    """Since when the caller waits for its first sound; None where nobody has begun to."""
    hold_at: float | None = None
    """When the caller is asked for a moment, if nothing of it is to be heard by then."""
    asked_to_hold: str = ""
    """In which words they were."""

    def __repr__(self) -> str:
        return f"<Reply {self.number} {self.phase.value}, heard {self.heard_ms} ms>"

    @property
    def mode(self) -> do.Mode:
        return self.asked.mode

    @property
    def written(self) -> str:
        return self.text.strip()

    @property
    def surely_unheard(self) -> bool:
        """The listener's own player has told that there is more to be heard."""
        return self.reported and self.heard.strip() != self.written

    @property
    def being_said(self) -> str:
        """The words in the air just now: those heard last, and the few that follow them."""
        near = len(self.heard.split()) + _WORDS_AHEAD
        return " ".join([self.asked_to_hold, *self.text.split()[:near]])

    @property
    def hold_due_at(self) -> float | None:
        """The same, while it is so: not over a voice, and not once there is sound."""
        has_sound = self.voiced or self.heard_ms > 0 or self.told_complete
        return self.hold_at if self.phase is ReplyPhase.PLAYING and not has_sound else None

    @property
    def audible(self) -> bool:
        return self.phase in (ReplyPhase.PLAYING, ReplyPhase.DUCKED)

    @property
    def alive(self) -> bool:
        return self.audible or self.phase is ReplyPhase.TENTATIVE

    def step(self, step: Step) -> None:
        try:
            self.phase = REPLY_TABLE[self.phase, step]
        except KeyError:
            raise ImpossibleStep(f"{step!r} is impossible for {self!r}") from None
