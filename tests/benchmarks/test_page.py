"""The report of a benchmark: one page with all that was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from benchmarks.page import page
from benchmarks.targets import TARGETS

from tests.benchmarks.figures import SILENT_STEPS, TALKING_STEPS, figures

_SVG_PLOTS = ("The gap", "How late the sound is", "Processor time", "Memory")


def _read(html: str) -> ElementTree.Element:
    return ElementTree.fromstring(html)


def _words(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _figure(report: ElementTree.Element, title: str) -> ElementTree.Element:
    return next(f for f in report.iter("figure") if f.findtext("figcaption") == title)


def _lines(figure: ElementTree.Element) -> list[ElementTree.Element]:
    return [g for g in figure.iter("g") if g.get("class", "").startswith("series")]


def _names_and_values(figures: Any) -> Iterator[str]:
    if isinstance(figures, dict):
        for name, value in figures.items():
            yield name
            yield from _names_and_values(value)
    elif isinstance(figures, list):
        for value in figures:
            yield from _names_and_values(value)
    else:
        yield str(figures)


def test_the_page_names_every_figure() -> None:
    words = _words(_read(page(figures())))
    missing = [name for name in _names_and_values(figures()) if name not in words]
    assert missing == []


def test_nothing_is_fetched_and_nothing_is_run() -> None:
    report = _read(page(figures()))
    kinds = {element.tag for element in report.iter()}
    assert kinds.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert not [e for e in report.iter() if {"src", "href"} & set(e.keys())]
    style = report.findtext("head/style") or ""
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("The gap", [len(TALKING_STEPS), len(TALKING_STEPS)]),
        ("How late the sound is", [len(TALKING_STEPS)]),
        # A single call bears all that the server does for itself, and is no further one.
        ("Processor time", [len(TALKING_STEPS) - 1, len(SILENT_STEPS) - 1]),
        ("Memory", [len(TALKING_STEPS) - 1, len(SILENT_STEPS) - 1]),
    ],
)
def test_a_plot_has_a_point_for_every_step(title: str, points: list[int]) -> None:
    lines = _lines(_figure(_read(page(figures())), title))
    assert [len(list(line.iter("circle"))) for line in lines] == points
    assert [len(line.find("polyline").get("points", "").split()) for line in lines] == points  # type: ignore[union-attr]


def test_every_plot_says_what_it_shows_and_has_its_figures_in_a_table() -> None:
    report = _read(page(figures()))
    names: list[str] = []
    drawn = list(report.iter("figure"))
    for figure in drawn:
        (drawing,) = figure.iter("svg")
        assert drawing.get("role") == "img"
        labels = drawing.get("aria-labelledby", "").split()
        assert [e.get("id") for e in drawing.iter() if e.get("id")] == labels
        names += labels
        assert len(list(figure.iter("tr"))) > 1
    assert len(drawn) == len(_SVG_PLOTS) + 1
    assert len(set(names)) == len(names)


def test_the_waterfall_has_the_stages_in_the_order_in_which_they_end() -> None:
    figure = _figure(_read(page(figures())), "The gap with embedded engines")
    stages = [row[0].text for row in figure.iter("tr")][1:]
    assert stages == [
        *("transcript final", "first token", "turn judged over"),
        *("first unit synthesised", "first sound sent"),
    ]


def test_it_says_which_targets_were_reached_missed_and_not_measured() -> None:
    report = _read(page(figures()))
    assert report.findtext("body/main/section/h2") == "3 of 4 targets reached"
    table = next(report.iter("tbody"))
    rows = {_words(row[0]): _words(row[-1]) for row in table}
    assert rows["embedded engines ready after, s"] == "✗ missed"
    assert rows["embedded engines speech end to first audible sound, ms p95"] == "✓ reached"
    assert rows["push to talk, many at once lost"] == "– not measured"
    assert list(rows) == [" ".join(target.path) for target in TARGETS]


def test_a_part_of_a_run_makes_a_page_too() -> None:
    alone = {"run": figures()["run"], "many calls at once": "not measured: there is one core"}
    report = _read(page(alone))
    assert "not measured: there is one core" in _words(report)
    assert list(report.iter("figure")) == []
