"""The page without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import START
from tests.browser.page.conftest import Visit

MORE_THAN_ALL_FIELDS = 25


def test_every_part_of_the_call_is_reached(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    page = caller.page
    stations = [
        page.get_by_role("link", name="Skip to the message field"),
        page.get_by_role("link", name="Repartee"),
        page.get_by_role("link", name="Earlier"),
        page.get_by_role("link", name="Check"),
        page.get_by_role("button", name="Settings"),
        page.get_by_label("Persona"),
        page.get_by_label("Speed"),
        page.get_by_label("Voice"),
        page.get_by_role("button", name="Trace"),
        page.get_by_role("button", name=START),
        page.get_by_label("Volume"),
        page.get_by_label("Message"),
        page.get_by_role("button", name="Send"),
    ]
    for station in stations:
        page.keyboard.press("Tab")
        expect(station).to_be_focused()
        expect(station).to_be_in_viewport(ratio=1)


def test_a_call_from_its_beginning_to_its_end(storyteller: ServerProcess, visit: Visit) -> None:
    caller = visit(storyteller)
    keyboard = caller.page.keyboard
    caller.page.get_by_role("button", name=START).focus()
    keyboard.press("Enter")
    caller.expect_state("Listening")
    keyboard.press("m")
    caller.expect_state("Your microphone is off")
    keyboard.press("m")
    caller.expect_state("Listening")
    keyboard.press("/")
    keyboard.type("Tell me a story about a mat.")  # an m that is written mutes nobody
    keyboard.press("Enter")
    caller.until_heard(seconds=0.2)
    keyboard.press("Escape")
    expect(caller.replies).to_contain_text("interrupted")
    keyboard.press("t")
    caller.page.get_by_role("button", name="End", exact=True).focus()
    keyboard.press("Enter")
    caller.expect_state("Ready when you are")


def test_what_is_said_while_the_space_bar_is_held_is_one_turn(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.press("Settings")
    caller.settings.get_by_label("How to talk").select_option("Push to talk")
    caller.press("Done")
    caller.press(START)
    caller.expect_state("Hold to talk")
    caller.say_something()
    expect(caller.conversation).to_have_count(0)
    caller.page.keyboard.down("Space")
    caller.expect_state("Listening")
    caller.say_something()
    caller.interim.wait_for()
    caller.page.keyboard.up("Space")
    expect(caller.own_words).to_contain_text("How far away is the moon?")
    expect(caller.replies).to_contain_text("kilometres away.")
    caller.expect_state("Hold to talk")


def test_the_settings_keep_the_focus_and_give_it_back(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    opener = caller.page.get_by_role("button", name="Settings")
    opener.focus()
    caller.page.keyboard.press("Enter")
    expect(caller.settings).to_be_visible()
    for _ in range(MORE_THAN_ALL_FIELDS):
        caller.page.keyboard.press("Tab")
        # Beyond the last field comes the browser's own bar, and then the dialog once more.
        assert caller.page.evaluate("document.activeElement.matches('body, dialog, dialog *')")
    caller.page.keyboard.press("Escape")
    expect(caller.settings).to_be_hidden()
    expect(opener).to_be_focused()
