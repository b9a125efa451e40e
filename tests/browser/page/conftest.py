"""Visits to the page as it was built, and servers that make it easy to say what it must show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser

from repartee.server.pages import BUILT
from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import Says, Visits, served
from tests.browser.page.caller import Caller
from tests.browser.visitor import MOUTH

DIALOGUE = """
[stt]
transcripts = ["How far away is the moon?", "And how long does light take?"]
[llm]
replies = ["It is about three hundred and eighty thousand kilometres away.", "A bit over a second."]
[tts]
letter_ms = 12
"""
ALL_SCRIPTED = {"STT": "scripted", "LLM": "scripted", "TTS": "scripted"}


class Visit(Protocol):
    def __call__(
        self,
        server: ServerProcess,
        *,
        path: str = "",
        mouth: bool = True,
        microphone: bool = True,
        excuse: str = "",
        browser: Browser | None = None,
        **context: Any,
    ) -> Caller: ...


@pytest.fixture(autouse=True, scope="package")
def built() -> None:
    if not (BUILT / "index.html").exists():
        pytest.skip("NOT TESTED: the page was not built. Install Node 20 and run `make page`.")


@pytest.fixture
def visit(visits: Visits, says: Says) -> Visit:
    """With a mouth, a test says what it likes when it likes; without one, what is in the file."""
    says("q1_weather.wav")

    def visit(server: ServerProcess, *, path: str = "", mouth: bool = True, **more: Any) -> Caller:
        url = f"http://127.0.0.1:{server.port}/{path}"
        more.setdefault("scripts", [])
        if mouth:
            more["scripts"] = [*more["scripts"], MOUTH]
        visitor = visits.begin(Caller, url, **more)
        visitor.until_connected()
        return visitor

    return visit


@pytest.fixture(scope="package")
def dialogue_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    script = tmp_path_factory.mktemp("script") / "dialogue.toml"
    script.write_text(DIALOGUE)
    return {**ALL_SCRIPTED, "SCRIPT": str(script)}


@pytest.fixture(scope="package")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Somebody else's pages: their origin, and the folder that they lie in."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with served(folder) as origin:
        yield origin, folder


@pytest.fixture(scope="package")
def dialogue(
    dialogue_settings: dict[str, str], elsewhere: tuple[str, Path]
) -> Iterator[ServerProcess]:
    """It hears and says what stands in its script, in a quick hum."""
    with ServerProcess(**dialogue_settings, CORS_ORIGINS=elsewhere[0]) as server:
        yield server


@pytest.fixture(scope="package")
def storyteller(storyteller_settings: dict[str, str]) -> Iterator[ServerProcess]:
    """It tells a story too long to be waited for, whatever it is told."""
    with ServerProcess(**{**storyteller_settings, **ALL_SCRIPTED}) as server:
        yield server
