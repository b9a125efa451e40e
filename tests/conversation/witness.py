"""A witness that believes nothing: it follows a call from outside and checks what must always hold.

It sees each event with the commands that came of it, keeps its own small picture of the call, and
fails at the first command that does not fit: a second reply while one is alive, a word of a reply
after its hush, a memory of something that nobody heard.
"""

from __future__ import annotations

import msgspec

from repartee.conversation import Conversation, Rules, told
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.memory import Message
from repartee.conversation.rules import (
    HEARING_FAILED_SENTENCE,
    LOW_CONFIDENCE_SENTENCE,
    THINKING_FAILED_SENTENCE,
)
from repartee.conversation.turns import is_backchannel, speech_in, wait_ms
from tests.conversation.silence import Silence

APOLOGIES = (HEARING_FAILED_SENTENCE, THINKING_FAILED_SENTENCE)


class Seen(msgspec.Struct):
    """A reply as it looks from outside."""

    number: int
    question: str | None
    """What it answers; None for a sentence of our own."""
    holds: bool = False
    """It only asks to wait for the words of the turn."""
    started: bool = False
    playing: bool = False
    ducked: bool = False
    complete: bool = False
    text: str = ""
    heard: str = ""
    heard_ms: int = 0
    reported: bool = False

    @property
    def surely_unheard(self) -> bool:
        return self.reported and self.heard.strip() != self.text.strip()


class Remembered(msgspec.Struct):
    role: str
    text: str
    reply: int


