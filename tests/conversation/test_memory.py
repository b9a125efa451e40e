"""What is remembered is what was said and heard; the model gets the latest of it."""

from __future__ import annotations

import pytest

from repartee.conversation.events import (
    Instructed,
    InterruptRequested,
    MemoryCleared,
    PlaybackEnded,
    Played,
    ReplyText,
    Typed,
)
from repartee.conversation.memory import Memory
from repartee.conversation.rules import SPOKEN_STYLE, Rules
from tests.conversation.table import ANSWER, QUESTION, Call, speaking


def said(memory: Memory, user_text: str = "") -> str:
    """The context in one line, without the system prompt: u for the user, a for the answer."""
    _, *spoken = memory.context("Be kind.", user_text)
    return " ".join(f"{message.role[0]}:{message.content}" for message in spoken)


class TestWhatWasHeard:
    @pytest.mark.parametrize(
        ("heard", "kept"),
        [
            ("It is ten past", [("user", QUESTION), ("assistant", "It is ten past")]),
            ("", [("user", QUESTION)]),
        ],
    )
    def test_of_an_interrupted_reply(self, heard: str, kept: list[tuple[str, str]]) -> None:
        call = Call()
        call.happens(1.0, Typed(QUESTION))
        call.happens(1.1, ReplyText(1, ANSWER))
        call.happens(1.5, Played(1, 900, heard))
        call.happens(2.0, InterruptRequested())
        assert call.memory == kept

    def test_is_kept_with_all_there_is_to_know(self) -> None:
        call = speaking()
        call.happens(4.0, InterruptRequested())
        record = call.record
        assert (record.number, record.mode, record.status) == (1, "spoken", "interrupted")
        assert (record.user_text, record.confidence) == (QUESTION, 0.9)
        assert (record.assistant_text, record.heard_text) == (ANSWER, "It is ten")
        assert (record.started_at, record.ended_at) == (2.15, 4.0)


class TestTheContext:
    def test_begins_with_who_the_voice_is_and_how_it_speaks(self) -> None:
        call = Call(Rules(instructions="You are a lighthouse keeper."))
        call.happens(1.0, Typed("hello"))
        assert call.thought.messages[0].content == f"You are a lighthouse keeper. {SPOKEN_STYLE}"
        call.at(2.0, Instructed("You are a pilot."), "Prime: hello")
        call.happens(3.0, Typed("hello again"))
        assert call.thought.messages[0].content == f"You are a pilot. {SPOKEN_STYLE}"

    def test_keeps_the_roles_alternating(self) -> None:
        memory = Memory(12)
        memory.user_said("one")
        memory.user_said("two")
        memory.assistant_was_heard(1, "three")
        assert said(memory, "four") == "u:one two a:three u:four"

    def test_begins_with_a_question(self) -> None:
        memory = Memory(3)
        for number in range(4):
            memory.user_said(f"q{number}")
            memory.assistant_was_heard(number, f"r{number}")
        assert said(memory, "next") == "u:q3 a:r3 u:next"

    @pytest.mark.parametrize(
        ("limit", "expected"),
        [
            (0, "u:next"),
            (1, "u:next"),
            (2, "u:q9 a:r9 u:next"),
            (4, "u:q8 a:r8 u:q9 a:r9 u:next"),
        ],
    )
    def test_holds_the_latest_messages_only(self, limit: int, expected: str) -> None:
        memory = Memory(limit)
        for number in range(10):
            memory.user_said(f"q{number}")
            memory.assistant_was_heard(number, f"r{number}")
        assert said(memory, "next") == expected
        assert len(memory.messages) == max(limit, 2)

    def test_leaves_out_an_answer_of_which_nothing_was_heard_in_the_end(self) -> None:
        memory = Memory(12)
        memory.user_said("one")
        memory.assistant_was_heard(1, "all of it")
        memory.assistant_was_heard(1, "")
        assert said(memory, "two") == "u:one two"


class TestAmending:
    def test_finds_its_place_though_older_messages_were_forgotten(self) -> None:
        memory = Memory(2)
        for number in range(3):
            memory.user_said(f"q{number}")
            memory.assistant_was_heard(number, f"r{number} and more")
        memory.assistant_was_heard(2, "r2")
        assert said(memory) == "u:q2 a:r2"

    def test_of_what_is_forgotten_already_changes_nothing(self) -> None:
        memory = Memory(2)
        memory.user_said("q")
        memory.assistant_was_heard(1, "r and more")
        memory.user_said("one")
        memory.user_said("two")
        memory.assistant_was_heard(1, "r")
        assert said(memory) == "u:one two"


class TestClearing:
    def test_forgets_everything_that_was_said(self) -> None:
        call = speaking()
        call.happens(4.0, PlaybackEnded(1))
        call.at(5.0, MemoryCleared())
        call.happens(6.0, Typed("who are you"))
        assert [message.content for message in call.thought.messages[1:]] == ["who are you"]

    def test_during_a_reply_keeps_the_rest_of_it_from_the_model(self) -> None:
        call = speaking()
        call.at(3.1, MemoryCleared())
        call.happens(4.0, PlaybackEnded(1))
        call.happens(5.0, Typed("who are you"))
        assert [message.content for message in call.thought.messages[1:]] == ["who are you"]
