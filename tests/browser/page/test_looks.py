"""Every view, for everybody: in the light, in the dark, on a phone, and read out."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from repartee.testing.server_process import ServerProcess
from tests.browser.page.caller import START, Caller
from tests.browser.page.conftest import ALL_SCRIPTED, DIALOGUE, Visit
from tests.browser.page.tour import tour
from tests.browser.visitor import HERE

AXE = HERE.parents[1] / "web/node_modules/axe-core/axe.min.js"
STICKING_OUT = (Path(__file__).parent / "audit.js").read_text()
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 640}
VIEWS = 10
CALM_EVERY_MS = 200
NOTE_PICTURES = """() => {
  window.drawn = [];
  const { clearRect } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...place) {
    drawn.push(performance.now());
    return clearRect.apply(this, place);
  };
}"""


@functools.cache
def axe() -> str:
    return AXE.read_text()


def barriers(caller: Caller, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds in the way of somebody who sees, hears or moves otherwise."""
    page = caller.page
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    found: list[dict[str, Any]] = page.evaluate(
        "async (options) => (await axe.run(options)).violations",
        {"runOnly": list(rules)} if rules else {},
    )
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


@pytest.fixture(scope="module")
def unhurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The dialogue, but slow enough for its second answer to be stopped on a busy machine."""
    script = tmp_path_factory.mktemp("script") / "unhurried.toml"
    script.write_text(DIALOGUE.replace("letter_ms = 12", "letter_ms = 50"))
    with ServerProcess(**ALL_SCRIPTED, SCRIPT=str(script)) as server:
        yield server


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_view_has_a_barrier_or_sticks_out(
    view: dict[str, int], unhurried: ServerProcess, visit: Visit
) -> None:
    caller = visit(unhurried, mouth=False, microphone=False, viewport=view, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    for name in tour(caller):
        place = f"{name}-{'phone' if view is PHONE else 'desktop'}"
        caller.photograph(place)
        found[place] = barriers(caller) + caller.page.evaluate(STICKING_OUT)
        caller.page.emulate_media(color_scheme="dark")
        caller.photograph(f"{place}-dark")
        found[f"{place}-dark"] = barriers(caller, rules=["color-contrast"])
        caller.page.emulate_media(color_scheme="light")
    assert len(found) >= 2 * VIEWS
    assert {place: some for place, some in found.items() if some} == {}


def test_on_a_phone_everything_to_talk_with_is_at_hand(
    storyteller: ServerProcess, visit: Visit
) -> None:
    caller = visit(storyteller, viewport=PHONE, has_touch=True, is_mobile=True)
    begin = caller.page.get_by_role("button", name=START)
    expect(begin).to_be_in_viewport(ratio=1)
    begin.tap()
    caller.expect_state("Listening")
    caller.write("w" * 300)
    caller.until_heard(seconds=0.3)
    for name in ("Stop", "Mute", "End", "Trace", "Send", "Settings"):
        button = caller.page.get_by_role("button", name=name, exact=True)
        expect(button).to_be_in_viewport(ratio=1)
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24, name
    assert caller.page.evaluate(STICKING_OUT) == []
    caller.photograph("phone-talking")


def test_dark_and_light_differ_and_can_be_chosen(dialogue: ServerProcess, visit: Visit) -> None:
    caller = visit(dialogue, color_scheme="dark", reduced_motion="reduce")
    shade = "getComputedStyle(document.documentElement).backgroundColor"
    dark = caller.page.evaluate(shade)
    caller.press("Settings")
    caller.settings.get_by_label("Appearance").select_option("Light")
    light = caller.page.evaluate(shade)
    assert dark != light
    caller.page.reload()
    caller.until_connected()
    assert caller.page.evaluate(shade) == light


@pytest.mark.parametrize(("motion", "is_calm"), [("reduce", True), ("no-preference", False)])
def test_the_voice_line_stands_nearly_still_for_whoever_asked_for_rest(
    motion: str, is_calm: bool, dialogue: ServerProcess, visit: Visit
) -> None:
    caller = visit(dialogue, reduced_motion=motion)
    caller.call()
    caller.page.evaluate(NOTE_PICTURES)
    caller.say_something()
    expect(caller.own_words).to_be_visible()
    drawn = caller.page.evaluate("drawn")
    quickest = min(later - before for before, later in pairwise(drawn))
    assert (quickest >= CALM_EVERY_MS) == is_calm
