"""What goes wrong with devices, and the ways out."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import START, Caller
from tests.browser.page.conftest import Visit


def expect_that_writing_works(caller: Caller) -> None:
    caller.press("Write instead")
    expect(caller.alert).to_be_empty()
    expect(caller.page.get_by_label("Message")).to_be_focused()
    caller.ask("Are you there?", answer="kilometres away.")
    caller.until_heard(seconds=0.2)


def test_a_blocked_microphone_is_explained_and_one_can_still_write(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue, mouth=False, microphone=False)
    caller.press(START)
    expect(caller.alert).to_contain_text("The microphone is blocked for this page.")
    expect_that_writing_works(caller)


def test_the_microphone_may_be_allowed_after_all(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue, mouth=False, microphone=False)
    caller.press(START)
    expect(caller.alert).to_contain_text("The microphone is blocked for this page.")
    caller.context.grant_permissions(["microphone"])
    caller.press("Try again")
    caller.expect_state("Listening")
    expect(caller.alert).to_be_empty()


def test_a_machine_without_a_microphone_is_told_so(
    dialogue: ServerProcess, visit: Visit, browser_without_microphone: Browser
) -> None:
    caller = visit(dialogue, mouth=False, browser=browser_without_microphone)
    caller.press(START)
    expect(caller.alert).to_contain_text("No microphone was found.")
    expect_that_writing_works(caller)


def test_where_the_microphone_goes_away_in_a_call_another_takes_over(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.call()
    caller.page.evaluate("mouth.unplug(false)")
    expect(caller.alert).to_contain_text("The usual one is used instead.")
    caller.expect_state("Listening")
    caller.say_something()
    expect(caller.own_words).to_contain_text("How far away is the moon?")


def test_where_the_only_microphone_goes_away_it_can_be_plugged_in_again(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.call()
    caller.page.evaluate("mouth.unplug(true)")
    expect(caller.alert).to_contain_text("No microphone was found.")
    caller.expect_state("Ready when you are")
    caller.page.evaluate("mouth.isPlugged = true")
    caller.press("Try again")
    caller.expect_state("Listening")
    caller.say_something()
    expect(caller.own_words).to_contain_text("How far away is the moon?")
