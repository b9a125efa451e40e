"""`Conversation.handle`: what a conversation does about what happened.

How it works, in plain words. A user's turn opens when a voice is heard and is PAUSED at each
silence. A pause asks for a final transcript, and has the model read what the words seem to be. As
soon as the final is there and believed, a *tentative* reply begins, which nobody hears. If the
voice goes on, the reply is dropped without a trace. If the silence lasts as long as the words ask
for, the turn is over and the reply is committed. A turn that is held by a button is over when it
is let go, however long the silences in it.

A voice over a reply first ducks it. Words that mean something, or a long voice, hush the reply;
a cough, an "mm-hm" or the reply's own echo lets it go on. What a reply leaves in memory is what
was heard of it.

Every decision is a function of the events and their times: the same journal gives the same calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.conversation.memory import Memory, Message
from repartee.conversation.replies import Asked, Replies, Reply, ReplyPhase
from repartee.conversation.rules import (
    HEARING_FAILED_SENTENCE,
    LOW_CONFIDENCE_SENTENCE,
    SPOKEN_STYLE,
    THINKING_FAILED_SENTENCE,
    Rules,
)
from repartee.conversation.turns import (
    TurnPhase,
    UserTurn,
    is_clearly_meant,
    is_echo,
    is_meant,
    speech_in,
    wait_ms,
)


class Conversation:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.memory = Memory(rules.memory_messages)
        self.replies = Replies(rules, self.memory)
        self.turn: UserTurn | None = None
        self.over = False
        self._instructions = rules.instructions
        self._turns = 0
        self._now = 0.0
        self._handlers: dict[type[ev.Event], Callable[[Any], None]] = {
            ev.SpeechStarted: self._speech_started,
            ev.SpeechPaused: self._speech_paused,
            ev.PartialHeard: self._partial_heard,
            ev.FinalHeard: self._final_heard,
            ev.TurnOpened: self._turn_opened,
            ev.TurnClosed: self._turn_closed,
            ev.TurnAbandoned: self._turn_abandoned,
            ev.Typed: self._typed,
            ev.InterruptRequested: self._interrupt_requested,
            ev.Greeted: self._greeted,
            ev.Instructed: self._instructed,
            ev.Resumed: self._resumed,
            ev.MemoryCleared: self._memory_cleared,
            ev.ClientGone: self._client_gone,
            ev.ReplyText: self._reply_text,
            ev.ReplyWritten: self._reply_written,
            ev.Played: self._played,
            ev.AllSent: self._all_sent,
            ev.PlaybackEnded: self._playback_ended,
            ev.EngineFailed: self._engine_failed,
            ev.TimePassed: self._time_passed,
        }

    def __repr__(self) -> str:
        return f"<Conversation {self.turn!r} {self.replies.last!r} {self.memory!r}>"

    def handle(self, event: ev.Event, now: float) -> list[do.Command]:
        """Take one fact; give back what is wished, in the order in which it is to be done."""
        if self.over:
            return []
        self._now = max(now, self._now)
        self.replies.out = []
        self._handlers[type(event)](event)
        return self.replies.out

    @property
    def deadline(self) -> float | None:
        """When `TimePassed` is wanted at the latest."""
        turn_due_at = None if self.turn is None else self._turn_deadline(self.turn)
        moments = (turn_due_at, self.replies.deadline)
        return min((moment for moment in moments if moment is not None), default=None)

    # ------------------------------------------------------------ the user's voice

    def _speech_started(self, event: ev.SpeechStarted) -> None:
        turn = self.turn
        if turn is None:
            turn = self._open_turn(min(event.at, self._now))
            turn.voiced = True
            if (reply := self.replies.audible) is not None:
                turn.over_reply = reply.number
                self.replies.duck(reply)
            return
        turn.voiced = True
        if turn.phase is TurnPhase.PAUSED:
            turn.resume(min(event.at, self._now))
            self.replies.drop_tentative()

    def _open_turn(self, began_at: float, *, held: bool = False) -> UserTurn:
        self._turns += 1
        self.turn = UserTurn(self._turns, began_at, voice_from=began_at, held=held)
        self._wish(do.Listen(self._turns))
        return self.turn

    def _speech_paused(self, event: ev.SpeechPaused) -> None:
        turn = self.turn
        if turn is not None and turn.phase is TurnPhase.SPEAKING:
            self._ask_for_final(turn, event.at)
            self._prime(turn)

    def _ask_for_final(self, turn: UserTurn, at: float) -> None:
        turn.pause(at, self._now)
        self._wish(do.Finalise(turn.number, turn.attempt))

    def _partial_heard(self, event: ev.PartialHeard) -> None:
        turn = self.turn
        text = speech_in(event.text)
        if turn is None or turn.number != event.turn or text in ("", turn.partial):
            return
        turn.partial = text
        if turn.over_reply is not None:
            if not self._interrupts(text, certain=False):
                return
            self._barge_in(turn)
        self._tell(told.UserPartial(text))
        self._prime(turn)

    def _final_heard(self, event: ev.FinalHeard) -> None:
        turn = self.turn
        if turn is None or (turn.number, turn.attempt) != (event.turn, event.attempt):
            return
        if turn.phase is not TurnPhase.PAUSED or turn.answer_at is not None:
            return  # the voice went on meanwhile and the next pause asks again; or it is known
        turn.settle(speech_in(event.text) if turn.voiced else "", event.confidence)
        if turn.over_reply is not None:
            if not (self._is_believed(turn) and self._interrupts(turn.final, certain=True)):
                self._nobody_spoke(turn)
                return
            self._barge_in(turn)
        elif not (turn.final or turn.held) and turn.spoken_ms < self.rules.min_turn_ms:
            self._nobody_spoke(turn)
            return
        self._judge(turn)

    def _judge(self, turn: UserTurn) -> None:
        """The words are known: how long must the silence last, and may we think meanwhile?"""
        turn.answer_at = self._answer_at(turn)
        if turn.answer_at <= self._now:
            self._answer(turn)
        elif self.rules.speculate and self._is_believed(turn):
            self._think(turn)

    def _answer_at(self, turn: UserTurn) -> float:
        if turn.forced:
            return self._now
        if turn.held:
            return turn.began_at + self.rules.max_turn_ms / 1000
        return turn.paused_at + wait_ms(turn.final, self.rules) / 1000

    def _answer(self, turn: UserTurn) -> None:
        """The turn is over."""
        self.turn = None
        self._wish(do.StopListening(turn.number))
        latency_ms = round((self._now - turn.over_at) * 1000)
        self._tell(told.UserFinal(turn.final, turn.confidence, max(latency_ms, 0)))
        if not self._is_believed(turn):
            self.replies.say(LOW_CONFIDENCE_SENTENCE, "low_confidence", _asked(turn), self._now)
            return
        if self.replies.alive is None:
            self._think(turn)
        self.memory.user_said(turn.final)
        self.replies.commit()

    def _nobody_spoke(self, turn: UserTurn) -> None:
        self.turn = None
        self._wish(do.StopListening(turn.number))
        self.replies.restore()

    def _is_believed(self, turn: UserTurn) -> bool:
        return bool(turn.final) and turn.confidence >= self.rules.low_confidence

    # ------------------------------------------------------------ a voice over a reply

    def _interrupts(self, text: str, *, certain: bool) -> bool:
        """Whether somebody wants the floor. Once a reply is over, its echo may still come in,
        but a "yes" is no listening noise any more: it is an answer."""
        reply = self.replies.last
        being_said = reply.being_said if reply is not None else ""
        if self.replies.audible is None:
            return bool(text) and not is_echo(text, being_said)
        judge = is_meant if certain else is_clearly_meant
        return judge(text, being_said, self.rules.language)

    def _barge_in(self, turn: UserTurn) -> None:
        turn.over_reply = None
        if (reply := self.replies.audible) is not None:
            self.replies.hush(reply, self._now)

    # ------------------------------------------------------------ what the client does

    def _turn_opened(self, event: ev.TurnOpened) -> None:
        """Whoever presses a button wants the floor."""
        self._forget_turn()
        self.replies.drop_tentative()
        if (reply := self.replies.audible) is not None:
            self.replies.hush(reply, self._now)
        self._open_turn(self._now, held=True)

    def _turn_closed(self, event: ev.TurnClosed) -> None:
        turn = self.turn
        if turn is None or not turn.held or turn.forced:
            return
        turn.forced, turn.let_go_at = True, min(event.at, self._now)
        if turn.phase is TurnPhase.SPEAKING:
            self._ask_for_final(turn, self._now)
        elif turn.answer_at is not None:
            self._answer(turn)  # it had paused before, and its words are known

    def _turn_abandoned(self, event: ev.TurnAbandoned) -> None:
        if self.turn is not None and self.turn.held:
            self.replies.drop_tentative()
            self._forget_turn()

    def _typed(self, event: ev.Typed) -> None:
        text = event.text.strip()
        if not text:
            self._problem("The message is empty. Write something to say.", "empty_text")
        elif len(text) > (limit := self.rules.max_text_chars):
            sentence = f"The message has {len(text)} characters; at most {limit} are taken."
            self._problem(f"{sentence} Send it in parts.", "text_too_long")
        else:
            self._make_room()
            messages = self._context(text)
            self.replies.think(Asked("typed", text, 1.0), messages, self._now)
            self.memory.user_said(text)
            self.replies.commit()

    def _make_room(self) -> None:
        """A typed message ends whatever is going on."""
        self._forget_turn()
        self.replies.drop_tentative()
        if (reply := self.replies.audible) is not None:
            self.replies.move_on(reply, self._now)

    def _interrupt_requested(self, event: ev.InterruptRequested) -> None:
        if (reply := self.replies.audible) is not None:
            if self.turn is not None:
                self.turn.over_reply = None
            self.replies.hush(reply, self._now)
            return
        turn = self.turn
        if turn is not None and (turn.forced if turn.held else turn.phase is TurnPhase.PAUSED):
            self.replies.drop_tentative()  # what was asked is not to be answered any more
            self._forget_turn()
        self._tell(told.ReplyInterrupted(0, "spoken", ""))

    def _greeted(self, event: ev.Greeted) -> None:
        """Once somebody speaks or is answered, it is too late for that."""
        if self.turn is None and self.replies.alive is None and event.text.strip():
            self.replies.say(event.text.strip(), "greeting", Asked("spoken"), self._now)

    def _instructed(self, event: ev.Instructed) -> None:
        self._instructions = event.instructions
        self.replies.drop_tentative()  # it was thought by somebody else
        self._wish(do.Prime(self._context()))

    def _resumed(self, event: ev.Resumed) -> None:
        self.memory.restore(event.messages)
        self.replies.count_from(event.replies)

    def _memory_cleared(self, event: ev.MemoryCleared) -> None:
        self.memory.clear()
        self.replies.drop_tentative()  # it was thought with what is to be forgotten

    def _client_gone(self, event: ev.ClientGone) -> None:
        self.replies.drop_tentative()
        if (reply := self.replies.audible) is not None:
            self.replies.abandon(reply, self._now)
        self._forget_turn()
        self.over = True

    def _forget_turn(self) -> None:
        if self.turn is not None:
            self._wish(do.StopListening(self.turn.number))
            self.turn = None

    # ------------------------------------------------------------ what becomes of a reply

    def _reply_text(self, event: ev.ReplyText) -> None:
        reply = self.replies.unfinished(event.reply)
        if reply is not None and event.text:
            self.replies.write(reply, event.text, self._now)

    def _reply_written(self, event: ev.ReplyWritten) -> None:
        reply = self.replies.unfinished(event.reply)
        if reply is None:
            return
        if reply.written:
            self.replies.written(reply)
        else:
            self._thinking_failed(reply, "The language model gave an empty answer.")

    def _played(self, event: ev.Played) -> None:
        reply = self.replies.numbered(event.reply)
        if reply is not None and reply.audible and event.heard_ms >= reply.heard_ms:
            reply.heard_ms, reply.heard = event.heard_ms, event.text

    def _all_sent(self, event: ev.AllSent) -> None:
        if (reply := self.replies.numbered(event.reply)) is not None:
            self.replies.all_sent(reply, self._now)

    def _playback_ended(self, event: ev.PlaybackEnded) -> None:
        reply = self.replies.numbered(event.reply)
        if reply is not None and reply.audible:
            self.replies.finish(reply, self._now)

    # ------------------------------------------------------------ when an engine fails

    def _engine_failed(self, event: ev.EngineFailed) -> None:
        if event.stage == "hearing":
            if self.turn is not None and self.turn.number == event.turn:
                self._hearing_failed(self.turn, event.sentence)
        elif (reply := self.replies.unfinished(event.reply)) is None:
            return
        elif reply.phase is ReplyPhase.TENTATIVE:
            self.replies.drop_tentative()  # it is tried again, aloud, when the turn is over
        elif event.stage == "thinking":
            self._thinking_failed(reply, event.sentence)
        else:
            self._speaking_failed(reply, event.sentence)

    def _hearing_failed(self, turn: UserTurn, sentence: str) -> None:
        self.replies.drop_tentative()
        self._nobody_spoke(turn)
        self._problem(sentence, "hearing_failed")
        if self.replies.audible is None:
            asked = Asked("spoken", turn=turn.number)
            self.replies.say(HEARING_FAILED_SENTENCE, "apology", asked, self._now)

    def _thinking_failed(self, reply: Reply, sentence: str) -> None:
        """Say so aloud and keep the call; what was heard so far stays true."""
        if reply.phase is ReplyPhase.TENTATIVE:
            self.replies.drop_tentative()
            return
        if reply.kind != "answer":
            self._speaking_failed(reply, sentence)
            return
        self.replies.fail(reply, self._now)
        self._problem(sentence, "thinking_failed")
        asked = Asked(reply.mode)
        apology = self.replies.say(THINKING_FAILED_SENTENCE, "apology", asked, self._now)
        if self.turn is not None:  # somebody is speaking already: they may well mean it
            self.turn.over_reply = apology.number
            self.replies.duck(apology)

    def _speaking_failed(self, reply: Reply, sentence: str) -> None:
        """There is no voice to apologise with: tell it, and let the written words stand."""
        self.replies.fail(reply, self._now)
        self._problem(sentence, "speaking_failed")
        self._tell(told.ReplyCompleted(reply.number, reply.mode, reply.written))

    # ------------------------------------------------------------ time

    def _turn_deadline(self, turn: UserTurn) -> float:
        rules = self.rules
        if turn.phase is TurnPhase.PAUSED:
            final_due_at = turn.asked_at + rules.final_within_ms / 1000
            return final_due_at if turn.answer_at is None else turn.answer_at
        if turn.over_reply is not None and not turn.partial:
            return turn.voice_from + rules.barge_in_after_ms / 1000
        return turn.began_at + rules.max_turn_ms / 1000

    def _time_passed(self, event: ev.TimePassed) -> None:
        reply, due_at = self.replies.alive, self.replies.deadline
        if reply is not None and due_at is not None and due_at <= self._now:
            self._thinking_failed(reply, "The language model took too long to answer.")
        turn = self.turn
        if turn is not None and self._turn_deadline(turn) <= self._now:
            self._turn_is_due(turn)

    def _turn_is_due(self, turn: UserTurn) -> None:
        if turn.phase is TurnPhase.PAUSED:
            if turn.answer_at is not None:
                self._answer(turn)
            else:
                self._hearing_failed(turn, "The speech recogniser took too long to answer.")
            return
        if turn.over_reply is not None and not turn.partial:
            self._barge_in(turn)  # nobody coughs for that long
        if self._turn_deadline(turn) <= self._now:
            turn.forced = True
            self._ask_for_final(turn, self._now)

    # ------------------------------------------------------------ small words

    def _think(self, turn: UserTurn) -> None:
        self.replies.think(_asked(turn), self._context(turn.final), self._now)

    def _prime(self, turn: UserTurn) -> None:
        """Let the model read ahead. While somebody speaks, the last word is often still wrong;
        in a pause it is worth a try, since the final transcript takes as long as reading it."""
        if turn.over_reply is not None:
            return
        known = turn.partial.split()
        if turn.phase is TurnPhase.SPEAKING:
            known = known[:-1]
            if len(known) < turn.primed_words + self.rules.prime_words:
                return
        if known and turn.answer_at is None:
            turn.primed_words = len(known)
            self._wish(do.Prime(self._context(" ".join(known))))

    def _context(self, user_text: str = "") -> tuple[Message, ...]:
        return self.memory.context(f"{self._instructions} {SPOKEN_STYLE}".strip(), user_text)

    def _wish(self, command: do.Command) -> None:
        self.replies.out.append(command)

    def _tell(self, what: told.Told) -> None:
        self.replies.tell(what)

    def _problem(self, sentence: str, code: str) -> None:
        self.replies.tell(told.Problem(sentence, code))


def _asked(turn: UserTurn) -> Asked:
    return Asked("spoken", turn.final, turn.confidence, turn.number)
