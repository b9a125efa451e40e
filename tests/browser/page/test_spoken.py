"""Talking on the page: heard, answered aloud, and read along."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import SECONDS_PER_LETTER, STORY_SECONDS, Says
from tests.browser.page.conftest import Visit

SOME_WORDS = re.compile(r"\w+")


@pytest.mark.engines
def test_a_question_is_captioned_live_and_answered_in_words_and_sound(
    embedded: ServerProcess, visit: Visit, says: Says
) -> None:
    says("q1_weather.wav")
    caller = visit(embedded, mouth=False)
    caller.call()
    caller.interim.wait_for()
    caller.photograph("call-hearing")
    expect(caller.own_words).to_contain_text("weather")
    expect(caller.own_words).to_contain_text("paris", ignore_case=True)
    expect(caller.replies.locator("mark")).to_have_text(SOME_WORDS)
    caller.until_heard(seconds=0.3)
    caller.photograph("call-answering")
    caller.expect_state("Listening")
    expect(caller.replies.locator("mark")).to_have_count(0)
    expect(caller.talking).to_contain_text(re.compile(r"Elapsed time 0:\d\d"))
    caller.press("End")
    caller.expect_state("Ready when you are")


def test_words_are_marked_as_they_are_heard(storyteller: ServerProcess, visit: Visit) -> None:
    caller = visit(storyteller)
    caller.write("Tell me a story.")
    for seconds in (0.5, 1.0, 1.5, 2.0):
        caller.until_heard(seconds)
        words, heard_seconds = caller.heard_words()
        letters = len(words.replace(" ", ""))
        # A word that has begun counts as heard.
        assert letters * SECONDS_PER_LETTER == pytest.approx(heard_seconds, abs=0.5)


def test_talking_over_a_reply_cuts_it_off_for_all_to_see(
    storyteller: ServerProcess, visit: Visit
) -> None:
    caller = visit(storyteller)
    caller.call()
    caller.say_something()
    caller.expect_state("just talk to interrupt")
    caller.until_heard(seconds=0.5)
    caller.say_something()
    first = caller.replies.first
    expect(first).to_contain_text("(interrupted)")
    expect(first.get_by_role("deletion")).to_contain_text("to the very end.")
    expect(caller.own_words).to_have_count(2)
    expect(caller.replies).to_have_count(2)
    caller.photograph("call-talked-over")


def test_stop_ends_the_reply_at_once_and_shows_what_was_not_heard(
    storyteller: ServerProcess, visit: Visit
) -> None:
    caller = visit(storyteller)
    caller.write("Tell me a story.")
    caller.until_heard(seconds=1)
    caller.press("Stop")
    assert caller.until_quiet(milliseconds=500) < STORY_SECONDS / 2
    expect(caller.replies).to_contain_text("Once upon a time")
    expect(caller.replies.get_by_role("deletion")).to_contain_text("to the very end.")
    caller.expect_state("Ready when you are")


def test_what_is_said_and_what_is_written_are_one_conversation(
    dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue)
    caller.call()
    caller.say_something()
    expect(caller.own_words.first).to_contain_text("How far away is the moon?")
    expect(caller.replies.first).to_contain_text("kilometres away.")
    caller.ask("And how long does light take?", answer="A bit over a second.")
    caller.expect_state("Listening")
    expect(caller.conversation.get_by_role("listitem")).to_have_count(4)


def test_who_is_muted_is_not_heard(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    caller.call()
    caller.press("Mute")
    caller.expect_state("Your microphone is off")
    caller.photograph("call-muted")
    caller.say_something()
    expect(caller.conversation).to_have_count(0)
    caller.press("Muted")
    caller.expect_state("Listening")
    caller.say_something()
    expect(caller.own_words).to_contain_text("How far away is the moon?")  # the first it heard


def test_another_persona_takes_over(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    caller.ask("Hello?")
    expect(caller.replies.last).to_contain_text("Repartee")
    caller.press("Settings")
    caller.settings.get_by_label("Persona").select_option("Captain Alex")
    caller.press("Done")
    expect(caller.conversation).to_contain_text("Somebody else takes over")
    caller.ask("Who are you?")
    expect(caller.replies.last).to_contain_text("Captain Alex")
    caller.page.reload()
    caller.press("Settings")
    expect(caller.settings.get_by_label("Persona")).to_have_value("astronaut")
