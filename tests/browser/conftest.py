"""A real browser whose microphone says what a test wants, and real servers for it to visit."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from repartee.testing.server_process import ServerProcess
from tests.browser.visitor import Kind, Visitor
from tests.programs import needed_program
from tests.recordings import FOLDER

ANOTHER_MACHINE = "another-machine.test"
QUIET_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    # A browser calls home by itself; here it finds nobody there.
    f"--host-resolver-rules=MAP {ANOTHER_MACHINE} 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
]
LONG_REPLY = " ".join(["Once upon a time a dragon wanted to be heard to the very end."] * 6)
SECONDS_PER_LETTER = 0.06
"""So long does the scripted voice hum for each."""
STORY_SECONDS = len(LONG_REPLY.replace(" ", "")) * SECONDS_PER_LETTER


class Says(Protocol):
    def __call__(self, recording: str) -> None: ...


class Visits:
    """Pages that were opened: each must keep to itself, and be content."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._begun: list[tuple[Visitor, set[str], str]] = []

    def begin(
        self,
        kind: type[Kind],
        url: str,
        *,
        microphone: bool = True,
        scripts: Sequence[Path] = (),
        others: Sequence[str] = (),
        excuse: str = "",
        browser: Browser | None = None,
        **context: Any,
    ) -> Kind:
        """`others` are hosts that the page may ask besides its own; `excuse` is a part of the one
        complaint that the test brings about on purpose."""
        allowed = ["microphone"] if microphone else []
        made = (browser or self._browser).new_context(permissions=allowed, **context)
        visitor = kind(made, scripts)
        self._begun.append((visitor, {urlsplit(url).netloc, *others}, excuse))
        visitor.page.goto(url)
        return visitor

    def end(self) -> None:
        for visitor, _, _ in self._begun:
            visitor.context.close()
        for visitor, hosts, excuse in self._begun:
            assert visitor.hosts <= hosts
            assert [c for c in visitor.complaints if not excuse or excuse not in c] == []


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads along."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The origin at which a folder of somebody else's pages is served."""
    handler = functools.partial(_Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_port}"
        pages.shutdown()


@pytest.fixture(scope="package")
def chromium() -> str:
    return needed_program("chromium", "chromium-browser", "google-chrome", package="chromium")


@pytest.fixture(scope="package")
def playwright(chromium: str) -> Iterator[Playwright]:
    # Not for longer than these tests: it occupies the thread's event loop.
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def microphone_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("microphone") / "microphone.wav"


@pytest.fixture(scope="package")
def browser(playwright: Playwright, chromium: str, microphone_file: Path) -> Iterator[Browser]:
    microphone = [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone_file}%noloop",
    ]
    launched = playwright.chromium.launch(
        executable_path=chromium, args=[*QUIET_FLAGS, *microphone]
    )
    yield launched
    launched.close()


@pytest.fixture
def browser_without_microphone(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=QUIET_FLAGS)
    yield launched
    launched.close()


@pytest.fixture
def says(microphone_file: Path) -> Says:
    """What the microphone hears, from its start, the next time that a page opens it."""

    def say(recording: str) -> None:
        shutil.copyfile(FOLDER / recording, microphone_file)

    return say


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    begun = Visits(browser)
    yield begun
    begun.end()


@pytest.fixture(scope="package")
def embedded() -> Iterator[ServerProcess]:
    """The server as `make run` starts it, except that the same question has the same answer."""
    with ServerProcess(TEMPERATURE="0") as server:
        yield server


@pytest.fixture(scope="package")
def storyteller_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    script = tmp_path_factory.mktemp("script") / "script.toml"
    script.write_text(f'[llm]\nreplies = ["{LONG_REPLY}"]\n')
    trusted = {"TRUSTED_HOSTS": ANOTHER_MACHINE}
    return {"LLM": "scripted", "TTS": "scripted", "SCRIPT": str(script), **trusted}


@pytest.fixture(scope="package")
def storyteller(storyteller_settings: dict[str, str]) -> Iterator[ServerProcess]:
    """It hears as always, and tells a story too long to be waited for, in one long hum."""
    with ServerProcess(**storyteller_settings) as server:
        yield server
