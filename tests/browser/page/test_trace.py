"""Where the time of a turn went."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.conftest import Visit

STAGES = {"decided", "llm_first_token", "tts_first_chunk", "first_sound_sent", "first_sound_played"}


def test_a_spoken_turn_is_a_waterfall_that_adds_up(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    caller.press("Trace")
    expect(caller.trace).to_contain_text("After your first turn")
    caller.call()
    caller.say_something()
    expect(caller.replies).to_contain_text("kilometres away.")
    caller.expect_state("Listening")
    table = caller.trace.get_by_role("table")
    expect(table.get_by_role("rowheader")).to_have_count(len(STAGES) + 1)
    expect(table).to_contain_text("Until you heard it")
    expect(caller.trace).to_contain_text(re.compile(r"Most of it was “.+”: \d+ of \d+ ms\."))
    expect(caller.trace).to_contain_text("Half within")
    caller.trace.get_by_text(re.compile(r"All \d+ events")).click()
    expect(caller.trace.get_by_text("turn_complete")).to_be_visible()
    with caller.page.expect_download() as download:
        caller.press("Save as JSON")
    (turn,) = json.loads(download.value.path().read_text())["turns"]
    assert {step["stage"] for step in turn["steps"]} == {"stt_done", *STAGES}
    shares = [step["share_ms"] for step in turn["steps"]]
    assert sum(shares) == pytest.approx(turn["gap_ms"], abs=len(shares))
    names = [event["event"] for event in turn["events"]]
    assert (names[0], names[-1]) == ("turn_started", "turn_complete")


def test_an_earlier_turn_can_be_chosen(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    caller.ask("How far away is the moon?")
    caller.ask("And how long does light take?")
    first, second = (caller.replies.nth(number).get_by_role("button") for number in (0, 1))
    first.click()
    turns = caller.trace.get_by_role("region", name="All turns").get_by_role("button")
    expect(turns.nth(0)).to_have_attribute("aria-pressed", "true")
    second.click()
    expect(turns.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(turns.nth(0)).to_have_attribute("aria-pressed", "false")
    caller.page.get_by_role("button", name="Close the trace").click()
    expect(caller.page.get_by_role("button", name="Trace", exact=True)).to_be_focused()
