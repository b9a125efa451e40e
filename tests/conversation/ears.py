"""Follows from outside what is heard of the caller: turns, their words and their silences.

The witness asks it what was said, and whether it was time to answer.
"""

from __future__ import annotations

from repartee.conversation import Rules
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.echo import without_echo
from repartee.conversation.turns import speech_in, wait_ms


class Ears:
    def __init__(self, rules: Rules) -> None:
        self.turn: int | None = None
        """The one that is open."""
        self.language = "en" if rules.language == "auto" else rules.language
        self._chosen = rules.language
        self._rules = rules
        self._turns = self._attempt = 0
        self._final: ev.FinalHeard | None = None
        self._judged: float | None = None
        self._voiced = self._speaking = False
        self._held_since: float | None = None
        self._held = False
        self._paused_at: float | None = None
        self._listening_since = 0.0
        self._echo = ""
        """What of our own a voice was heard over, in this turn."""

    def is_late(self, event: ev.Event) -> bool:
        match event:
            case ev.FinalHeard(turn, attempt) | ev.TurnJudged(turn, attempt):
                return (turn, attempt) != (self.turn, self._attempt)
            case ev.PartialHeard(turn) | ev.EngineFailed("hearing", turn=turn):
                return turn != self.turn
        return False

    def look_at_language(self, event: ev.Event, language: str) -> None:
        """It changes because another one is chosen or, where that is wished, heard."""
        match event:
            case ev.LanguageChosen(chosen):
                self._chosen = chosen
                assert language == (self.language if chosen == "auto" else chosen)
            case ev.FinalHeard(language=heard) if language != self.language:
                assert self._chosen == "auto", "it follows what is heard, and should not"
                assert language == heard
            case _:
                assert language == self.language
        self.language = language

    def note(self, event: ev.Event, being_said: str) -> None:
        """`being_said`: what is said while the words of the turn are waited for."""
        match event:
            case ev.SpeechStarted():
                self._voiced = self._speaking = True
                self._echo = being_said or self._echo
            case ev.TurnJudged(finished=finished) if not self._speaking:
                self._judged = finished
            case ev.FinalHeard() if self._final is None:
                self._final = event
            case ev.TurnClosed():
                self._held_since = None

    # ------------------------------------------------------------ what is wished

    def listen(self, turn: int, event: ev.Event, now: float) -> None:
        assert self.turn is None, f"turn {self.turn} is still open"
        assert turn == self._turns + 1
        self.turn = self._turns = turn
        self._held = isinstance(event, ev.TurnOpened)
        self._held_since = now if self._held else None
        self._listening_since, self._paused_at = now, None
        self._voiced = isinstance(event, ev.SpeechStarted)
        self._attempt, self._echo = 0, ""

    def finalise(self, command: do.Finalise, event: ev.Event) -> None:
        if isinstance(event, ev.SpeechPaused) and not self._held:
            self._paused_at = event.at
        assert (command.turn, command.attempt) == (self.turn, self._attempt + 1)
        self._attempt, self._final, self._judged = command.attempt, None, None
        self._speaking = False

    def stop(self, turn: int) -> None:
        assert turn == self.turn
        self.turn = None

    # ------------------------------------------------------------ what is made of it

    @property
    def question(self) -> str:
        """What the caller has said, and nobody else."""
        assert self._final is not None, "a thought about words that are not known"
        assert self._final.confidence >= self._rules.low_confidence, "thought about a mishearing"
        assert self._words, "a thought about silence"
        assert self._voiced, "a thought about words that no voice has said"
        return self._words

    @property
    def is_misheard(self) -> bool:
        assert self._final is not None
        is_sure = self._final.confidence >= self._rules.low_confidence
        return not (is_sure and self._words and self._voiced)

    @property
    def _words(self) -> str:
        assert self._final is not None
        return without_echo(speech_in(self._final.text), self._echo)

    def look_at_answer(self, final: str, event: ev.Event, now: float) -> None:
        """Whether it was time for it."""
        if self._paused_at is not None and not isinstance(event, ev.TurnClosed):
            waited = now - self._paused_at
            wanted = wait_ms(final, self._rules, self.language, self._judged) / 1000
            spoken = now - self._listening_since
            assert waited > wanted - 0.001 or spoken > self._rules.max_turn_ms / 1000 - 0.001, (
                "answered before the silence had lasted"
            )
        if self._held_since is not None:
            held_for = now - self._held_since
            longest = self._rules.max_turn_ms / 1000
            assert held_for > longest - 0.001, "answered with the button held"
