"""How long anything is waited for in a turn, and how long in silence.

An engine that hangs is waited for: shorter patience would be the end of one that is slow and well.
But nobody waits on a silent line without wondering whether it is dead. So the caller is asked for a
moment, at most once a turn: when the words are late, or when nothing of the answer is to be heard.

What is late shows by the turns before. Where every answer takes two seconds, a word to wait would
only make each of them later: it is for the turn that takes twice as long as they do.
"""

from __future__ import annotations

import msgspec

from repartee.conversation.language import SpokenLanguage
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.rules import SOONEST_HOLD_MS, Rules
from repartee.conversation.turns import TurnPhase, UserTurn, wait_ms

LATEST_HOLD_MS = 6_000
"""Nobody is used to more silence than this."""
_LIKE_BEFORE = 2.0
"""What takes less than so many times as long as of late is nothing unusual."""
_TURNS_BEFORE = 5
_SURELY_SPEECH_MS = 600
"""A sound of which no words are known may be a cough; nobody coughs for that long."""


class Wanted(msgspec.Struct, frozen=True):
    """The first sound of an answer: since when it is waited for, and how long in silence."""

    since: float | None
    """None where somebody is speaking still."""
    by: float | None
    """None where nothing is said if it is late."""


class Patience:
    def __init__(self, rules: Rules, language: SpokenLanguage) -> None:
        self._rules = rules
        self._language = language
        self._latest: list[float] = []
        """How many seconds the first sound of the latest answers took."""

    def __repr__(self) -> str:
        return f"<Patience of {self._silence_seconds:.1f} s>"

    def heard_after(self, seconds: float) -> None:
        """The first sound of an answer took so long."""
        self._latest = [*self._latest, seconds][-_TURNS_BEFORE:]

    @property
    def sentence(self) -> str:
        """How the caller is asked to wait; empty where they are not."""
        return holding_sentence(self._language.now) if self._rules.hold_after_ms else ""

    @property
    def _silence_seconds(self) -> float:
        """How long the line may be silent. Of two turns the quicker one counts: one that was slow
        makes no habit."""
        asked_for = self._rules.hold_after_ms / 1000
        if not self._latest:
            return asked_for
        median = sorted(self._latest)[(len(self._latest) - 1) // 2]
        return max(asked_for, min(_LIKE_BEFORE * median, LATEST_HOLD_MS / 1000))

    # ------------------------------------------------------------ with a turn

    def due_at(self, turn: UserTurn) -> float:
        """When something is to be done about this turn, if nothing happens before."""
        if turn.phase is TurnPhase.PAUSED:
            if turn.answer_at is not None:
                return turn.answer_at
            wanted_by, failed_by = self._words_wanted_by(turn), self.final_due_at(turn)
            return failed_by if wanted_by is None else min(wanted_by, failed_by)
        if turn.over_reply is not None and not turn.partial:
            return turn.voice_from + self._rules.barge_in_after_ms / 1000
        return turn.began_at + self._rules.max_turn_ms / 1000

    def over_at(self, turn: UserTurn, now: float) -> float:
        """When a turn whose words are known is over, unless somebody goes on with it."""
        if turn.forced:
            return now
        if turn.held:
            return turn.began_at + self._rules.max_turn_ms / 1000
        wanted_ms = wait_ms(turn.final, self._rules, self._language.now, turn.finished)
        return turn.paused_at + wanted_ms / 1000

    def final_due_at(self, turn: UserTurn) -> float:
        return turn.asked_at + self._rules.final_within_ms / 1000

    def _words_wanted_by(self, turn: UserTurn) -> float | None:
        """When the words of this turn are late; None while nobody waits for them.

        Where replies are sent at once, it is promised that nothing of them comes before the words
        that they answer. A sound that may have been nobody is no reason to say anything.
        """
        if not self.sentence or self._rules.sent_at_once or turn.asked_to_hold:
            return None
        is_awaited = turn.phase is TurnPhase.PAUSED and turn.answer_at is None
        is_over = turn.let_go_at is not None if turn.held else not turn.forced
        if not (is_awaited and is_over and self._is_somebody(turn)):
            return None
        noticed_at = max(turn.asked_at, turn.over_at)
        silence_ends_at = turn.paused_at + self._rules.wait_open_ms / 1000
        return max(noticed_at + self._silence_seconds, silence_ends_at)

    def _is_somebody(self, turn: UserTurn) -> bool:
        if turn.over_reply is not None or not turn.voiced:
            return False
        if turn.held:
            return turn.spoken_ms >= self._rules.min_turn_ms
        return bool(turn.partial) or turn.spoken_ms >= _SURELY_SPEECH_MS

    # ------------------------------------------------------------ with an answer

    def with_answer_to(self, turn: UserTurn, now: float) -> Wanted:
        """The turn is over now. The wait for its words counts too: it was as silent. An engine
        gets its time all the same."""
        if turn.forced and turn.let_go_at is None:
            return Wanted(None, None)
        over_at = turn.over_at if turn.forced or turn.answer_at is None else turn.answer_at
        since = min(over_at, now)
        if not self.sentence or turn.asked_to_hold:
            return Wanted(since, None)
        return Wanted(since, max(since + self._silence_seconds, now + SOONEST_HOLD_MS / 1000))

    def with_typed_answer(self, now: float) -> Wanted:
        return Wanted(now, now + self._silence_seconds if self.sentence else None)
