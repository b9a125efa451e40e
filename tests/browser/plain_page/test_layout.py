"""The page on small screens, in the dark, and without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.plain_page.conftest import Visit
from tests.browser.plain_page.visitor import PlainVisitor

pytestmark = pytest.mark.engines
PHONE = {
    "small": {"width": 320, "height": 568},
    "upright": {"width": 360, "height": 640},
    "sideways": {"width": 640, "height": 360},
}


def expect_that_it_fits(visitor: PlainVisitor) -> None:
    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")
    for element in ("talk", "message", "send"):
        expect(visitor.see(element)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("side", PHONE)
def test_everything_fits_on_a_phone(side: str, storyteller: ServerProcess, visit: Visit) -> None:
    visitor = visit(storyteller, microphone=False, viewport=PHONE[side])
    expect_that_it_fits(visitor)
    visitor.photograph(f"phone-{side}-first-visit")
    visitor.press("Talk")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect_that_it_fits(visitor)
    visitor.photograph(f"phone-{side}-trouble")
    visitor.write("w" * 300)
    expect(visitor.replies).to_be_visible()
    expect_that_it_fits(visitor)
    visitor.photograph(f"phone-{side}-talk")
    visitor.press("Settings")
    expect(visitor.page.get_by_role("dialog")).to_be_visible()
    expect_that_it_fits(visitor)
    visitor.photograph(f"phone-{side}-settings")


def test_the_dark_page(storyteller: ServerProcess, visit: Visit) -> None:
    visitor = visit(storyteller, color_scheme="dark", reduced_motion="reduce")
    expect(visitor.page.locator("html")).to_have_css("background-color", "rgb(20, 22, 24)")
    visitor.write("Tell me a story.")
    expect(visitor.see("presence")).to_have_text("Speaking")
    visitor.photograph("dark")


def test_every_part_is_reached_by_keyboard(storyteller: ServerProcess, visit: Visit) -> None:
    visitor = visit(storyteller)
    page = visitor.page
    stations = [
        page.get_by_role("link", name="Skip to the message field"),
        page.get_by_role("button", name="Settings"),
        page.get_by_role("log", name="Conversation"),
        page.get_by_role("button", name="Talk"),
        page.get_by_role("textbox", name="Message"),
        page.get_by_role("button", name="Send"),
    ]
    for station in stations:
        page.keyboard.press("Tab")
        expect(station).to_be_focused()
        expect(station).to_be_in_viewport(ratio=1)
    stations[3].press("Space")
    expect(visitor.see("presence")).to_have_text("Listening")
    page.keyboard.press("Space")
    expect(visitor.see("presence")).to_have_text("Ready when you are")


def test_a_choice_is_remembered(storyteller: ServerProcess, visit: Visit) -> None:
    visitor = visit(storyteller)
    visitor.press("Settings")
    visitor.page.get_by_label("Persona").select_option("Captain Alex")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_role("dialog")).to_be_hidden()
    visitor.page.reload()
    visitor.press("Settings")
    expect(visitor.page.get_by_label("Persona")).to_have_value("astronaut")
