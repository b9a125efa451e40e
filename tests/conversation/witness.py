"""A witness that believes nothing: it follows a call from outside and checks what must always hold.

It sees each event with the commands that came of it, keeps its own small picture of the call, and
fails at the first command that does not fit: a second reply while one is alive, a word of a reply
after its hush, a memory of something that nobody heard.
"""

from __future__ import annotations

from repartee.conversation import Conversation, Rules, told
from repartee.conversation import commands as do
from repartee.conversation import events as ev
from repartee.conversation.memory import Message
from repartee.conversation.rules import (
    HEARING_FAILED_SENTENCE,
    LOW_CONFIDENCE_SENTENCE,
    THINKING_FAILED_SENTENCE,
)
from repartee.conversation.turns import is_backchannel, is_echo, speech_in
from tests.conversation.ears import Ears
from tests.conversation.seen import Recollection, Seen
from tests.conversation.silence import Silence

APOLOGIES = (HEARING_FAILED_SENTENCE, THINKING_FAILED_SENTENCE)


class Witness:
    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.reply: Seen | None = None
        self.holding: Seen | None = None
        self._silence = Silence(rules)
        self._ears = Ears(rules)
        self._replies = 0
        self._memory = Recollection()
        self._gone = False
        self._turn_before: int | None = None
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
        self._ears.look_at_language(event, after.language)
        self._now = max(now, self._now)
        self._note(event)
        for command in commands:
            getattr(self, f"_{type(command).__name__.lower()}")(command)
        self._silence.see(event, self._now, commands, self._ears.language)
        self._look_back(event)
        self._look_at(after, now)

    def _is_late(self, event: ev.Event) -> bool:
        number = getattr(event, "reply", None)
        return self._ears.is_late(event) if number is None else self._numbered(number) is None

    @property
    def turn(self) -> int | None:
        return self._ears.turn

    # ------------------------------------------------------------ what happens

    def _note(self, event: ev.Event) -> None:
        reply = self._numbered(getattr(event, "reply", None))
        holding = self.holding
        self._ears.note(event, holding.said if holding is not None and holding.voiced else "")
        match event:
            case ev.Voiced() if reply is not None:
                reply.voiced = True
            case ev.ReplyText(text=text) if reply is not None and not reply.complete:
                reply.text += text
            case ev.Played(_, ms, text, reported) if reply is not None and reply.playing:
                if ms >= reply.heard_ms:
                    reply.heard_ms, reply.heard, reply.reported = ms, text, reported
            case ev.MemoryCleared():
                self._memory.clear()

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
            assert self.holding is None or self.holding.ducked, "asked to wait while they speak"
        if isinstance(event, ev.SpeechPaused):
            assert self.holding is None or not self.holding.ducked, "ducked for nobody"
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
        found = [(message.role, message.content) for message in call.memory.messages]
        assert found == self._memory.latest(max(self.rules.memory_messages, 2))

    # ------------------------------------------------------------ listening

    def _listen(self, command: do.Listen) -> None:
        self._ears.listen(command.turn, self._event, self._now)

    def _finalise(self, command: do.Finalise) -> None:
        self._ears.finalise(command, self._event)

    def _stoplistening(self, command: do.StopListening) -> None:
        self._ears.stop(command.turn)

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
        return self._ears.question

    def _say(self, command: do.Say) -> None:
        if command.text == LOW_CONFIDENCE_SENTENCE:
            assert self._ears.is_misheard
        elif isinstance(self._event, ev.Greeted):
            assert command.text == self._event.text.strip()
            assert self.turn is None, "greeted somebody who is speaking"
        elif not command.holds:
            assert command.text in APOLOGIES
        self._begin(Seen(command.reply, None, holds=command.holds, said=command.text))

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
            self._memory.asked(reply.question)

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
        if reply.holds and isinstance(self._event, ev.FinalHeard):
            return  # it has to give way to the answer
        if reply.holds:
            assert not is_echo(said, reply.said), "hushed by its own echo"
        assert said, "hushed by silence"
        assert not is_backchannel(said, self._ears.language), "hushed by a listening noise"

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
            self._memory.heard(record.number, record.heard_text)

    def _tell(self, command: do.Tell) -> None:
        match command.told:
            case told.UserPartial():
                assert isinstance(self._event, ev.PartialHeard)
            case told.UserFinal(text=text):
                self._ears.look_at_answer(text, self._event, self._now)
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
