"""Follows from outside how long a caller hears nothing, and checks when they are asked to wait.

A sentence that asks to wait comes when it is time for it: not sooner, not later, once a turn, and
over nobody's voice. This keeps no account of what else is wished; the witness does that.
"""

from __future__ import annotations

import msgspec

from repartee.conversation import Rules, told
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.lexicon import holding_sentence
from repartee.conversation.patience import LATEST_HOLD_MS
from repartee.conversation.rules import SOONEST_HOLD_MS


class Owed(msgspec.Struct):
    """A reply of which nothing may be heard yet."""

    turn: int
    is_answer: bool
    playing_since: float | None = None
    ducked: bool = False
    audible: bool = False
    over: bool = False


class Silence:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._turn = 0
        """The one that is open; 0 for none."""
        self._speaking = self._final_known = False
        self._asked_at = 0.0
        self._replies: dict[int, Owed] = {}
        self._asked_to_wait: set[int] = set()
        """The turns in which the caller was; what is typed counts as minus its reply."""
        self._cut_short: set[int] = set()
        self._spared: set[int] = set()
        """In which they may have been, had the server not been at its limit."""
        self._sentence = ""
        """How somebody is asked to wait, in the language that is spoken now."""
        self._has_answered = False
        """Whether there was sound of an answer yet: from then on, what is late depends on it."""

    def see(self, event: ev.Event, now: float, commands: list[do.Command], language: str) -> None:
        self._sentence = holding_sentence(language)
        self._note(event)
        for command in commands:
            self._look_at(command, event, now)
        if isinstance(event, ev.TimePassed):
            self._look_for_silence(event, now)

    # ------------------------------------------------------------ what happens

    def _note(self, event: ev.Event) -> None:
        match event:
            case ev.SpeechStarted():
                self._speaking = True
            case ev.FinalHeard(turn=turn) if turn == self._turn:
                self._final_known = True  # or it was late; then nothing more is asked of it here
            case ev.Voiced(number) if number in self._replies:
                self._replies[number].audible = self._has_answered = True
            case ev.Played(number, ms) if number in self._replies and ms > 0:
                owed = self._replies[number]
                owed.audible = owed.audible or owed.playing_since is not None

    def _look_at(self, command: do.Command, event: ev.Event, now: float) -> None:
        match command:
            case do.Listen(turn):
                self._turn = turn
                self._speaking = isinstance(event, ev.SpeechStarted)
            case do.Finalise(turn):
                self._speaking, self._final_known, self._asked_at = False, False, now
                if isinstance(event, ev.TimePassed):
                    self._cut_short.add(turn)
            case do.StopListening():
                self._turn = 0
            case do.Think(number, mode=mode, turn=turn):
                self._replies[number] = Owed(turn if mode == "spoken" else -number, True)
            case do.Say(number, text, turn=turn, holds=True):
                self._replies[number] = Owed(turn, False)
                self._asked_for_words(text, turn, event, now)
            case do.Say(number, turn=turn):
                self._replies[number] = Owed(turn, False)
            case do.SayFirst(number, text):
                self._asked_for_sound(text, self._replies[number], event, now)
            case do.Play(number):
                self._replies[number].playing_since = now
            case do.Duck(number) | do.Restore(number):
                self._replies[number].ducked = isinstance(command, do.Duck)
            case do.Hush(number) | do.Drop(number) | do.Tell(told.ReplyCompleted(number)):
                self._replies[number].over = True

    # ------------------------------------------------------------ not sooner, and once

    def _asked_for_words(self, text: str, turn: int, event: ev.Event, now: float) -> None:
        self._asked(text, turn, event)
        assert not self._rules.sent_at_once, "sound before the words that it answers"
        assert turn == self._turn, "asked somebody to wait who has asked nothing"
        assert not self._speaking, "asked to wait while they speak"
        assert not self._final_known, "asked to wait for what is known"
        assert now - self._asked_at > self._rules.hold_after_ms / 1000 - 0.001, "asked too soon"
        assert not self._audible, "asked to wait over something that is to be heard"

    def _asked_for_sound(self, text: str, reply: Owed, event: ev.Event, now: float) -> None:
        self._asked(text, reply.turn, event)
        assert reply.is_answer, "asked to wait for a sentence of our own"
        assert reply.playing_since is not None
        assert not reply.over
        assert not reply.audible, "asked to wait for what is here"
        assert not reply.ducked, "asked to wait while they speak"
        assert now - reply.playing_since > SOONEST_HOLD_MS / 1000 - 0.001, "asked too soon"

    def _asked(self, text: str, turn: int, event: ev.Event) -> None:
        assert self._rules.hold_after_ms, "asked to wait, and never should be"
        assert text == self._sentence
        assert isinstance(event, ev.TimePassed)
        assert not event.at_limit, "said something that is no answer"
        assert turn not in self._cut_short, "asked to wait in mid-speech"
        assert turn not in self._asked_to_wait, "asked to wait twice in a turn"
        self._asked_to_wait.add(turn)

    @property
    def _audible(self) -> bool:
        number = max(self._replies, default=0)
        return any(
            one.playing_since is not None and not one.over
            for n, one in self._replies.items()
            if n < number
        )

    # ------------------------------------------------------------ and not later

    def _look_for_silence(self, event: ev.TimePassed, now: float) -> None:
        if not (self._rules.hold_after_ms and self._sentence):
            return
        if event.at_limit:
            self._spared |= {self._turn, *(one.turn for one in self._replies.values())}
        longest_ms = self._rules.hold_after_ms
        if self._has_answered:
            longest_ms = max(longest_ms, LATEST_HOLD_MS)
        for reply in self._replies.values():
            since = reply.playing_since
            if since is None or not reply.is_answer or reply.over or reply.audible or reply.ducked:
                continue
            if reply.turn not in self._asked_to_wait | self._cut_short | self._spared:
                assert now - since < longest_ms / 1000, "left in silence"
