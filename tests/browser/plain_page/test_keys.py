"""A server that asks for keys: the plain page asks for one once, and then it talks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, expect

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Visits
from tests.browser.plain_page.visitor import PlainVisitor

KEY = "a-key-for-the-browser"


@pytest.fixture
def locked(storyteller_settings: dict[str, str]) -> Iterator[ServerProcess]:
    with ServerProcess(**storyteller_settings, API_KEYS=KEY) as server:
        yield server


def test_it_asks_until_it_is_right_and_remembers_it(locked: ServerProcess, visits: Visits) -> None:
    answers = iter(["a-wrong-one", KEY])
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept(next(answers))

    host = f"127.0.0.1:{locked.port}"
    excuse = "401 (Unauthorized)"
    visitor = visits.begin(PlainVisitor, "about:blank", others=[host], excuse=excuse)
    visitor.page.on("dialog", answer)
    visitor.page.goto(f"http://{host}/page/")
    visitor.until_connected()
    assert asked == ["This server asks for a key."] * 2
    visitor.page.reload()
    visitor.until_connected()
    visitor.write("Are you there?")
    expect(visitor.replies.first).to_contain_text("Once upon a time")
    assert len(asked) == 2
