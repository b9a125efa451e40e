"""A conversation that goes on from one that was cut off."""

from __future__ import annotations

from repartee.conversation.events import Resumed, Typed
from repartee.conversation.memory import Message
from tests.conversation.table import Call

BEFORE = (Message("user", "my name is john"), Message("assistant", "Nice to meet you, John!"))


def test_the_model_is_shown_what_was_said_before() -> None:
    call = Call()
    call.conversation.handle(Resumed(BEFORE, 1), 0.5)
    wishes = call.conversation.handle(Typed("what is my name"), 1.0)
    shown = [message.content for message in wishes[0].messages[1:]]  # type: ignore[attr-defined]
    assert shown == [*(message.content for message in BEFORE), "what is my name"]


def test_no_reply_gets_a_number_that_was_given_before() -> None:
    call = Call()
    call.conversation.handle(Resumed(BEFORE, 7), 0.5)
    wishes = call.conversation.handle(Typed("what is my name"), 1.0)
    assert wishes[0].reply == 8  # type: ignore[attr-defined]
