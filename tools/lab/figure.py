"""Line charts as SVG: a page of small panels that needs nothing from outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 460, 300
"""Of a panel [px]."""

LEFT, TOP, RIGHT, BOTTOM = 52, 30, 110, 40
"""Margins of a panel [px]; names of lines stand at the right."""

COLOURS = ("#1b6ca8", "#d1792c", "#4a8f3c", "#8a4fa3", "#b3261e", "#3a8f8f", "#777777")


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined in their order.

    Attributes:
        broken: for what is expected beside what was measured.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines over one pair of axes.

    Attributes:
        dots: whether points are marked. log: whether x is drawn by its logarithm.
    """

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    dots: bool = True
    log: bool = False


def drawn(panels: Sequence[Panel]) -> str:
    """The page, two panels a row."""
    columns = min(len(panels), 2)
    rows = math.ceil(len(panels) / 2)
    body = [
        f'<g transform="translate({(n % 2) * WIDTH} {(n // 2) * HEIGHT})">{_panel(panel)}</g>'
        for n, panel in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * WIDTH} {rows * HEIGHT}" '
        'font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(body)}</svg>\n'
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    """From values to pixels."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        low, high, here = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (self.end - self.start) * (here - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round values, four to eight of them; doublings where it is logarithmic."""
        if self.log:
            exponents = range(math.ceil(math.log2(self.low)), math.floor(math.log2(self.high)) + 1)
            return [2.0**n for n in exponents]
        rough = (self.high - self.low) / 5.0
        size = 10.0 ** math.floor(math.log10(rough))
        step = size * min((1, 2, 5, 10), key=lambda factor: abs(factor * size - rough))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]


def _axes(panel: Panel) -> tuple[_Axis, _Axis]:
    x = [value for line in panel.lines for value in line.x]
    y = [0.0, *(value for line in panel.lines for value in line.y)]
    across = _Axis(min(x), max(x), LEFT, WIDTH - RIGHT, panel.log)
    return across, _Axis(min(y), max(y) * 1.04 or 1.0, HEIGHT - BOTTOM, TOP)


def _panel(panel: Panel) -> str:
    across, up = _axes(panel)
    bottom, right, middle = HEIGHT - BOTTOM, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2
    parts = [
        f'<text x="{LEFT}" y="16" font-size="13" font-weight="bold">{escape(panel.title)}</text>',
        f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(panel.x)}</text>',
        f'<text x="{LEFT}" y="{TOP - 3}" fill="#555">{escape(panel.y)}</text>',
        f'<line x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}" stroke="#222"/>',
    ]
    for value in up.ticks():
        y = up.at(value)
        parts.append(
            f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4e4e4"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.6g}</text>'
        )
    for value in across.ticks():
        x = across.at(value)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{value:.6g}</text>')
    lines = enumerate(panel.lines)
    return "".join(parts + [_line(line, n, panel.dots, across, up) for n, line in lines])


def _line(line: Line, number: int, dots: bool, across: _Axis, up: _Axis) -> str:
    colour = COLOURS[number % len(COLOURS)]
    points = [(across.at(x), up.at(y)) for x, y in zip(line.x, line.y, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = ' stroke-dasharray="5 4"' if line.broken else ""
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{colour}"/>' for x, y in points
    )
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>'
        f"{marks if dots else ''}"
        f'<text x="{WIDTH - RIGHT + 8}" y="{TOP + 12 + 15 * number}" fill="{colour}">'
        f"{escape(line.name)}</text>"
    )
