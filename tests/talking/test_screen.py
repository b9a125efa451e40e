"""Captions in a terminal: a small one is played here, and looked at."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.talking.dialogue import Caption
from repartee.talking.screen import Screen, cells, plain, wrapped

_TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|(.|\n|\r)")


class Paper:
    """As much of a terminal as is needed: rows, a cursor, and what wipes."""

    def __init__(self) -> None:
        self.rows = [""]
        self._row = 0

    def write(self, text: str) -> None:
        for number, letter, sign in _TOKEN.findall(text):
            if letter == "A":
                self._row -= int(number)
            elif letter == "J":
                self.rows[self._row :] = [""]
            elif sign == "\n":
                self._row += 1
                self.rows += [""] * (self._row + 1 - len(self.rows))
            elif sign and sign != "\r":
                self.rows[self._row] += sign


def you(text: str) -> Caption:
    return Caption("you", text)


def reply(text: str) -> Caption:
    return Caption("reply", text)


def test_what_is_being_said_is_replaced_by_what_was_said() -> None:
    screen, paper = Screen(live=True), Paper()
    paper.write(screen.draw([], [you("what")], "listening"))
    assert paper.rows == ["you  what", "listening"]
    paper.write(screen.draw([], [you("what time")], "listening"))
    assert paper.rows == ["you  what time", "listening"]
    paper.write(screen.draw([you("What time is it?")], [reply("Noon")], "speaking"))
    assert paper.rows == ["you  What time is it?", "     Noon", "speaking"]
    paper.write(screen.draw([reply("Noon.")], [], "listening"))
    assert paper.rows == ["you  What time is it?", "     Noon.", "listening"]
    paper.write(screen.draw([]))
    assert paper.rows == ["you  What time is it?", "     Noon.", ""]


def test_long_captions_are_wrapped_under_their_beginning() -> None:
    screen, paper = Screen(live=True), Paper()
    for _ in range(3):
        paper.write(screen.draw([], [you("one two three four five six")], "…", width=20))
        paper.write(screen.draw([], [you("one two")], "…", width=20))
    paper.write(screen.draw([you("one two three four five six")], [], "…", width=20))
    assert paper.rows == ["you  one two three", "     four five six", "…"]


def test_no_more_is_drawn_over_than_the_terminal_shows() -> None:
    text = Screen(live=True).draw([], [reply("word " * 500)], "status", height=10)
    assert text.count("\n") == 8


def test_nothing_is_written_where_nothing_has_changed() -> None:
    screen = Screen(live=True)
    assert screen.draw([], [you("what")], "listening")
    assert screen.draw([], [you("what")], "listening") == ""


def test_what_is_going_on_is_dimmed_if_that_is_wanted() -> None:
    assert "\x1b[2m" in Screen(live=True).draw([], [you("what")])
    assert "\x1b[2m" not in Screen(live=True, styled=False).draw([], [you("what")])


def test_without_a_terminal_only_what_was_said_is_written() -> None:
    screen = Screen(live=False)
    assert screen.draw([], [you("what")], "listening") == ""
    said = [you("What time is it?"), reply("It is noon. " * 20), Caption("note", "Bye.")]
    lines = screen.draw(said).splitlines()
    assert lines[0] == "you  What time is it?"
    assert lines[2] == "  ·  Bye."
    assert len(lines) == 3


def test_words_can_not_steer_the_terminal() -> None:
    assert plain("One\n\x1b[2J two\x07\r\u202e") == "One [2J two"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1)])
def test_columns_are_counted_as_the_terminal_counts(text: str, columns: int) -> None:
    assert cells(text) == columns


@given(st.text(alphabet="ab 漢é\u0301"), st.integers(2, 12))
def test_every_row_fits_and_no_letter_is_lost(text: str, width: int) -> None:
    rows = list(wrapped(text, width))
    assert all(row and cells(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
