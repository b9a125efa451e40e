"""The page about the conversation says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.conversation import Rules
from repartee.conversation.reply import REPLY_TABLE
from repartee.conversation.turns import TurnPhase, wait_ms
from repartee.testing.diagram import drawn_into, reply_diagram

PAGE = (Path(__file__).parents[2] / "docs" / "conversation.md").read_text(encoding="utf-8")


def test_the_diagram_shows_every_step_of_the_table() -> None:
    arrows = [line.strip() for line in reply_diagram().splitlines() if ": " in line]
    drawn = {
        (line.split(" --> ")[0], step, line.split(" --> ")[1].split(": ")[0])
        for line in arrows
        for step in line.split(": ")[1].split(", ")
    }
    assert drawn == {
        (before.value, step, after.value) for (before, step), after in REPLY_TABLE.items()
    }


def test_the_page_holds_the_diagram_as_it_is_drawn_today() -> None:
    assert reply_diagram() in PAGE
    assert drawn_into(PAGE) == PAGE


def test_an_old_diagram_is_drawn_anew() -> None:
    old = PAGE.replace("tentative --> playing: commit", "tentative --> dropped: commit")
    assert old != PAGE
    assert drawn_into(old) == PAGE


@pytest.mark.parametrize("phase", TurnPhase)
def test_the_page_knows_every_phase_of_a_turn(phase: TurnPhase) -> None:
    assert f"--> {phase.value}: " in PAGE


def test_the_page_gives_the_waits_that_are_kept() -> None:
    for line in PAGE.splitlines():
        if "| `wait_" in line:
            _, _, examples, wait, _ = line.split("|")
            quoted = examples.split('"')[1::2]
            assert {str(wait_ms(text, Rules(), "en")) for text in quoted} == {wait.split()[-1]}
