"""The view that tries each part of a call alone."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import Caller
from tests.browser.page.conftest import Visit


def checking(dialogue: ServerProcess, visit: Visit) -> Caller:
    caller = visit(dialogue)
    caller.show("Check")
    return caller


def result(caller: Caller, of: str) -> Locator:
    """What is shown under that heading."""
    heading = caller.page.get_by_role("heading", name=of, exact=True)
    return caller.page.locator("section").filter(has=heading)


def test_the_way_to_the_server_is_measured(dialogue: ServerProcess, visit: Visit) -> None:
    caller = checking(dialogue, visit)
    caller.press("Measure")
    for name in ("To connect", "Usually", "Fastest", "Slowest"):
        expect(
            result(caller, "Connection").get_by_role("term").filter(has_text=name)
        ).to_be_visible()


def test_the_microphone_is_recorded_and_played_back(dialogue: ServerProcess, visit: Visit) -> None:
    caller = checking(dialogue, visit)
    caller.press("Record")
    caller.page.wait_for_function("() => mouth.microphones.length > 0")
    caller.say_something()
    expect(result(caller, "Microphone")).to_contain_text("clear enough to be understood.")
    assert caller.page.evaluate("ears.loudSeconds") == 0
    caller.press("Play it back")
    caller.until_heard(seconds=0.5)


def test_every_side_of_the_loudspeaker_is_heard(dialogue: ServerProcess, visit: Visit) -> None:
    caller = checking(dialogue, visit)
    heard = 0.0
    for side in ("Left", "Both sides", "Right"):
        caller.press(side)
        caller.until_heard(heard + 0.2)
        heard = caller.until_quiet(milliseconds=300)
    expect(result(caller, "Loudspeaker")).to_contain_text("Hz")


def test_where_nothing_comes_back_there_is_no_echo(dialogue: ServerProcess, visit: Visit) -> None:
    caller = checking(dialogue, visit)
    caller.press("Play and listen")
    expect(result(caller, "Echo")).to_contain_text("Nothing can echo.")
    assert caller.page.evaluate("ears.loudSeconds") > 0.2


@pytest.mark.parametrize(
    ("untouched", "in_a_call", "verdict"),
    [
        (0.5, 0.001, "the browser takes it away. Talk freely."),
        (0.5, 0.3, "too much of it is left."),
    ],
    ids=["cancelled", "leaking"],
)
def test_an_echo_is_heard_and_judged_by_what_is_left_of_it(
    untouched: float, in_a_call: float, verdict: str, dialogue: ServerProcess, visit: Visit
) -> None:
    caller = checking(dialogue, visit)
    caller.page.evaluate("([raw, left]) => mouth.echo(raw, left)", [untouched, in_a_call])
    caller.press("Play and listen")
    expect(result(caller, "Echo")).to_contain_text(verdict)


def test_the_report_tells_all_but_what_was_said(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue)
    caller.ask("How far away is the moon?")
    caller.show("Check")
    expect(result(caller, "Messages").get_by_role("row").first).to_be_visible()
    caller.press("Measure")
    expect(result(caller, "Connection").get_by_role("term")).to_have_count(4)
    caller.press("Write a report")
    field = caller.page.get_by_role("textbox", name="Report")
    report = json.loads(field.input_value())
    assert report["connection"]["median_ms"] > 0
    assert report["server"]["engines"]["llm"] == "scripted"
    assert "moon" not in field.input_value()
    caller.page.get_by_label("With what was said and answered").check()
    expect(field).to_have_value(re.compile("moon"))
    caller.context.grant_permissions(["clipboard-read", "clipboard-write"])
    caller.press("Copy")
    expect(caller.page.get_by_role("status").filter(has_text="Copied.")).to_be_attached()
    assert caller.page.evaluate("navigator.clipboard.readText()") == field.input_value()
