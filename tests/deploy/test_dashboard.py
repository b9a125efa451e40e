"""The dashboard for Grafana shows figures that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.files import DEPLOY
from tests.server.open_house import asking, open_house

pytestmark = pytest.mark.anyio

DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "repartee.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]


def questions() -> Iterator[str]:
    """Everything that it asks Prometheus."""
    for panel in PANELS:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (note["expr"] for note in DASHBOARD["annotations"]["list"])
    yield from (one["definition"] for one in DASHBOARD["templating"]["list"] if "definition" in one)


async def samples_there_are() -> set[str]:
    async with open_house() as house, asking(house) as client:
        page = (await client.get("/metrics")).text
    found = set()
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", page, re.MULTILINE):
        endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found |= {name + ending for ending in endings}
    return found


async def test_every_figure_that_it_shows_exists() -> None:
    asked = {
        name
        for question in questions()
        for name in re.findall(r"\b(?:repartee|process)_\w+", question)
    }
    assert len(asked) > 20
    assert asked - await samples_there_are() == set()


async def test_every_figure_of_ours_is_shown() -> None:
    shown = " ".join(questions())
    ours = {name for name in await samples_there_are() if name.startswith("repartee_")}
    by_nobody = {name for name in ours if re.sub(r"_(bucket|sum|count)$", "", name) not in shown}
    assert by_nobody <= {
        "repartee_draining",
        "repartee_database_failing",
        "repartee_tts_cache_sounds",
    }, "these are told and nobody sees them"


def test_parentheses_and_braces_match() -> None:
    for question in questions():
        for opening, closing in ("()", "{}", "[]"):
            assert question.count(opening) == question.count(closing), question


def test_panels_have_their_own_places() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_it_asks_the_prometheus_that_was_chosen() -> None:
    for panel in PANELS:
        for target in panel.get("targets", ()):
            assert target["datasource"] == {"type": "prometheus", "uid": "${source}"}
