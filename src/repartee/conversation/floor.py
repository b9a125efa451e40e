"""Whose turn it is: the user's turn, from the first voice until it is answered or was nothing.

A turn opens when a voice is heard and is PAUSED at each silence. A pause asks for a final
transcript, and has the model read what the words seem to be. As soon as the final is there and
believed, a *tentative* reply begins, which nobody hears. If the voice goes on, the reply is
dropped without a trace. If the silence lasts as long as the words ask for, the turn is over and
the reply is committed. A turn that is held by a button is over when it is let go, however long
the silences in it.

A voice over a reply first ducks it. Words that mean something, or a long voice, hush the reply;
a cough, an "mm-hm" or the reply's own echo lets it go on.
"""

from __future__ import annotations

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.conversation.echo import without_echo
from repartee.conversation.language import SpokenLanguage
from repartee.conversation.over_hold import VoiceOverHold
from repartee.conversation.patience import Patience
from repartee.conversation.prompt import Prompt
from repartee.conversation.replies import Replies
from repartee.conversation.reply import Asked, Reply
from repartee.conversation.rules import HEARING_FAILED_SENTENCE, LOW_CONFIDENCE_SENTENCE, Rules
from repartee.conversation.turns import (
    TurnPhase,
    UserTurn,
    is_clearly_meant,
    is_echo,
    is_meant,
    speech_in,
)

_LONGEST_HOLD_SECONDS = 4.0
"""A sentence that asks to wait is heard to its end, unless that takes longer than this."""


