"""A call button on somebody else's page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Visits
from tests.browser.page.caller import Caller
from tests.browser.page.test_looks import barriers
from tests.browser.visitor import MOUTH

SHOP = """<!doctype html>
<html lang="en">
<title>A shop</title>
<link rel="icon" href="data:,">
<style>button { all: unset; } * { color: darkred !important; }</style>
<main><h1>A shop</h1><p>Teapots and kettles.</p></main>
<script async src="http://127.0.0.1:PORT/widget.js" data-label="Ask us" data-theme="light"></script>
</html>
"""


@pytest.fixture
def shop(dialogue: ServerProcess, elsewhere: tuple[str, Path]) -> str:
    """The address of its page, on which the server answers."""
    origin, folder = elsewhere
    (folder / "index.html").write_text(SHOP.replace("PORT", str(dialogue.port)))
    return origin


def test_one_script_tag_is_enough_to_talk(
    shop: str, dialogue: ServerProcess, visits: Visits
) -> None:
    host = f"127.0.0.1:{dialogue.port}"
    caller = visits.begin(Caller, shop, scripts=[MOUTH], others=[host])
    page = caller.page
    page.get_by_role("heading", name="A shop").wait_for()
    button = page.get_by_role("button", name="Ask us")
    expect(button).to_be_visible()
    caller.photograph("widget")
    button.click()
    card = page.get_by_role("region", name="Ask us")
    expect(card.get_by_role("status")).to_have_text("Listening")
    caller.say_something()
    expect(card).to_contain_text("How far")  # what is said next takes its place
    expect(card).to_contain_text("It is about")
    caller.until_heard(seconds=0.3)
    caller.photograph("widget-talking")
    assert barriers(caller) == []
    expect(card).to_contain_text("kilometres away.")
    card.get_by_role("button", name="End").click()
    expect(card).to_be_hidden()
    expect(button).to_be_visible()
