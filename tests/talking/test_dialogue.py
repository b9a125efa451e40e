"""Who says what, as it is heard: a call as a table of what comes and what is shown."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from repartee.talking import wire
from repartee.talking.dialogue import Caption, Dialogue
from repartee.talking.playout import Playout

SECOND = 24_000


class Call:
    """A dialogue, its playout, and a clock."""

    def __init__(self) -> None:
        self.playout = Playout()
        self.dialogue = Dialogue(self.playout)
        self.now = 0.0
        self.dialogue.told(wire.Connected())

    def told(self, *messages: wire.Said) -> None:
        for message in messages:
            self.dialogue.told(message)

    def speaks(self, reply: int, *phrases: str) -> None:
        """Each phrase is a second of sound."""
        for phrase in phrases:
            written = wire.ReplyWritten(reply, f"{phrase} ")
            sound = np.ones(SECOND, np.int16)
            self.told(written, wire.ReplySpoken(reply, sound, phrase))

    def listens(self, seconds: float) -> list[dict[str, Any]]:
        """Time passes; what is reported meanwhile."""
        self.playout.take(round(seconds * SECOND))
        self.now += seconds
        return [json.loads(message) for message in self.dialogue.tick(self.now)]

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(caption.who, caption.text) for caption in self.dialogue.said()]

    @property
    def being_said(self) -> list[Caption]:
        return list(self.dialogue.being_said())


@pytest.fixture
def call() -> Call:
    return Call()


class TestWhatWeSay:
    def test_it_is_shown_as_it_is_understood(self, call: Call) -> None:
        call.told(wire.Understood("what", False), wire.Understood("what time", False))
        assert call.being_said == [Caption("you", "what time")]
        assert call.dialogue.pending
        call.told(wire.Understood("what time is it", True))
        assert call.being_said == []
        assert call.said == [("you", "what time is it")]
        assert call.dialogue.answering, "an answer is on its way"

    def test_what_was_not_understood_is_not_shown(self, call: Call) -> None:
        call.told(wire.Understood("", True))
        assert call.said == []

    def test_a_typed_line_is_shown_and_sent(self, call: Call) -> None:
        assert json.loads(call.dialogue.typed("Hi.")) == {"type": "chat", "message": "Hi."}
        assert call.said == [("you", "Hi.")]
        assert call.dialogue.answering


class TestWhatIsReplied:
    def test_words_appear_as_they_are_heard(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.", "Two.")
        assert call.being_said == []
        call.listens(0.5)
        assert call.being_said == [Caption("reply", "One.")]
        call.listens(1.0)
        assert call.being_said == [Caption("reply", "One. Two.")]

    def test_it_is_said_when_it_has_come_and_been_heard(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.", "Two.")
        call.told(wire.ReplyEnded(1))
        call.listens(1.9)
        assert call.said == []
        assert call.dialogue.pending
        call.listens(0.1)
        assert call.said == [("reply", "One. Two.")]
        assert not call.dialogue.pending

    def test_one_without_sound_is_shown_all_the_same(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1), wire.ReplyWritten(1, "One."), wire.ReplyEnded(1))
        call.listens(0.05)
        assert call.said == [("reply", "One.")]

    def test_what_is_heard_is_reported_now_and_then(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.")
        assert call.listens(0.5) == [{"type": "played", "reply": 1, "ms": 500}]
        assert call.listens(0.1) == []
        assert call.listens(0.2) == [{"type": "played", "reply": 1, "ms": 800}]
        call.listens(0.5)
        assert call.listens(5.0) == []

    def test_a_newer_one_takes_the_place_of_an_older(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.", "Two.")
        call.listens(0.5)
        call.told(wire.ReplyBegan(2))
        call.speaks(1, "late")
        assert call.said == [("reply", "One. —")]
        assert not call.playout.busy


class TestInterrupting:
    def test_the_server_says_what_was_heard(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One two three.", "Four.")
        call.listens(0.5)
        call.told(wire.ReplyCut(1, "One two"))
        assert not call.playout.busy
        assert call.said == [("reply", "One two —")]
        call.speaks(1, "late")
        assert not call.playout.busy
        assert call.listens(0.3) == [], "it has been reported"

    def test_one_that_was_not_heard_at_all_leaves_no_trace(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.")
        call.told(wire.ReplyCut(1, ""))
        call.listens(1.0)
        assert call.said == []

    def test_a_key_silences_at_once(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.")
        call.listens(0.25)
        call.playout.take(SECOND // 4)
        played, interrupt = map(json.loads, call.dialogue.interrupt())
        assert played == {"type": "played", "reply": 1, "ms": 500}
        assert interrupt == {"type": "interrupt"}
        call.speaks(1, "late")
        assert not call.playout.busy
        call.told(wire.ReplyCut(1, "On"))
        assert call.said == [("reply", "On —")]

    def test_a_reply_that_has_come_to_its_end_can_still_be_silenced(self, call: Call) -> None:
        call.told(wire.ReplyBegan(1))
        call.speaks(1, "One.", "Two.")
        call.told(wire.ReplyEnded(1))
        call.listens(0.5)
        assert call.dialogue.interrupt()
        call.listens(0.5)
        assert call.said == [("reply", "One. —")]

    def test_where_nothing_is_said_there_is_nothing_to_interrupt(self, call: Call) -> None:
        assert call.dialogue.interrupt() == ()
        call.told(wire.ReplyCut(0, ""))
        assert call.said == []


class TestTrouble:
    def test_a_complaint_is_shown_once(self, call: Call) -> None:
        call.told(*[wire.Complained("Too fast.")] * 3)
        assert call.said == [("note", "Too fast.")]

    def test_a_lost_line_ends_what_was_begun(self, call: Call) -> None:
        call.told(wire.ReplyBegan(4), wire.Understood("and", False))
        call.speaks(4, "One.")
        call.listens(0.5)
        call.dialogue.lost()
        assert call.said == [("reply", "One. —")]
        assert not call.dialogue.pending

    def test_a_new_connection_counts_its_replies_from_one(self, call: Call) -> None:
        call.told(wire.ReplyBegan(4), wire.ReplyCut(4, ""))
        call.told(wire.Connected(), wire.ReplyBegan(1))
        call.speaks(1, "One.")
        call.listens(0.5)
        assert call.being_said == [Caption("reply", "One.")]
