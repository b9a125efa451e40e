"""What the page keeps, what the server keeps, and what outlives both."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import Caller
from tests.browser.page.conftest import Visit

WITH_A_MEMORY = """
[llm]
replies = ["So far: {history}"]
[tts]
letter_ms = 2
"""


@pytest.fixture
def remembering(dialogue_settings: dict[str, str], tmp_path: Path) -> ServerProcess:
    script = tmp_path / "script.toml"
    script.write_text(WITH_A_MEMORY)
    settings = {
        **dialogue_settings,
        "SCRIPT": str(script),
        "DATABASE_URL": f"sqlite:///{tmp_path}/sessions.db",
        "SHUTDOWN_SECONDS": "0",
    }
    return ServerProcess(**settings)


def saved(caller: Caller, button: str) -> str:
    with caller.page.expect_download() as download:
        caller.press(button)
    return download.value.path().read_text()


def earlier(caller: Caller) -> Locator:
    """The list of conversations."""
    return caller.page.get_by_role("navigation", name="Earlier")


def test_a_reload_shows_what_was_said_and_begins_anew(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.ask("How far away is the moon?")
    caller.page.reload()
    caller.until_connected()
    expect(caller.own_words).to_contain_text("How far away is the moon?")
    expect(caller.replies).to_contain_text("kilometres away.")
    expect(caller.conversation).to_contain_text("That was earlier. A new conversation begins here.")
    caller.photograph("reloaded")
    caller.ask("And the sun?")
    expect(caller.replies).to_have_count(2)


def test_what_this_browser_keeps_is_cleared_and_brought_back(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.ask("How far away is the moon?")
    caller.show("Earlier")
    earlier(caller).get_by_role("link", name="In this browser").click()
    reading = caller.page.get_by_role("region", name="One conversation")
    expect(reading).to_contain_text("2 of at most 100 pieces are kept")
    assert "You: How far away is the moon?" in saved(caller, "Save as text")
    caller.press("Clear")
    expect(reading).to_contain_text("Cleared.")
    expect(reading.get_by_role("listitem")).to_have_count(0)
    caller.press("Bring it back")
    expect(reading.get_by_role("listitem")).to_have_count(2)
    caller.press("Clear")
    caller.page.reload()
    expect(reading.get_by_role("listitem")).to_have_count(0)


def test_past_conversations_are_found_read_saved_and_deleted(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.ask("Does an owl see the moon?")
    caller.page.reload()
    caller.until_connected()
    caller.ask("Does an owl sleep by day?")
    caller.show("Earlier")
    links = earlier(caller).get_by_role("link", name="1 turn")
    search = caller.page.get_by_role("searchbox")
    search.fill("an owl")
    expect(links).to_have_count(2)
    search.fill("OWL SEE")
    expect(links).to_have_count(1)
    expect(earlier(caller).get_by_role("status")).to_have_text("One conversation was found.")
    caller.photograph("history-search")
    links.click()
    reading = caller.page.get_by_role("region", name="One conversation")
    expect(reading).to_contain_text("kilometres away.")
    text = saved(caller, "Save as text")
    assert "You: Does an owl see the moon?\nRepartee: It is about three hundred" in text
    session = json.loads(saved(caller, "Save as JSON"))
    assert [turn["said"] for turn in session["turns"]] == ["Does an owl see the moon?"]
    sessions = f"http://127.0.0.1:{dialogue.port}/sessions"
    assert httpx.get(f"{sessions}/{session['id']}").status_code == 200
    caller.press("Delete")
    caller.press("Keep it")
    expect(reading).to_contain_text("kilometres away.")
    caller.press("Delete")
    caller.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(caller.page.get_by_text("Deleted.")).to_be_attached()
    assert httpx.get(f"{sessions}/{session['id']}").status_code == 404
    search.fill("an owl")
    expect(links).to_have_count(1)
    expect(links).to_contain_text("Does an owl sleep by day?")


def test_a_call_and_what_was_said_in_it_outlive_the_server(
    remembering: ServerProcess, visit: Visit
) -> None:
    with remembering:
        caller = visit(remembering, excuse="net::ERR_")
        caller.call()
        caller.ask("My name is Ada.")
    caller.expect_state("Not connected. Trying again")
    caller.photograph("server-gone")
    with remembering:
        caller.expect_state("Listening")
        caller.until_sound_is_sent()
        caller.ask("Who am I?", answer="My name is Ada.")
        expect(caller.conversation).not_to_contain_text("A new connection begins here.")
