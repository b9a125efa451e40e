"""A conversation on the page: spoken, typed, interrupted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import STORY_SECONDS, Says
from tests.browser.plain_page.conftest import Visit

pytestmark = pytest.mark.engines
SOME_WORDS = re.compile(r"\w+")


def test_a_question_is_captioned_live_and_answered_in_words_and_sound(
    embedded: ServerProcess, visit: Visit, says: Says
) -> None:
    says("q1_weather.wav")
    visitor = visit(embedded)
    visitor.photograph("first-visit")
    visitor.press("Talk")
    expect(visitor.see("presence")).to_have_text("Listening")
    visitor.see("interim").wait_for()
    visitor.photograph("hearing")
    expect(visitor.own_words).to_contain_text("weather")
    expect(visitor.own_words).to_contain_text("paris", ignore_case=True)
    expect(visitor.replies).to_contain_text(SOME_WORDS)
    visitor.until_heard(seconds=0.3)
    visitor.photograph("answering")
    expect(visitor.see("presence")).to_have_text("Listening")
    visitor.press("End")
    expect(visitor.see("presence")).to_have_text("Ready when you are")


def test_a_written_question_is_answered_in_words_and_sound(
    embedded: ServerProcess, visit: Visit
) -> None:
    visitor = visit(embedded, microphone=False)
    visitor.write("Tell me about owls.")
    expect(visitor.own_words).to_have_text("You: Tell me about owls.")
    expect(visitor.replies).to_contain_text(SOME_WORDS)
    visitor.until_heard(seconds=0.3)


def test_stop_ends_the_reply_at_once_and_shows_what_was_heard(
    storyteller: ServerProcess, visit: Visit
) -> None:
    visitor = visit(storyteller)
    visitor.write("Tell me a story.")
    visitor.until_heard(seconds=1)
    visitor.press("Stop")
    assert visitor.until_quiet(milliseconds=500) < STORY_SECONDS / 2
    visitor.photograph("stopped")
    expect(visitor.replies.locator(".cut")).to_have_text("interrupted")
    expect(visitor.replies.locator(".unheard")).to_contain_text("to the very end.")
    expect(visitor.see("presence")).to_have_text("Ready when you are")


def test_escape_is_stop(storyteller: ServerProcess, visit: Visit) -> None:
    visitor = visit(storyteller)
    visitor.write("Tell me a story.")
    visitor.until_heard(seconds=0.2)
    visitor.page.keyboard.press("Escape")
    expect(visitor.replies.locator(".cut")).to_be_visible()


def test_talking_over_a_reply_ends_it(storyteller: ServerProcess, visit: Visit, says: Says) -> None:
    says("barge_in.wav")
    visitor = visit(storyteller)
    visitor.press("Talk")
    expect(visitor.see("presence")).to_have_text("Speaking. Talk to interrupt")
    visitor.photograph("speaking")
    expect(visitor.replies.first.locator(".cut")).to_have_text("interrupted")
    expect(visitor.own_words).to_have_count(2)
    expect(visitor.replies).to_have_count(2)
    visitor.photograph("talked-over")


def test_mute_is_shown_and_undone(embedded: ServerProcess, visit: Visit) -> None:
    visitor = visit(embedded)
    visitor.press("Talk")
    visitor.press("Mute")
    expect(visitor.see("presence")).to_have_text("Your microphone is muted")
    visitor.photograph("muted")
    visitor.press("Mute")
    expect(visitor.see("presence")).not_to_have_text("Your microphone is muted")
