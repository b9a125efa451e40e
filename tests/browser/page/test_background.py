"""A call goes on while its tab is not seen."""

from __future__ import annotations

from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import Caller
from tests.browser.page.conftest import Visit

SEEN = """state => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
NOTHING_IS_DRAWN = "window.requestAnimationFrame = () => 0"


def talk(caller: Caller, turn: int) -> None:
    """A question that is asked aloud, and an answer that is heard."""
    before = caller.page.evaluate("ears.loudSeconds")
    caller.say_something()
    expect(caller.own_words).to_have_count(turn)
    expect(caller.replies).to_have_count(turn)
    expect(caller.replies.last).to_contain_text(".")
    expect(caller.replies.last.locator("mark")).to_have_count(0)
    assert caller.page.evaluate("ears.loudSeconds") >= before + 0.1


def test_who_turns_to_another_tab_talks_on(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    caller.call()
    # What a hidden page is told, and what it goes without.
    caller.page.evaluate(SEEN, "hidden")
    caller.page.evaluate(NOTHING_IS_DRAWN)
    talk(caller, turn=1)
    talk(caller, turn=2)
    caller.page.evaluate(SEEN, "visible")
    caller.expect_state("Listening")
