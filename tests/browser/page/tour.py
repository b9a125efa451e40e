"""A walk past every view of the page, with something to see in each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.page.caller import START, Caller


def tour(caller: Caller) -> Iterator[str]:
    """Stops at each view and says what it is. Nobody has allowed the microphone."""
    yield "first-visit"
    caller.ask("How far away is the moon?")
    caller.write("And how long does light take, if it goes by way of the sun?")
    caller.until_heard(seconds=0.2)
    caller.press("Stop")
    expect(caller.replies.last).to_contain_text("interrupted")
    yield "call"
    caller.replies.last.scroll_into_view_if_needed()  # whoever looked at it all has scrolled
    caller.press(START)
    expect(caller.alert).to_contain_text("The microphone is blocked")
    expect(caller.replies.last).to_be_in_viewport(ratio=1)
    yield "trouble"
    caller.press("Write instead")
    yield from _over_the_call(caller)
    caller.show("Earlier")
    yield from _history(caller)
    caller.show("Check")
    caller.press("Measure")
    expect(caller.page.get_by_text("Slowest")).to_be_visible()
    caller.press("Record")
    expect(caller.page.get_by_text("The microphone is blocked")).to_be_visible()
    caller.page.get_by_role("heading", name="Does it work?").scroll_into_view_if_needed()
    yield "check"
    caller.press("Write a report")
    yield "check-report"


def _over_the_call(caller: Caller) -> Iterator[str]:
    caller.press("Trace")
    expect(caller.trace.get_by_role("table")).to_be_visible()
    yield "trace"
    caller.press("Close the trace")
    caller.press("Settings")
    expect(caller.settings).to_be_visible()
    yield "settings"
    caller.press("Done")


def _history(caller: Caller) -> Iterator[str]:
    page = caller.page
    sessions = page.get_by_role("navigation", name="Earlier")
    expect(sessions.get_by_role("link", name=re.compile("turn")).first).to_be_visible()
    yield "history"
    sessions.get_by_role("link", name="How far away is the moon?").first.click()
    reading = page.get_by_role("region", name="One conversation")
    expect(reading).to_contain_text("kilometres away.")
    yield "history-session"
    caller.press("Delete")
    yield "history-delete"
    caller.press("Keep it")
    page.goto(page.url.split("#")[0] + "#/history/here")
    expect(reading).to_contain_text("pieces are kept in this browser")
    yield "history-here"
