"""A voice over the sentence that asks to wait: the caller who goes on, or the sentence itself.

A loudspeaker gives it back through the microphone, and only the words can tell; they come as late
as ever. So the sentence is ducked, and the turn stays as it was, until words say that it goes on,
or the sentence is over and the voice is not.
"""

from __future__ import annotations

from repartee.conversation.echo import ends_in_echo, goes_on
from repartee.conversation.language import SpokenLanguage
from repartee.conversation.replies import Replies
from repartee.conversation.rules import Rules
from repartee.conversation.turns import UserTurn, words_of


class VoiceOverHold:
    def __init__(self, rules: Rules, replies: Replies, language: SpokenLanguage) -> None:
        self._rules = rules
        self._replies = replies
        self._language = language

    def began(self, turn: UserTurn, at: float, now: float) -> None:
        """A voice in the pause of a turn. Where nothing is to be heard, it goes on with it."""
        holding = self._replies.holding
        if holding is None or not holding.voiced:
            self._resume(turn, at, now)
            return
        turn.contest_hold(at, holding.asked_to_hold)
        self._replies.duck(holding)

    def is_wordless(self, turn: UserTurn, now: float) -> bool:
        """Whether there is such a voice, and it has said nothing yet that goes on with the turn."""
        if turn.over_hold_from is None:
            return False
        if not goes_on(turn, self._language.now):
            return True
        self._resume(turn, turn.over_hold_from, now)
        return False

    def outlasts_it(self, turn: UserTurn, now: float) -> bool:
        """The sentence is over: whether there is a voice still, that was not its echo so far."""
        if turn.over_hold_from is None or ends_in_echo(turn.partial, turn.echo):
            return False
        self._resume(turn, turn.over_hold_from, now)
        return True

    def was_nothing(self, turn: UserTurn, ended_at: float) -> bool:
        """Whether there was such a voice, and no more words are to be had of it: it was the echo,
        or too short for any. Otherwise they are waited for while the sentence goes on."""
        if (began_at := turn.over_hold_from) is None:
            return False
        turn.over_hold_from = None
        self._replies.restore()
        is_wordless = len(words_of(turn.partial)) <= turn.words_before
        is_short = (ended_at - began_at) * 1000 < self._rules.min_turn_ms
        if ends_in_echo(turn.partial, turn.echo) or (is_wordless and is_short):
            return True
        turn.resume(began_at)
        self._replies.drop_tentative()
        return False

    def _resume(self, turn: UserTurn, began_at: float, now: float) -> None:
        """What was thought of the turn so far is not all of it, and nobody waits."""
        turn.resume(began_at)
        self._replies.drop_tentative()
        self._replies.hush_holding(now)
