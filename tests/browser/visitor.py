"""Somebody who visits the page with a browser: what they do, see and hear."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Request,
    WebSocket,
    expect,
)

EARS = Path(__file__).parent / "ears.js"
PHOTOS = Path(__file__).parents[2] / "build" / "screenshots"
PATIENCE_MS = 20_000


class Visitor:
    """`complaints` are errors on the console; `hosts` are all that the browser spoke with."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        context.add_init_script(path=EARS)
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        self.context = context
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.sockets: list[WebSocket] = []
        self.page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._on_page_error)
        self.page.on("request", self._on_request)
        self.page.on("websocket", self._on_socket)
        self.page.goto(url)

    def see(self, element_id: str) -> Locator:
        return self.page.locator(f"#{element_id}")

    @property
    def own_words(self) -> Locator:
        return self.page.locator(".turn.you:not(.interim)")

    @property
    def replies(self) -> Locator:
        return self.page.locator(".turn.them")

    @property
    def notes(self) -> Locator:
        return self.page.locator(".turn.note")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def write(self, text: str) -> None:
        field = self.page.get_by_label("Message", exact=True)
        field.fill(text)
        field.press("Enter")

    def until_connected(self) -> None:
        expect(self.see("link")).to_have_text("Connected")

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
        self.page.screenshot(path=PHOTOS / f"{name}.png", animations="disabled")

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