class Witness:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._language = "en" if rules.language == "auto" else rules.language
        self._chosen = rules.language
        self.turn: int | None = None
        self.reply: Seen | None = None
        self.holding: Seen | None = None
        self._silence = Silence(rules)
        self._turns = self._replies = self._attempt = 0
        self._final: ev.FinalHeard | None = None
        self._judged: float | None = None
        self._voiced = self._speaking = False
        self._memory: list[Remembered] = []
        self._gone = False
        self._turn_before: int | None = None
        self._held_since: float | None = None
        self._held = False
        self._paused_at: float | None = None
        self._listening_since = 0.0
        self._now = 0.0
        self._event: ev.Event = ev.TimePassed()
        self._ended: dict[int, Seen] = {}
        self._kept: dict[int, do.TurnRecord] = {}

    def see(
        self, event: ev.Event, now: float, commands: list[do.Command], after: Conversation
    ) -> None:
        if self._gone or self._is_late(event):
            assert commands == [], f"{event} is late, and yet: {commands}"
            return
        self._event, self._ended, self._kept = event, {}, {}
        self._turn_before = self.turn
        self._look_at_language(event, after.language)
        self._now = max(now, self._now)
        self._note(event)
        for command in commands:
            getattr(self, f"_{type(command).__name__.lower()}")(command)
        self._silence.see(event, self._now, commands)
        self._look_back(event)
        self._look_at(after, now)

    def _is_late(self, event: ev.Event) -> bool:
        number = getattr(event, "reply", None)
        if number is not None:
            return self._numbered(number) is None
        match event:
            case ev.FinalHeard(turn, attempt) | ev.TurnJudged(turn, attempt):
                return (turn, attempt) != (self.turn, self._attempt)
            case ev.PartialHeard(turn) | ev.EngineFailed("hearing", turn=turn):
                return turn != self.turn
        return False

    def _look_at_language(self, event: ev.Event, language: str) -> None:
        """It changes because another one is chosen or, where that is wished, heard."""
        match event:
            case ev.LanguageChosen(chosen):
                self._chosen = chosen
                assert language == (self._language if chosen == "auto" else chosen)
            case ev.FinalHeard(language=heard) if language != self._language:
                assert self._chosen == "auto", "it follows what is heard, and should not"
                assert language == heard
            case _:
                assert language == self._language
        self._language = language

    # ------------------------------------------------------------ what happens

    def _note(self, event: ev.Event) -> None:
        reply = self._numbered(getattr(event, "reply", None))
        match event:
            case ev.SpeechStarted():
                self._voiced = self._speaking = True
            case ev.TurnJudged(finished=finished) if not self._speaking:
                self._judged = finished
            case ev.FinalHeard() if self._final is None:
                self._final = event
            case ev.ReplyText(text=text) if reply is not None and not reply.complete:
                reply.text += text
            case ev.Played(_, ms, text, reported) if reply is not None and reply.playing:
                if ms >= reply.heard_ms:
                    reply.heard_ms, reply.heard, reply.reported = ms, text, reported
            case ev.MemoryCleared():
                self._memory.clear()
            case ev.TurnClosed():
                self._held_since = None

    def _look_back(self, event: ev.Event) -> None:
        """What must be true once a step is done."""
        if isinstance(event, ev.SpeechStarted) and self._turn_before is None:
            reply = self.reply
            assert reply is None or not reply.playing or reply.ducked, "nobody ducks for a voice"
        for number, reply in self._ended.items():
            assert not (reply.holds and number in self._kept), "kept, though it answers nothing"
            assert not reply.playing or reply.complete or reply.holds or number in self._kept, (
                f"reply {number} was hushed and not remembered"
            )
            if isinstance(event, ev.Typed) and reply.complete and not reply.holds:
                assert (number in self._kept) == reply.surely_unheard, (
                    f"reply {number} was complete, and what is kept of it is not what was heard"
                )
        if isinstance(event, ev.PlaybackEnded):
            self._heard_out(event.reply)
        if isinstance(event, ev.SpeechStarted):
            assert self.holding is None, "asked to wait while they speak"
        if isinstance(event, ev.ClientGone):
            assert self.reply is None
            assert self.turn is None
            self._gone = True

    def _heard_out(self, number: int) -> None:
        reply = self._numbered(number)
        if reply is not None and reply.playing:
            assert reply.complete, "heard to its end, and never told complete"
            self._forget(reply)

    def _look_at(self, call: Conversation, now: float) -> None:
        reply, alive = self.reply, call.replies.alive
        assert (reply and reply.number) == (alive and alive.number)
        holding = call.replies.holding
        assert (self.holding and self.holding.number) == (holding and holding.number)
        if self.holding is not None:
            assert self.turn is not None, "asked to wait for nothing"
            assert reply is None or not reply.playing, "two are audible"
        if reply is not None and (reply.ducked or not reply.playing):
            assert self.turn is not None, f"nobody speaks, and {alive!r} waits"
        if self.turn is not None:
            assert call.deadline is not None, "a turn that may never end"
        if isinstance(self._event, ev.TimePassed):
            assert call.deadline is None or call.deadline > now, (
                "woken for nothing, again and again"
            )
        expected = [(one.role, one.text) for one in self._memory]
        found = [(message.role, message.content) for message in call.memory.messages]
        assert found == expected[-max(self.rules.memory_messages, 2) :]

    # ------------------------------------------------------------ listening

    def _listen(self, command: do.Listen) -> None:
        assert self.turn is None, f"turn {self.turn} is still open"
        assert command.turn == self._turns + 1
        self.turn = self._turns = command.turn
        self._held = isinstance(self._event, ev.TurnOpened)
        self._held_since = self._now if self._held else None
        self._listening_since, self._paused_at = self._now, None
        self._voiced = isinstance(self._event, ev.SpeechStarted)
        self._attempt = 0

    def _finalise(self, command: do.Finalise) -> None:
        if isinstance(self._event, ev.SpeechPaused) and not self._held:
            self._paused_at = self._event.at
        assert (command.turn, command.attempt) == (self.turn, self._attempt + 1)
        self._attempt, self._final, self._judged = command.attempt, None, None
        self._speaking = False

    def _stoplistening(self, command: do.StopListening) -> None:
        assert command.turn == self.turn
        self.turn = None

    # ------------------------------------------------------------ replying

    def _prime(self, command: do.Prime) -> None:
        if not isinstance(self._event, ev.Instructed | ev.LanguageChosen):
            self._check_messages(command.messages)

    def _think(self, command: do.Think) -> None:
        self._check_messages(command.messages)
        question = self._question(command.mode)
        assert command.messages[-1].content.endswith(question)
        self._begin(Seen(command.reply, question))

    def _question(self, mode: do.Mode) -> str:
        if mode == "typed":
            assert isinstance(self._event, ev.Typed)
            return self._event.text.strip()
        assert self._final is not None, "a thought about words that are not known"
        assert self._final.confidence >= self.rules.low_confidence, "thought about a mishearing"
        assert speech_in(self._final.text), "a thought about silence"
        assert self._voiced, "a thought about words that no voice has said"
        return speech_in(self._final.text)

    def _say(self, command: do.Say) -> None:
        if command.text == LOW_CONFIDENCE_SENTENCE:
            assert self._final is not None
            assert (
                self._final.confidence < self.rules.low_confidence
                or not speech_in(self._final.text)
                or not self._voiced
            )
        elif isinstance(self._event, ev.Greeted):
            assert command.text == self._event.text.strip()
            assert self.turn is None, "greeted somebody who is speaking"
        elif not command.holds:
            assert command.text in APOLOGIES
        self._begin(Seen(command.reply, question=None, holds=command.holds))

    def _sayfirst(self, command: do.SayFirst) -> None:
        reply = self._alive(command.reply)
        assert reply.playing
        assert reply.heard == "", "said first, after something else"

    def _begin(self, reply: Seen) -> None:
        assert self.reply is None, f"two replies alive: {self.reply} and {reply}"
        assert reply.number == self._replies + 1
        self._replies = reply.number
        if reply.holds:
            self.holding = reply
        else:
            self.reply = reply

    def _play(self, command: do.Play) -> None:
        reply = self._alive(command.reply)
        assert reply.started
        assert not reply.playing
        assert reply.holds or self.holding is None, "two are audible"
        reply.playing = True
        if reply.question is not None:
            self._memory.append(Remembered("user", reply.question, reply=0))

    def _duck(self, command: do.Duck) -> None:
        reply = self._alive(command.reply)
        assert reply.playing
        assert not reply.ducked
        assert self.turn is not None, "ducked for nobody"
        reply.ducked = True

    def _restore(self, command: do.Restore) -> None:
        reply = self._alive(command.reply)
        assert reply.ducked
        reply.ducked = False

    def _hush(self, command: do.Hush) -> None:
        reply = self._alive(command.reply)
        assert reply.playing, "what nobody hears is dropped, not hushed"
        self._look_for_a_reason(reply)
        self._ended[reply.number] = reply
        self._forget(reply)

    def _look_for_a_reason(self, reply: Seen) -> None:
        """Nobody is silenced by a listening noise, by a mishearing or by their own echo."""
        match self._event:
            case ev.PartialHeard(text=text):
                said = speech_in(text)
            case ev.FinalHeard(text=text, confidence=confidence):
                said = speech_in(text)
                assert confidence >= self.rules.low_confidence, "hushed by a mishearing"
            case _:
                return
        if reply.holds:
            return  # it has to give way to the answer
        assert said, "hushed by silence"
        assert not is_backchannel(said, self._language), "hushed by a listening noise"

    def _drop(self, command: do.Drop) -> None:
        reply = self._alive(command.reply)
        assert not reply.playing
        assert not reply.started, "the client was told of a reply that is dropped"
        self._ended[reply.number] = reply
        self._forget(reply)

    def _alive(self, number: int) -> Seen:
        reply = self._numbered(number)
        assert reply is not None, f"reply {number} is not alive"
        return reply

    def _numbered(self, number: int | None) -> Seen | None:
        both = (self.reply, self.holding)
        return next((one for one in both if one is not None and one.number == number), None)

    def _forget(self, reply: Seen) -> None:
        if reply.holds:
            self.holding = None
        else:
            self.reply = None

    def _check_messages(self, messages: tuple[Message, ...]) -> None:
        system, *spoken = messages
        assert system.role == "system"
        assert [message.role for message in spoken[::2]] == ["user"] * ((len(spoken) + 1) // 2)
        assert {message.role for message in spoken[1::2]} <= {"assistant"}
        assert spoken[-1].role == "user"
        assert all(message.content for message in messages)
        assert len(spoken) <= self.rules.memory_messages + 1

    # ------------------------------------------------------------ telling and remembering

    def _remember(self, command: do.Remember) -> None:
        record = command.turn
        reply = self._ended.get(record.number) or self._alive(record.number)
        assert reply.playing, "remembered, though nobody heard of it"
        assert record.assistant_text == reply.text.strip()
        if record.status in ("complete", "low_confidence"):
            assert record.heard_text == record.assistant_text
        else:
            assert record.heard_text == reply.heard
        self._kept[record.number] = record
        if reply.question is not None:
            self._amend(record.number, record.heard_text)

    def _amend(self, number: int, heard: str) -> None:
        for one in self._memory:
            if one.reply == number:
                one.text = heard
                return
        if heard:
            self._memory.append(Remembered("assistant", heard, number))

    def _tell(self, command: do.Tell) -> None:
        match command.told:
            case told.UserPartial():
                assert isinstance(self._event, ev.PartialHeard)
            case told.UserFinal(text=text):
                self._answered(text)
            case told.ReplyStarted(number):
                assert not self._alive(number).started
                self._alive(number).started = True
            case told.ReplyPiece(number):
                assert self._alive(number).playing
                assert not self._alive(number).complete
            case told.ReplyWritten(number, text=text):
                assert self._alive(number).playing
                assert text == self._alive(number).text.strip()
            case told.ReplyCompleted(number, text=text):
                self._completed(number, text)
            case told.ReplyInterrupted(0):
                assert self.reply is None or not self.reply.playing
            case told.ReplyInterrupted(number):
                assert number in self._ended, "interrupted, but not hushed before"
                if not self._ended[number].holds:
                    assert self._kept[number].status == "interrupted", "told before it was kept"

    def _answered(self, final: str) -> None:
        if self._paused_at is not None and not isinstance(self._event, ev.TurnClosed):
            waited = self._now - self._paused_at
            wanted = wait_ms(final, self.rules, self._language, self._judged) / 1000
            spoken = self._now - self._listening_since
            assert waited > wanted - 0.001 or spoken > self.rules.max_turn_ms / 1000 - 0.001, (
                "answered before the silence had lasted"
            )
        if self._held_since is not None:
            held_for = self._now - self._held_since
            assert held_for > self.rules.max_turn_ms / 1000 - 0.001, "answered with the button held"

    def _completed(self, number: int, text: str) -> None:
        """A reply whose voice failed is hushed first; its written words stand all the same."""
        failed = number in self._ended
        reply = self._ended[number] if failed else self._alive(number)
        if not reply.holds:
            assert number in self._kept, f"reply {number} is told complete before it was kept"
            assert failed == (self._kept[number].status == "failed")
        assert not reply.complete, "told complete twice"
        assert text == reply.text.strip()
        reply.complete = True
        if reply.holds and not failed:
            self._forget(reply)  # what it was said before may follow in the same breath