class Floor:
    def __init__(
        self,
        rules: Rules,
        replies: Replies,
        prompt: Prompt,
        language: SpokenLanguage,
        patience: Patience,
    ) -> None:
        self.turn: UserTurn | None = None
        self._rules = rules
        self._replies = replies
        self._prompt = prompt
        self._language = language
        self._patience = patience
        self._over_hold = VoiceOverHold(rules, replies, language)
        self._turns = 0

    # ------------------------------------------------------------ the voice

    def speech_started(self, event: ev.SpeechStarted, now: float) -> None:
        turn = self.turn
        if turn is None:
            turn = self._open(min(event.at, now))
            turn.voiced = True
            if (reply := self._replies.audible) is not None:
                self.contest(reply)
            return
        turn.voiced = True
        if turn.phase is TurnPhase.PAUSED:
            self._over_hold.began(turn, min(event.at, now), now)

    def speech_paused(self, event: ev.SpeechPaused, now: float) -> None:
        turn = self.turn
        if turn is None or self._over_hold.was_nothing(turn, event.at):
            return
        if turn.phase is TurnPhase.SPEAKING:
            self._ask_for_final(turn, event.at, now)
            self._prime(turn)

    def partial_heard(self, event: ev.PartialHeard, now: float) -> None:
        turn = self.turn
        text = speech_in(event.text)
        if turn is None or turn.number != event.turn or text in ("", turn.partial):
            return
        turn.partial = text
        if self._over_hold.is_wordless(turn, now):
            return
        if turn.over_reply is not None:
            if not self._interrupts(text, certain=False):
                return
            self._barge_in(turn, now)
        self._replies.tell(told.UserPartial(without_echo(text, turn.echo)))
        self._prime(turn)

    def final_heard(self, event: ev.FinalHeard, now: float) -> None:
        turn = self.turn
        if turn is None or (turn.number, turn.attempt) != (event.turn, event.attempt):
            return
        if turn.phase is not TurnPhase.PAUSED or turn.answer_at is not None:
            return  # the voice went on meanwhile and the next pause asks again; or it is known
        final = without_echo(speech_in(event.text), turn.echo)
        turn.settle(final if turn.voiced else "", event.confidence)
        if self._is_believed(turn):
            turn.language = self._language.heard(event.language, turn.final)
        if turn.over_reply is not None:
            if not (self._is_believed(turn) and self._interrupts(turn.final, certain=True)):
                self._nobody_spoke()
                return
            self._barge_in(turn, now)
        elif not (turn.final or turn.held) and turn.spoken_ms < self._rules.min_turn_ms:
            self._nobody_spoke()
            return
        self._judge(turn, now)

    def turn_judged(self, event: ev.TurnJudged, now: float) -> None:
        turn = self.turn
        if turn is None or (turn.number, turn.attempt) != (event.turn, event.attempt):
            return
        if turn.phase is not TurnPhase.PAUSED:
            return  # the voice went on meanwhile
        turn.finished = event.finished
        self._judge_again(turn, now)

    def has_asked_to_hold(self, now: float) -> None:
        """The caller has heard that: what was thought of meanwhile may follow in silence."""
        turn = self.turn
        if turn is not None and not self._over_hold.outlasts_it(turn, now):
            self._judge_again(turn, now)

    def _open(self, began_at: float, *, held: bool = False) -> UserTurn:
        self._turns += 1
        self.turn = UserTurn(self._turns, began_at, voice_from=began_at, held=held)
        self._replies.wish(do.Listen(self._turns))
        return self.turn

    def _ask_for_final(self, turn: UserTurn, at: float, now: float) -> None:
        turn.pause(at, now)
        self._replies.wish(do.Finalise(turn.number, turn.attempt))

    # ------------------------------------------------------------ is it over, and what then

    def _judge(self, turn: UserTurn, now: float) -> None:
        """The words are known: how long must the silence last, and may we think meanwhile?"""
        turn.answer_at = self._answer_at(turn, now)
        if turn.answer_at <= now:
            self._answer(turn, now)
        elif self._rules.speculate and self._is_believed(turn):
            self._think(turn, now)

    def _judge_again(self, turn: UserTurn, now: float) -> None:
        """The same, when the words are known and something else has changed."""
        if turn.answer_at is not None:
            turn.answer_at = self._answer_at(turn, now)
            if turn.answer_at <= now:
                self._answer(turn, now)

    def _answer_at(self, turn: UserTurn, now: float) -> float:
        holding = self._replies.holding
        if holding is not None and holding.voiced:
            return holding.started_at + _LONGEST_HOLD_SECONDS
        return self._patience.over_at(turn, now)

    def _answer(self, turn: UserTurn, now: float) -> None:
        if self._over_hold.outlasts_it(turn, now):
            return
        self._replies.hush_holding(now)
        self.forget()
        latency_ms = round((now - turn.over_at) * 1000)
        final = told.UserFinal(turn.final, turn.confidence, max(latency_ms, 0), turn.language)
        self._replies.tell(final)
        if not self._is_believed(turn):
            self._replies.say(LOW_CONFIDENCE_SENTENCE, "low_confidence", _asked(turn), now)
            return
        if self._replies.alive is None:
            self._think(turn, now)
        self._replies.commit_answer_to(turn.final, self._patience.with_answer_to(turn, now), now)

    def _think(self, turn: UserTurn, now: float) -> None:
        self._replies.think(_asked(turn), self._prompt.asking(turn.final), now)

    def _nobody_spoke(self) -> None:
        self.forget()
        self._replies.restore()

    def _is_believed(self, turn: UserTurn) -> bool:
        return bool(turn.final) and turn.confidence >= self._rules.low_confidence

    def _prime(self, turn: UserTurn) -> None:
        """Let the model read ahead. While somebody speaks, the last word is often still wrong;
        in a pause it is worth a try, since the final transcript takes as long as reading it."""
        if turn.over_reply is not None:
            return
        known = without_echo(turn.partial, turn.echo).split()
        if turn.phase is TurnPhase.SPEAKING:
            known = known[:-1]
            if len(known) < turn.primed_words + self._rules.prime_words:
                return
        if known and turn.answer_at is None:
            turn.primed_words = len(known)
            self._replies.wish(do.Prime(self._prompt.asking(" ".join(known))))

    # ------------------------------------------------------------ a voice over a reply

    def contest(self, reply: Reply) -> None:
        """Somebody is speaking over this reply; whether they mean it will show."""
        if self.turn is not None:
            self.turn.over_reply = reply.number
            self._replies.duck(reply)

    def settled(self) -> None:
        """The reply it was about is hushed: the turn is an ordinary one."""
        if self.turn is not None:
            self.turn.over_reply = None

    def _interrupts(self, text: str, *, certain: bool) -> bool:
        """Whether somebody wants the floor. Once a reply is over, its echo may still come in,
        but a "yes" is no listening noise any more: it is an answer."""
        being_said = self._replies.being_said
        if self._replies.audible is None:
            return bool(text) and not is_echo(text, being_said)
        judge = is_meant if certain else is_clearly_meant
        return judge(text, being_said, self._language.now)

    def _barge_in(self, turn: UserTurn, now: float) -> None:
        turn.over_reply = None
        self._replies.hush_audible(now)

    # ------------------------------------------------------------ in which language

    def language_chosen(self, event: ev.LanguageChosen, now: float) -> None:
        """What was thought was thought in another language, and so was the wait."""
        if not self._language.choose(event.language):
            return
        self._replies.drop_tentative()
        self._replies.wish(do.Prime(self._prompt.asking()))
        if self.turn is not None and self.turn.answer_at is not None:
            self.turn.answer_at = self._answer_at(self.turn, now)

    # ------------------------------------------------------------ a turn held by a button

    def turn_opened(self, event: ev.TurnOpened, now: float) -> None:
        """Whoever presses a button wants the floor."""
        self.forget()
        self._replies.drop_tentative()
        self._replies.hush_audible(now)
        self._open(now, held=True)

    def turn_closed(self, event: ev.TurnClosed, now: float) -> None:
        turn = self.turn
        if turn is None or not turn.held or turn.forced:
            return
        turn.forced, turn.let_go_at = True, min(event.at, now)
        if turn.phase is TurnPhase.SPEAKING:
            self._ask_for_final(turn, now, now)
        elif turn.answer_at is not None:
            self._answer(turn, now)  # it had paused before, and its words are known

    def turn_abandoned(self, event: ev.TurnAbandoned, now: float) -> None:
        if self.turn is not None and self.turn.held:
            self._replies.drop_tentative()
            self._replies.hush_holding(now)
            self.forget()

    # ------------------------------------------------------------ an end without an answer

    def forget(self) -> None:
        if self.turn is not None:
            self._replies.wish(do.StopListening(self.turn.number))
            self.turn = None

    def withdraw(self) -> None:
        """What was asked is not to be answered any more; who is still speaking may go on."""
        turn = self.turn
        if turn is not None and (turn.forced if turn.held else turn.phase is TurnPhase.PAUSED):
            self._replies.drop_tentative()
            self.forget()

    def hearing_failed(self, turn: UserTurn, sentence: str, now: float) -> None:
        self._replies.drop_tentative()
        self._replies.hush_holding(now)
        self._nobody_spoke()
        self._replies.problem(sentence, "hearing_failed")
        if self._replies.audible is None:
            asked = Asked("spoken", turn=turn.number)
            self._replies.say(HEARING_FAILED_SENTENCE, "apology", asked, now)

    # ------------------------------------------------------------ time

    @property
    def deadline(self) -> float | None:
        return None if self.turn is None else self._patience.due_at(self.turn)

    def time_passed(self, event: ev.TimePassed, now: float) -> None:
        turn = self.turn
        if turn is None or self._patience.due_at(turn) > now:
            return
        if turn.phase is TurnPhase.PAUSED:
            self._is_silent(turn, now, aloud=not event.at_limit)
            return
        if turn.over_reply is not None and not turn.partial:
            self._barge_in(turn, now)  # nobody coughs for that long
        if self._patience.due_at(turn) <= now:
            turn.forced = True
            self._ask_for_final(turn, now, now)

    def _is_silent(self, turn: UserTurn, now: float, *, aloud: bool) -> None:
        """Nobody has said anything for long enough."""
        if turn.answer_at is not None:
            self._answer(turn, now)
        elif self._patience.final_due_at(turn) <= now:
            sentence = "The speech recogniser took too long to answer."
            self.hearing_failed(turn, sentence, now)
        else:
            turn.asked_to_hold = True
            if aloud:
                self._replies.ask_to_wait_for_words(turn.number, now)


def _asked(turn: UserTurn) -> Asked:
    return Asked("spoken", turn.final, turn.confidence, turn.number)
