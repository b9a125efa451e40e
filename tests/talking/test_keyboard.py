"""Keys are commands or letters of a line."""

from __future__ import annotations

import pytest

from repartee.talking.keyboard import LETTER_SECONDS, LONGEST_LINE, Keyboard, Typed, Wish

LATER = LETTER_SECONDS


def pressed(keys: str) -> list[Wish]:
    return Keyboard().press(keys, 0.0)


@pytest.mark.parametrize("key", [" ", "\r", "\n"])
def test_space_and_enter_interrupt(key: str) -> None:
    assert pressed(key) == ["interrupt"]


@pytest.mark.parametrize(("letter", "wish"), [("m", "mute"), ("q", "leave")])
def test_a_letter_alone_is_a_command_after_a_moment(letter: str, wish: str) -> None:
    keyboard = Keyboard()
    assert keyboard.press(letter, 1.0) == []
    assert keyboard.wake(1.0 + LATER / 2) == []
    assert keyboard.wake(1.0 + LATER) == [wish]
    assert keyboard.line == ""
    assert keyboard.wake(9.0) == []


def test_enter_need_not_wait_for_that_moment() -> None:
    assert pressed("m\r") == ["mute"]


def test_a_line_may_begin_with_the_letter_of_a_command() -> None:
    keyboard = Keyboard()
    assert keyboard.press("m", 0.0) == []
    assert keyboard.press("y name is Ann", 0.1) == []
    assert keyboard.wake(9.0) == []
    assert keyboard.press("\r", 9.0) == [Typed("my name is Ann")]
    assert keyboard.line == ""


def test_a_line_can_be_mended_and_dropped() -> None:
    assert pressed("Hallo\x7f\x7f\x7f\x7fello \n") == [Typed("Hello")]
    assert pressed("Hello\x15\n") == ["interrupt"]
    keyboard = Keyboard()
    keyboard.press("Hello", 0.0)
    keyboard.press("\x1b", 0.0)
    assert keyboard.line == ""


def test_going_back_to_one_letter_is_no_command() -> None:
    keyboard = Keyboard()
    keyboard.press("my\x7f", 0.0)
    assert keyboard.wake(9.0) == []
    assert keyboard.press("\r", 9.0) == [Typed("m")]


def test_arrows_and_other_keys_without_a_letter_are_nothing() -> None:
    keyboard = Keyboard()
    assert keyboard.press("\x1b[A\x1b[1;5C\x1bOP\x00\t", 0.0) == []
    assert keyboard.line == ""


def test_the_end_of_input_leaves() -> None:
    assert pressed("\x04") == ["leave"]


def test_a_paste_of_several_lines_is_several_turns() -> None:
    assert pressed("One\nTwo\n") == [Typed("One"), Typed("Two")]


def test_a_line_has_an_end() -> None:
    keyboard = Keyboard()
    keyboard.press("a" * (LONGEST_LINE + 10), 0.0)
    assert len(keyboard.line) == LONGEST_LINE
