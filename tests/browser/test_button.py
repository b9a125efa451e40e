"""The page that the docs give to whoever wants to hold a button, as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from repartee.engines.stt.scripted import TRANSCRIPTS
from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Says, served
from tests.browser.visitor import EARS, PATIENCE_MS

QUESTION = TRANSCRIPTS[0]
DOCS = Path(__file__).parents[2] / "docs/call.md"


@pytest.fixture
def page_in_the_docs(
    storyteller_settings: dict[str, str], tmp_path: Path
) -> Iterator[tuple[str, ServerProcess]]:
    """Where it is served, and the server that it talks to."""
    found = re.search(r"```html\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert found is not None
    # What matters here is that the sound comes, and not what a small recogniser makes of it.
    engines = {**storyteller_settings, "STT": "scripted"}
    with (
        served(tmp_path) as origin,
        ServerProcess(**engines, CORS_ORIGINS=origin) as server,
    ):
        html = found[1].replace("localhost:8000", f"127.0.0.1:{server.port}")
        (tmp_path / "index.html").write_text(html)
        yield origin, server


def test_it_hears_answers_and_is_silent_when_it_is_pressed_again(
    page_in_the_docs: tuple[str, ServerProcess], browser: Browser, says: Says
) -> None:
    says("q1_weather.wav")
    complaints: list[str] = []
    with browser.new_context(permissions=["microphone"]) as context:
        context.add_init_script(path=EARS)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(page_in_the_docs[0])
        page.hover("#talk")
        page.mouse.down()
        heard, answer = page.locator("#heard"), page.locator("#answer")
        expect(heard).to_have_text(QUESTION, timeout=PATIENCE_MS)
        page.wait_for_timeout(1_000)  # the microphone has said it by now
        page.mouse.up()
        expect(page.locator("#note")).to_contain_text(" ms.", timeout=PATIENCE_MS)
        expect(heard).to_have_text(QUESTION)
        expect(answer).to_contain_text("Once upon a time a dragon")
        page.wait_for_function("least => ears.loudSeconds >= least", arg=0.3)
        page.mouse.down()
        page.wait_for_function("() => performance.now() - ears.lastLoudAt > 500")
        page.mouse.up()
    assert complaints == []
