"""What is written: stopped before it is heard, and cut off by the next message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import LONG_REPLY, STORY_SECONDS
from tests.browser.page.conftest import Visit

LATE = Path(__file__).parent / "late.js"


def kept(server: ServerProcess, said: str) -> dict[str, Any]:
    """The turn with these words, as the server's history has it."""
    sessions = f"http://127.0.0.1:{server.port}/sessions"
    newest = httpx.get(sessions, params={"limit": 1}).json()[0]["id"]
    turns: list[dict[str, Any]] = httpx.get(f"{sessions}/{newest}/turns").json()
    return next(turn for turn in turns if turn["user_text"] == said)


@pytest.mark.parametrize("way", ["the button", "the key"])
def test_a_reply_that_is_sent_but_not_yet_heard_can_be_stopped(
    way: str, storyteller: ServerProcess, visit: Visit
) -> None:
    caller = visit(storyteller, scripts=[LATE])
    caller.write("Tell me a story.")
    caller.page.wait_for_function(
        "words => document.querySelector('li[data-who=it]')?.textContent.includes(words)",
        arg=LONG_REPLY[-30:],
    )
    caller.expect_state("Thinking")
    if way == "the key":
        caller.page.keyboard.press("Escape")
    else:
        caller.press("Stop")
    expect(caller.replies).to_contain_text("interrupted")
    caller.expect_state("Ready when you are")
    caller.page.evaluate("late.comes()")
    assert caller.until_quiet(milliseconds=500) == 0


def test_what_a_second_message_cuts_off_is_cut_off_for_the_page_and_in_the_history(
    storyteller: ServerProcess, visit: Visit
) -> None:
    caller = visit(storyteller)
    question = "Tell me a story that I cut off, please."
    caller.write(question)
    caller.until_heard(seconds=1)
    caller.write("Another one.")
    cut = caller.replies.first
    expect(cut).to_contain_text("(interrupted)")
    unheard = cut.get_by_role("deletion").inner_text()
    turn = kept(storyteller, question)
    assert turn["status"] == "interrupted"
    assert turn["heard_text"].startswith("Once upon a time")
    assert turn["heard_text"].split() + unheard.split() == LONG_REPLY.split()
    assert caller.page.evaluate("ears.loudSeconds") < STORY_SECONDS / 2
