"""A server that asks for keys: the page asks for one once, and the widget shows a token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Visits, served
from tests.browser.page.caller import Caller
from tests.browser.page.test_looks import barriers
from tests.browser.visitor import MOUTH

KEY = "a-key-for-the-browser"
SHOP = """<!doctype html>
<html lang="en">
<title>A shop</title>
<link rel="icon" href="data:,">
<h1>A shop</h1>
<script async src="http://127.0.0.1:PORT/widget.js" data-label="Ask us" data-token-url="token.txt">
</script>
</html>
"""


@pytest.fixture
def locked(dialogue_settings: dict[str, str]) -> Iterator[ServerProcess]:
    with ServerProcess(**dialogue_settings, API_KEYS=KEY) as server:
        yield server


def test_the_page_asks_once_and_then_it_talks(locked: ServerProcess, visits: Visits) -> None:
    caller = visits.begin(
        Caller, f"http://127.0.0.1:{locked.port}/", scripts=[MOUTH], excuse="401 (Unauthorized)"
    )
    page = caller.page
    field = page.get_by_label("This server asks for a key.")
    expect(field).to_be_visible()
    assert barriers(caller) == []
    caller.photograph("locked")
    for key in ("a-wrong-one", KEY):
        field.fill(key)
        field.press("Enter")
        if key != KEY:
            expect(page.get_by_role("alert")).to_have_text("The server does not know this key.")
    caller.until_connected()
    page.reload()
    caller.until_connected()
    caller.write("How far away is the moon?")
    expect(page.get_by_role("main")).to_contain_text("kilometres away.")
    page.get_by_role("link", name="Earlier").click()
    expect(page.get_by_role("main")).to_contain_text("How far away is the moon?")


@pytest.fixture
def shop(dialogue_settings: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The address of its page, and the host of the server, from which it has got a token."""
    with (
        served(tmp_path) as origin,
        ServerProcess(**dialogue_settings, API_KEYS=KEY, CORS_ORIGINS=origin) as server,
    ):
        host = f"127.0.0.1:{server.port}"
        told = httpx.post(f"http://{host}/tokens", headers={"X-API-Key": KEY}).json()
        (tmp_path / "token.txt").write_text(told["token"])
        (tmp_path / "index.html").write_text(SHOP.replace("PORT", str(server.port)))
        yield origin, host


def test_a_shop_shows_a_token_and_keeps_its_key(shop: tuple[str, str], visits: Visits) -> None:
    origin, host = shop
    caller = visits.begin(Caller, origin, scripts=[MOUTH], others=[host])
    caller.page.get_by_role("button", name="Ask us").click()
    card = caller.page.get_by_role("region", name="Ask us")
    expect(card.get_by_role("status")).to_have_text("Listening")
    caller.say_something()
    expect(card).to_contain_text("It is about")
