"""Which part of a long conversation the model reads."""

from __future__ import annotations

from repartee.engines.llm.window import Window, chars, halved
from repartee.engines.protocols import Message

SYSTEM = Message("system", "You are kind.")


def turns(first: int, last: int) -> list[Message]:
    """Questions and answers of ten characters each; the last question has no answer yet."""
    said: list[Message] = []
    for number in range(first, last):
        said += (
            Message("user", f"question{number:02}"),
            Message("assistant", f"answer  {number:02}"),
        )
    return [*said, Message("user", f"question{last:02}")]


def test_a_short_conversation_is_read_whole() -> None:
    messages = [SYSTEM, *turns(1, 3)]

    assert Window(most_chars=100, kept_chars=50).over(messages) == messages


def test_a_full_window_opens_again_further_on_at_a_question() -> None:
    window = Window(most_chars=100, kept_chars=50)

    assert window.over([SYSTEM, *turns(1, 8)]) == [SYSTEM, *turns(6, 8)]


def test_it_then_stands_still_until_it_is_full_again() -> None:
    window = Window(most_chars=100, kept_chars=50)
    window.over([SYSTEM, *turns(1, 8)])

    assert window.over([SYSTEM, *turns(1, 9)]) == [SYSTEM, *turns(6, 9)]
    assert window.over([SYSTEM, *turns(1, 10)]) == [SYSTEM, *turns(6, 10)]
    assert window.over([SYSTEM, *turns(1, 11)]) == [SYSTEM, *turns(9, 11)]


def test_it_stands_still_although_the_memory_behind_it_slides() -> None:
    window = Window(most_chars=100, kept_chars=50)

    assert window.over(turns(1, 4)) == turns(1, 4)
    assert window.over(turns(2, 5)) == turns(3, 5)  # what it opened with is forgotten
    assert window.over(turns(3, 6)) == turns(3, 6)
    assert window.over(turns(4, 7)) == turns(5, 7)


def test_a_cleared_conversation_begins_anew() -> None:
    window = Window(most_chars=100, kept_chars=50)
    window.over(turns(1, 8))

    assert window.over(turns(20, 20)) == turns(20, 20)


def test_the_last_message_stays_however_long_it_is() -> None:
    long = Message("user", "word " * 100)

    assert Window(most_chars=100, kept_chars=50).over([SYSTEM, *turns(1, 3)[:-1], long]) == [
        SYSTEM,
        long,
    ]


def test_what_is_too_long_is_halved_until_nothing_can_be_spared() -> None:
    said = turns(1, 9)
    lengths = []
    while said:
        lengths.append(chars(said))
        assert turns(9, 9)[0].content.endswith(said[-1].content)
        said = halved(said)

    assert lengths == [170, 70, 30, 10, 5, 3, 2, 1]
