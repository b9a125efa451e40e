"""Somebody with a browser: what they press, write and say, and what they see and hear."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    WebSocket,
    expect,
)

from tests.recordings import recording, spoken_parts

HERE = Path(__file__).parent
EARS = HERE / "ears.js"
MOUTH = HERE / "mouth.js"
PHOTOS = Path(__file__).parents[2] / "build" / "screenshots"
PATIENCE_MS = 20_000
RECORDED_HZ = 16_000


class Visitor:
    """`complaints` are errors on the console; `hosts` are all that the browser spoke with."""

    album = ""
    """The folder that keeps the photographs of this page."""

    def __init__(self, context: BrowserContext, scripts: Sequence[Path] = ()) -> None:
        for script in (EARS, *scripts):
            context.add_init_script(path=script)
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.context = context
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.sockets: list[WebSocket] = []
        context.on("request", self._on_request)
        self.page = context.new_page()
        self._watch(self.page)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def write(self, text: str) -> None:
        field = self.page.get_by_label("Message", exact=True)
        field.fill(text)
        field.press("Enter")

    def say_something(self) -> None:
        """Where the words do not matter."""
        self.say("barge_in.wav", part=1)

    def say(self, name: str, part: int = 0) -> None:
        """One part of a recording, into whatever microphone the page has opened."""
        said = spoken_parts(name)[part]
        begin, end = (int(said[edge] * RECORDED_HZ) for edge in ("start", "end"))
        heard = recording(name)[begin - RECORDED_HZ // 10 : end + RECORDED_HZ // 10]
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setparams((1, 2, RECORDED_HZ, 0, "NONE", ""))
            sound.writeframes(heard.tobytes())
        self.page.evaluate("sound => mouth.say(sound)", base64.b64encode(file.getvalue()).decode())

    def until_sound_is_sent(self) -> None:
        """Until the microphone's sound goes out on the newest connection."""
        self.sockets[-1].wait_for_event("framesent", lambda frame: isinstance(frame, bytes))

    def until_heard(self, seconds: float) -> None:
        """Until so much sound came out of the loudspeaker since the page was loaded."""
        # A function, never a bare expression: that would be evaluated anew at every look, which the
        # page's policy forbids.
        self.page.wait_for_function("least => ears.loudSeconds >= least", arg=seconds)

    def until_quiet(self, milliseconds: float) -> float:
        """Until nothing was heard for so long; gives the seconds heard before."""
        self.page.wait_for_function(
            "quiet => performance.now() - ears.lastLoudAt > quiet", arg=milliseconds
        )
        return float(self.page.evaluate("ears.loudSeconds"))

    def photograph(self, name: str) -> None:
        self.page.screenshot(path=PHOTOS / self.album / f"{name}.png", animations="disabled")

    def _watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        page.on("websocket", self._on_socket)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _on_page_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _on_socket(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        self.hosts.add(urlsplit(socket.url).netloc)

    def _on_request(self, request: Request) -> None:
        if (host := urlsplit(request.url).netloc) != "":  # data: addresses have none
            self.hosts.add(host)


Kind = TypeVar("Kind", bound=Visitor)
