"""The report as one page that needs nothing else: no script, no font and no picture from elsewhere.

Every plot has its figures in a table below it, and every figure of the run is on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.pictures import curves, stages
from benchmarks.plots import Bar, Plot, line_plot, waterfall
from benchmarks.targets import TARGETS, Target, figure_at

_STYLE = Path(__file__).with_name("page.css")


def page(figures: dict[str, Any]) -> str:
    parts = [_targets(figures), _gap(figures), _many_calls(figures), _all_figures(figures)]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>Repartee: the benchmark of {escape(str(figures["run"]["date"]))}</title>
<style>{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
{_header(figures)}
<main>
{"".join(parts)}
</main>
</body>
</html>
"""


# ---------------------------------------------------------------- the top


def _header(figures: dict[str, Any]) -> str:
    run = figures["run"]
    where = ", ".join(
        (f"{run['processor']}", f"{run['cores']} cores", f"Python {run['python']}", run["system"])
    )
    return (
        "<header><p class='name'>Repartee</p><h1>How fast it answers, and what a call costs</h1>"
        f"<p class='run'>{escape(str(run['date']))} · {escape(where)}<br/>"
        f"<code>{escape(run['command'])}</code></p>{_tiles(figures)}</header>"
    )


def _tiles(figures: dict[str, Any]) -> str:
    """The few figures that most readers came for."""
    tiles = []
    for target in TARGETS:
        figure = figure_at(figures, target.path)
        if target.headline and figure is not None:
            unit = f" <small>{target.unit}</small>" if target.unit else ""
            tiles.append(
                f"<li class='{_verdict(target, figure)}'><b>{figure:g}{unit}</b>"
                f"{target.headline}<em>target {_limit(target)}</em></li>"
            )
    return f"<ul class='tiles'>{''.join(tiles)}</ul>" if tiles else ""


# ---------------------------------------------------------------- the targets

_SIGNS = {"reached": "✓", "missed": "✗", "not measured": "–"}


def _verdict(target: Target, figure: float | None) -> str:
    if figure is None:
        return "not measured"
    return "reached" if target.is_reached_by(figure) else "missed"


def _limit(target: Target) -> str:
    return f"{'≥' if target.at_least else '≤'} {target.limit:g}"


def _place(path: Sequence[str]) -> str:
    """Where a figure is, from what it is part of to its own name."""
    return "".join(f"<i>{escape(name)}</i> " for name in path[:-1]) + escape(path[-1])


def _targets(figures: dict[str, Any]) -> str:
    rows, reached, measured = [], 0, 0
    for target in TARGETS:
        figure = figure_at(figures, target.path)
        verdict = _verdict(target, figure)
        reached += verdict == "reached"
        measured += figure is not None
        rows.append(
            (
                _place(target.path),
                "" if figure is None else f"{figure:g}",
                _limit(target),
                f"<span class='{verdict.replace(' ', '-')}'>{_SIGNS[verdict]} "
                f"<span class='word'>{verdict}</span></span>",
            )
        )
    return (
        f"<section class='targets'><h2>{reached} of {measured} targets reached</h2>"
        f"{_table(('', 'measured', 'target', ''), rows, 'What was to be reached, and what was')}"
        "</section>"
    )


# ---------------------------------------------------------------- the plots


def _gap(figures: dict[str, Any]) -> str:
    drawn = [
        _stages(engines, bars, number)
        for number, engines in enumerate(("embedded engines", "scripted engines"))
        if (bars := stages(figures, engines))
    ]
    return _section(
        "Where the gap goes",
        "Each stage from the end of the one before it to its own end, at the median; the thin "
        "line reaches to the 95th percentile. Much of the work is done ahead.",
        drawn,
    )


def _stages(engines: str, bars: Sequence[Bar], number: int) -> str:
    title = f"The gap with {engines}"
    rows = [
        (escape(bar.name), f"{bar.end - bar.begin:g}", f"{bar.end:g}", f"{bar.late:g}")
        for bar in bars
    ]
    heads = ("stage", "takes, ms", "ends at p50, ms", "ends at p95, ms")
    return _figure(title, waterfall(bars, title, f"stages-{number}"), "", heads, rows)


def _many_calls(figures: dict[str, Any]) -> str:
    drawn = [_curve(plot, f"curve-{number}") for number, plot in enumerate(curves(figures))]
    return _section(
        "Many calls at once",
        "The server has one core to itself and scripted engines, the voice detector among them: "
        "what is measured is the house alone. A caller who talks says something for a second, "
        "hears the reply to its end, and speaks again.",
        drawn,
    )


def _curve(plot: Plot, name: str) -> str:
    values = [dict(series.points) for series in plot.series]
    steps = sorted({x for series in values for x in series})
    rows = [
        (f"{step:g}", *("" if step not in v else f"{v[step]:g}" for v in values)) for step in steps
    ]
    legend = "".join(
        f"<li class='s{number}'>{escape(series.name)}</li>"
        for number, series in enumerate(plot.series)
    )
    heads = (plot.across, *(series.name for series in plot.series))
    drawing = f"<p class='up'>{escape(plot.up)}</p>{line_plot(plot, name)}"
    return _figure(plot.title, drawing, f"<ul class='legend'>{legend}</ul>", heads, rows)


def _section(title: str, says: str, drawn: Sequence[str]) -> str:
    if not drawn:
        return ""
    grid = "".join(drawn)
    return f"<section><h2>{title}</h2><p>{says}</p><div class='plots'>{grid}</div></section>"


def _figure(
    title: str, drawing: str, legend: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>{legend}{drawing}"
        f"{_table(heads, rows, title)}</figure>"
    )


# ---------------------------------------------------------------- all of it


def _all_figures(figures: dict[str, Any]) -> str:
    parts = [
        f"<details open='open'><summary>{escape(name)}</summary>{_part(name, part)}</details>"
        for name, part in figures.items()
    ]
    return f"<section><h2>All figures</h2>{''.join(parts)}</section>"


def _part(name: str, part: Any) -> str:
    if not isinstance(part, dict):
        return f"<p>{escape(str(part))}</p>"
    leaves = list(_leaves(part))
    heads = list(dict.fromkeys(key for _, leaf in leaves if isinstance(leaf, dict) for key in leaf))
    width = max(len(heads), 1)
    rows, tables = [], []
    for path, value in leaves:
        if isinstance(value, list):
            columns = list(value[-1])
            steps = [[escape(str(step.get(column, ""))) for column in columns] for step in value]
            tables.append(_table(columns, steps, f"{name}: {': '.join(path)}"))
            continue
        cells = [value.get(head, "") for head in heads] if isinstance(value, dict) else [value]
        shown = [escape(str(cell)) for cell in cells]
        rows.append([_place(path), *shown, *[""] * (width - len(shown))])
    return _table(["", *(heads or [""])], rows, name) + "".join(tables)


def _leaves(part: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Every figure with where it is; a spread and a list of steps are one."""
    for name, value in part.items():
        if isinstance(value, dict) and "p50" not in value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], says: str) -> str:
    """The first of a row says what it is about."""
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr><th scope='row'>{row[0]}</th>{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        "<div class='table'><table><caption>"
        f"{escape(says)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
