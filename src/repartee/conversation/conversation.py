"""`Conversation.handle`: what a conversation does about what happened.

Three hold the state: the `Floor` knows whose turn it is, `Replies` what is being answered, and
`Memory` what was said and, of the replies, what was heard. Here is the table that gives each
event to whom it concerns, and what concerns more than one of them.

Every decision is a function of the events and their times: the same journal gives the same calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation import told
from repartee.conversation.floor import Floor
from repartee.conversation.language import SpokenLanguage
from repartee.conversation.memory import Memory
from repartee.conversation.patience import Patience
from repartee.conversation.prompt import Prompt
from repartee.conversation.replies import Replies
from repartee.conversation.reply import Asked, Reply, ReplyPhase
from repartee.conversation.rules import THINKING_FAILED_SENTENCE, Rules
from repartee.conversation.turns import UserTurn


class Conversation:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.memory = Memory(rules.memory_messages)
        self._language = SpokenLanguage(rules.language)
        self._patience = Patience(rules, self._language)
        self.replies = Replies(rules, self.memory, self._patience)
        self.over = False
        self._prompt = Prompt(rules.instructions, self.memory, self._language)
        self._floor = Floor(rules, self.replies, self._prompt, self._language, self._patience)
        self._now = 0.0
        self._handlers: dict[type[ev.Event], Callable[[Any, float], None]] = {
            ev.SpeechStarted: self._floor.speech_started,
            ev.SpeechPaused: self._floor.speech_paused,
            ev.PartialHeard: self._floor.partial_heard,
            ev.FinalHeard: self._floor.final_heard,
            ev.TurnJudged: self._floor.turn_judged,
            ev.TurnOpened: self._floor.turn_opened,
            ev.TurnClosed: self._floor.turn_closed,
            ev.TurnAbandoned: self._floor.turn_abandoned,
            ev.LanguageChosen: self._floor.language_chosen,
            ev.Typed: self._typed,
            ev.InterruptRequested: self._interrupt_requested,
            ev.Greeted: self._greeted,
            ev.Instructed: self._instructed,
            ev.Resumed: self._resumed,
            ev.MemoryCleared: self._memory_cleared,
            ev.ClientGone: self._client_gone,
            ev.ReplyText: self._reply_text,
            ev.ReplyWritten: self._reply_written,
            ev.Voiced: self._voiced,
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
        self._handlers[type(event)](event, self._now)
        return self.replies.out

    @property
    def turn(self) -> UserTurn | None:
        return self._floor.turn

    @property
    def language(self) -> str:
        """The one that is spoken now."""
        return self._language.now

    @property
    def deadline(self) -> float | None:
        """When `TimePassed` is wanted at the latest."""
        moments = (self._floor.deadline, self.replies.deadline)
        return min((moment for moment in moments if moment is not None), default=None)

    # ------------------------------------------------------------ what the client does

    def _typed(self, event: ev.Typed, now: float) -> None:
        text = event.text.strip()
        if not text:
            self.replies.problem("The message is empty. Write something to say.", "empty_text")
        elif len(text) > (limit := self.rules.max_text_chars):
            sentence = f"The message has {len(text)} characters; at most {limit} are taken."
            self.replies.problem(f"{sentence} Send it in parts.", "text_too_long")
        else:
            self._make_room(now)
            self.replies.think(Asked("typed", text, 1.0), self._prompt.asking(text), now)
            self.replies.commit_answer_to(text, self._patience.with_typed_answer(now), now)

    def _make_room(self, now: float) -> None:
        """A typed message ends whatever is going on."""
        self._floor.forget()
        self.replies.drop_tentative()
        if (reply := self.replies.audible) is not None:
            self.replies.move_on(reply, now)

    def _interrupt_requested(self, event: ev.InterruptRequested, now: float) -> None:
        if self.replies.hush_holding(now):
            self._floor.withdraw()
            return
        if self.replies.hush_audible(now):
            self._floor.settled()
            return
        self._floor.withdraw()
        self.replies.tell(told.ReplyInterrupted(0, "spoken", ""))

    def _greeted(self, event: ev.Greeted, now: float) -> None:
        """Once somebody speaks or is answered, it is too late for that."""
        if self.turn is None and self.replies.alive is None and event.text.strip():
            self.replies.say(event.text.strip(), "greeting", Asked("spoken"), now)

    def _instructed(self, event: ev.Instructed, now: float) -> None:
        self._prompt.instructions = event.instructions
        self.replies.drop_tentative()  # it was thought by somebody else
        self.replies.wish(do.Prime(self._prompt.asking()))

    def _resumed(self, event: ev.Resumed, now: float) -> None:
        self.memory.restore(event.messages)
        self.replies.count_from(event.replies)

    def _memory_cleared(self, event: ev.MemoryCleared, now: float) -> None:
        self.memory.clear()
        self.replies.drop_tentative()  # it was thought with what is to be forgotten

    def _client_gone(self, event: ev.ClientGone, now: float) -> None:
        self.replies.drop_tentative()
        if (reply := self.replies.audible) is not None:
            self.replies.abandon(reply, now)
        self._floor.forget()
        self.over = True

    # ------------------------------------------------------------ what becomes of a reply

    def _reply_text(self, event: ev.ReplyText, now: float) -> None:
        reply = self.replies.unfinished(event.reply)
        if reply is not None and event.text:
            self.replies.write(reply, event.text, now)

    def _reply_written(self, event: ev.ReplyWritten, now: float) -> None:
        reply = self.replies.unfinished(event.reply)
        if reply is None:
            return
        if reply.written:
            self.replies.written(reply)
        else:
            self._thinking_failed(reply, "The language model gave an empty answer.", now)

    def _voiced(self, event: ev.Voiced, now: float) -> None:
        if (reply := self.replies.numbered(event.reply)) is not None:
            self.replies.voiced(reply, now)

    def _played(self, event: ev.Played, now: float) -> None:
        reply = self.replies.numbered(event.reply)
        if reply is not None and reply.audible and event.heard_ms >= reply.heard_ms:
            reply.heard_ms, reply.heard = event.heard_ms, event.text
            reply.reported = event.reported

    def _all_sent(self, event: ev.AllSent, now: float) -> None:
        if (reply := self.replies.numbered(event.reply)) is not None:
            self.replies.all_sent(reply, now)

    def _playback_ended(self, event: ev.PlaybackEnded, now: float) -> None:
        reply = self.replies.numbered(event.reply)
        if reply is not None and reply.audible:
            self.replies.finish(reply, now)
            if reply.kind == "holding":
                self._floor.has_asked_to_hold(now)

    # ------------------------------------------------------------ when an engine fails

    def _engine_failed(self, event: ev.EngineFailed, now: float) -> None:
        if event.stage == "hearing":
            if self.turn is not None and self.turn.number == event.turn:
                self._floor.hearing_failed(self.turn, event.sentence, now)
        elif (reply := self.replies.unfinished(event.reply)) is None:
            return
        elif reply.phase is ReplyPhase.TENTATIVE:
            self.replies.drop_tentative()  # it is tried again, aloud, when the turn is over
        elif event.stage == "thinking":
            self._thinking_failed(reply, event.sentence, now)
        else:
            self._speaking_failed(reply, event.sentence, now)

    def _thinking_failed(self, reply: Reply, sentence: str, now: float) -> None:
        """Say so aloud and keep the call; what was heard so far stays true."""
        if reply.phase is ReplyPhase.TENTATIVE:
            self.replies.drop_tentative()
            return
        if reply.kind != "answer":
            self._speaking_failed(reply, sentence, now)
            return
        self.replies.fail(reply, now)
        self.replies.problem(sentence, "thinking_failed")
        asked = Asked(reply.mode)
        apology = self.replies.say(THINKING_FAILED_SENTENCE, "apology", asked, now)
        self._floor.contest(apology)  # somebody may be speaking already, and mean it

    def _speaking_failed(self, reply: Reply, sentence: str, now: float) -> None:
        """There is no voice to apologise with: tell it, and let the written words stand."""
        self.replies.fail(reply, now)
        if reply.kind != "holding":  # what nobody has asked for need not be missed
            self.replies.problem(sentence, "speaking_failed")
        self.replies.tell(told.ReplyCompleted(reply.number, reply.mode, reply.written))
        if reply.kind == "holding":
            self._floor.has_asked_to_hold(now)

    # ------------------------------------------------------------ time

    def _time_passed(self, event: ev.TimePassed, now: float) -> None:
        reply = self.replies.alive
        if reply is not None and reply.due_at is not None and reply.due_at <= now:
            self._thinking_failed(reply, "The language model took too long to answer.", now)
        self._floor.time_passed(event, now)
        self.replies.ask_to_wait_for_sound(now, aloud=not event.at_limit)
