"""The pictures of the README, taken of the real thing: `python -m tests.browser.pictures`.

A server with its own engines is asked aloud and in writing, and everything stands as it came. It
takes a Chromium and the built page (`make page`).
"""

from __future__ import annotations

import io
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.codeccontext import VideoCodecContext
from playwright.sync_api import Browser, expect, sync_playwright

from repartee.testing.server_process import ServerProcess
from tests.browser.conftest import QUIET_FLAGS
from tests.browser.page.caller import Caller
from tests.browser.visitor import MOUTH
from tests.programs import needed_program

FOLDER = Path(__file__).parents[2] / "docs/pictures"
DESKTOP = {"width": 1200, "height": 800}
PHONE = {"width": 390, "height": 760}
LARGEST_BYTES = 120_000
EARLIER = ("What makes a good story?", "How do birds fly?", "Tell me something about owls.")
TALKED_OVER_AT, TAKEN_AT = "called", "Paris"
"""The words of the answers that are heard at those moments."""


def visitor(browser: Browser, server: ServerProcess, **context: Any) -> Caller:
    context = {"viewport": DESKTOP, "permissions": ["microphone"], **context}
    caller = Caller(browser.new_context(**context), [MOUTH])
    caller.page.goto(f"http://127.0.0.1:{server.port}/")
    caller.until_connected()
    return caller


def take(caller: Caller, name: str) -> None:
    picture = packed(caller.page.screenshot())
    sys.stdout.write(f"{name}.png: {len(picture) // 1000} kB\n")
    if len(picture) > LARGEST_BYTES:
        raise SystemExit(f"{name}.png is larger than {LARGEST_BYTES // 1000} kB.")
    (FOLDER / f"{name}.png").write_bytes(picture)


def packed(picture: bytes) -> bytes:
    """The same picture, packed with more patience than a browser has."""
    with av.open(io.BytesIO(picture), "r") as file:
        frame = next(file.decode(video=0)).reformat(format="rgb24")
    encoder = VideoCodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "rgb24"
    encoder.time_base = Fraction(1)
    encoder.options = {"compression_level": "9", "pred": "none"}
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def ask_earlier(caller: Caller) -> None:
    """Conversations to be found again."""
    for question in EARLIER:
        caller.write(question)
        expect(caller.replies.locator("mark")).to_have_text(re.compile(r"\w"))
        expect(caller.own_words).to_have_count(1)
        caller.until_heard(seconds=1)
        caller.press("Settings")
        caller.press("New conversation")
        caller.until_connected()
        expect(caller.conversation).to_have_count(0)
        caller.page.evaluate("ears.loudSeconds = 0")


def converse(caller: Caller) -> None:
    """An answer that is talked over, and the next one, which is heard just now."""
    caller.page.get_by_label("Persona").select_option("Captain Alex")
    caller.call()
    caller.write("Why is the sky blue?")
    until_hearing(caller, TALKED_OVER_AT)
    caller.say("q1_weather.wav")
    until_hearing(caller, TAKEN_AT)
    caller.expect_state("Speaking")


def until_hearing(caller: Caller, word: str) -> None:
    caller.page.wait_for_function(
        "word => [...document.querySelectorAll('mark')].at(-1)?.textContent.includes(word)",
        arg=word,
    )


def show_history(caller: Caller) -> None:
    caller.show("Earlier")
    sessions = caller.page.get_by_role("navigation", name="Earlier")
    sessions.get_by_role("link", name="2 turns").click()
    expect(caller.page.get_by_role("region", name="One conversation")).to_contain_text("Paris")
    expect(sessions.get_by_role("link", name=EARLIER[0])).to_be_visible()


def show_check(caller: Caller) -> None:
    caller.show("Check")
    caller.press("Measure")
    expect(caller.page.get_by_text("Slowest")).to_be_visible()
    caller.press("Record")
    expect(caller.page.get_by_role("button", name="Speak now")).to_be_visible()
    caller.say("q1_weather.wav")
    expect(caller.page.get_by_text("clear enough to be understood.")).to_be_visible()
    caller.press("Both sides")
    expect(caller.page.get_by_text("Rate", exact=True)).to_be_visible()
    caller.page.get_by_role("heading", name="Does it work?").scroll_into_view_if_needed()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    chromium = needed_program("chromium", "chromium-browser", "google-chrome", package="chromium")
    with sync_playwright() as playwright, ServerProcess(TEMPERATURE="0") as server:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET_FLAGS)
        caller = visitor(browser, server)
        ask_earlier(caller)
        converse(caller)
        take(caller, "call")
        expect(caller.replies.last.locator("mark")).to_have_count(0)
        caller.press("Trace")
        expect(caller.trace.get_by_role("table")).to_be_visible()
        take(caller, "trace")
        caller.press("Close the trace")
        caller.press("End")
        show_history(caller)
        take(caller, "history")
        show_check(caller)
        take(caller, "check")
        for name, look in (
            ("dark", {"color_scheme": "dark"}),
            ("phone", {"viewport": PHONE, "is_mobile": True, "has_touch": True}),
        ):
            caller = visitor(browser, server, **look)
            converse(caller)
            take(caller, name)
        browser.close()


if __name__ == "__main__":
    main()
