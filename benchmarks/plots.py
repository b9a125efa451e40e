"""Plots as SVG, drawn without a script: their colours and fonts come from the page around them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

import msgspec

_WIDTH, _HEIGHT = 560.0, 270.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 18.0, 44.0
_LINES = 5
"""About so many horizontal lines a plot has."""
_ROW, _NAMES, _FIGURE = 34.0, 156.0, 40.0
"""Of a waterfall: the height of a stage, and the room for what stands before and after it."""


class Series(msgspec.Struct, frozen=True):
    name: str
    points: tuple[tuple[float, float], ...]


class Plot(msgspec.Struct, frozen=True):
    """Lines over one axis; `limits` are drawn across, each with what it says."""

    title: str
    across: str
    up: str
    series: tuple[Series, ...]
    limits: tuple[tuple[str, float], ...] = ()


class Bar(msgspec.Struct, frozen=True):
    """A stage of a waterfall, from one moment to another; `late` is when it ends at worst."""

    name: str
    begin: float
    end: float
    late: float


def line_plot(plot: Plot, name: str) -> str:
    """`name` is for what refers to this plot, and unique in its page."""
    points = [point for series in plot.series for point in series.points]
    highest = max([y for _, y in points] + [limit for _, limit in plot.limits])
    step = round_step(highest)
    top = step * math.ceil(highest * 1.05 / step)
    right = max(x for x, _ in points)

    def x_of(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / right

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top

    parts = [_grid_line(y_of(tick), tick, step) for tick in _ticks(top, step)]
    parts += [_tick_across(x_of(x)) + _label(x_of(x), x) for x in _legible(points, x_of)]
    parts += [
        _limit(y_of(limit), says, _is_free_at_left(plot, limit)) for says, limit in plot.limits
    ]
    for number, series in enumerate(plot.series):
        parts.append(_series(series, number, x_of, y_of))
    parts.append(
        f'<text class="axis" x="{(_LEFT + _WIDTH - _RIGHT) / 2:.0f}" y="{_HEIGHT - 6:.0f}" '
        f'text-anchor="middle">{escape(plot.across)}</text>'
    )
    return _svg(_HEIGHT, name, plot.title, f"{plot.up} by {plot.across}.", parts)


def waterfall(bars: Sequence[Bar], title: str, name: str) -> str:
    last = max(bar.late for bar in bars)
    step = round_step(last)
    right = step * math.ceil(last / step)
    bottom = _ROW * len(bars)

    def x_of(value: float) -> float:
        return _NAMES + (_WIDTH - _NAMES - _FIGURE) * value / right

    parts = []
    for tick in _ticks(right, step):
        parts.append(
            f'<line class="grid" x1="{x_of(tick):.1f}" x2="{x_of(tick):.1f}" y1="0" '
            f'y2="{bottom:.0f}"/><text class="tick" x="{x_of(tick):.1f}" y="{bottom + 18:.0f}" '
            f'text-anchor="middle">{_number(tick, step)}</text>'
        )
    for number, bar in enumerate(bars):
        parts.append(_bar(bar, number * _ROW, x_of))
    parts.append(
        f'<text class="axis" x="{x_of(right / 2):.0f}" y="{bottom + 38:.0f}" '
        'text-anchor="middle">ms since the end of speech</text>'
    )
    description = "The stages one below the other, each from when it could begin to its end."
    return _svg(bottom + 46, name, title, description, parts)


def round_step(highest: float) -> float:
    """The distance of the lines: 1, 2 or 5 times a power of ten."""
    rough = max(highest, 1e-6) / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def _ticks(top: float, step: float) -> list[float]:
    return [step * number for number in range(round(top / step) + 1)]


def _number(value: float, step: float) -> str:
    return f"{value:.{max(0, -math.floor(math.log10(step)))}f}"


def _legible(points: Sequence[tuple[float, float]], x_of: Callable[[float], float]) -> list[float]:
    """Those places whose figures do not run into each other."""
    chosen: list[float] = []
    for x in sorted({x for x, _ in points}):
        if not chosen or x_of(x) - x_of(chosen[-1]) >= 26:
            chosen.append(x)
    return chosen


def _grid_line(y: float, tick: float, step: float) -> str:
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
        f"{_number(tick, step)}</text>"
    )


def _tick_across(x: float) -> str:
    y = _HEIGHT - _BOTTOM
    return f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 5}"/>'


def _label(x: float, value: float) -> str:
    y = _HEIGHT - _BOTTOM + 18
    return f'<text class="tick" x="{x:.1f}" y="{y}" text-anchor="middle">{value:g}</text>'


def _is_free_at_left(plot: Plot, limit: float) -> bool:
    """Whether the lines begin farther from this limit than they end."""
    first, last = (
        min(abs(series.points[end][1] - limit) for series in plot.series) for end in (0, -1)
    )
    return first >= last


def _limit(y: float, says: str, at_left: bool) -> str:
    x, anchor = (_LEFT, "start") if at_left else (_WIDTH - _RIGHT, "end")
    return (
        f'<line class="limit" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="limit-name" x="{x}" y="{y - 6:.1f}" text-anchor="{anchor}">'
        f"{escape(says)}</text>"
    )


def _series(
    series: Series,
    number: int,
    x_of: Callable[[float], float],
    y_of: Callable[[float], float],
) -> str:
    places = [(x_of(x), y_of(y), x, y) for x, y in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in places)
    dots = "".join(
        f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
        f"<title>{escape(series.name)} at {at:g}: {value:g}</title></circle>"
        for x, y, at, value in places
    )
    return f'<g class="series s{number}"><polyline points="{path}"/>{dots}</g>'


def _bar(bar: Bar, y: float, x_of: Callable[[float], float]) -> str:
    begin, end, late = x_of(bar.begin), x_of(bar.end), x_of(bar.late)
    middle = y + _ROW / 2
    return (
        f'<text class="stage" x="{_NAMES - 12}" y="{middle + 4:.1f}" text-anchor="end">'
        f"{escape(bar.name)}</text>"
        f'<rect class="late" x="{end:.1f}" y="{middle - 3:.1f}" width="{max(late - end, 0):.1f}" '
        f'height="6" rx="3"/>'
        f'<rect class="bar" x="{begin:.1f}" y="{middle - 10:.1f}" '
        f'width="{max(end - begin, 2):.1f}" height="20" rx="4"/>'
        f'<text class="tick" x="{late + 8:.1f}" y="{middle + 4:.1f}">{bar.end:g}</text>'
    )


def _svg(height: float, name: str, title: str, description: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-labelledby="{name}-title {name}-description">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>{"".join(parts)}</svg>'
    )
