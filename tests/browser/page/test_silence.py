"""How long sound goes on after somebody wants silence, by the clock of the audio thread."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import Caller
from tests.browser.page.conftest import Visit

STOPWATCH = Path(__file__).parent / "stopwatch.js"
AT_MOST_MS = 20
TRIES = 3


@pytest.fixture
def caller(storyteller: ServerProcess, visit: Visit) -> Caller:
    return visit(storyteller, scripts=[STOPWATCH], bypass_csp=True)


def hear_a_story(caller: Caller, number: int) -> None:
    """From its beginning, with the stopwatch running."""
    expect(caller.replies).to_have_count(number)
    caller.page.wait_for_function(
        "began => stopwatch.isRunning && stopwatch.loudAt.at(-1) > began + 200",
        arg=caller.page.evaluate("Date.now()"),
    )


def sounded_on_ms(caller: Caller, since: str) -> float:
    found = caller.page.wait_for_function(
        "since => [stopwatch.soundedOn(since)].find((ms) => ms !== null)?.toString()", arg=since
    )
    return float(found.json_value())


@pytest.mark.parametrize("way", ["the button", "the key"])
def test_a_stop_is_heard_at_once(way: str, caller: Caller) -> None:
    times = []
    for number in range(1, TRIES + 1):
        caller.write("Tell me a story.")
        hear_a_story(caller, number)
        if way == "the key":
            caller.page.keyboard.press("Escape")
        else:
            caller.press("Stop")
        times.append(sounded_on_ms(caller, "askedAt"))
    assert median(times) <= AT_MOST_MS


def test_talking_over_a_reply_silences_it_as_soon_as_the_page_is_told(caller: Caller) -> None:
    caller.call()
    caller.say_something()
    times = []
    for number in range(1, TRIES + 1):
        hear_a_story(caller, number)
        caller.say_something()
        times.append(sounded_on_ms(caller, "toldAt"))
        expect(caller.replies.nth(number - 1)).to_contain_text("interrupted")
    assert median(times) <= AT_MOST_MS
