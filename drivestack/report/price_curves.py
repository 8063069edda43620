"""What a needless brake buys on the cut-in grid: curves over its price, as one picture (SVG).

Four panels: both ranges of the grid, latency as delay and as timer. A curve is a latency, a point a
price; the broken line of the same colour is what no braking avoids; the reference models stand
beside, at the edge where they brake more often than the panel shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 460, 320
"""Of a panel [px]."""

LEFT, TOP, RIGHT, BOTTOM = 56, 34, 16, 42
"""Margins of a panel [px]."""

COLOURS = ("#1b6ca8", "#d1792c", "#4a8f3c", "#8a4fa3", "#777777")

MOST_NEEDLESS = 12.0
"""Right edge of a panel [%]."""


@dataclass(frozen=True, slots=True)
class Point:
    """A driver: needless brakes [% of the safe cases], collisions, and what stands beside it."""

    needless: float
    collisions: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The rule at one latency, at several prices; and what no braking avoids then."""

    name: str
    points: Sequence[Point]
    bound: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One range of the grid under one reading of latency."""

    title: str
    curves: Sequence[Curve]
    beside: Sequence[Point]


def drawn(panels: Sequence[Panel]) -> str:
    """The picture, two panels a row; it needs nothing from outside."""
    rows = (len(panels) + 1) // 2
    body = [
        f'<g transform="translate({(n % 2) * WIDTH} {(n // 2) * HEIGHT})">{_panel(panel)}</g>'
        for n, panel in enumerate(panels)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {rows * HEIGHT}" '
        'font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{"".join(body)}</svg>\n'
    )


def page(panels: Sequence[Panel], heading: str) -> str:
    """The picture as a page of its own."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(heading)}</title>'
        f'<body style="font-family:sans-serif;max-width:62rem;margin:1rem auto">'
        f"<h1>{escape(heading)}</h1><p>{escape(' '.join((__doc__ or '').split()))}</p>"
        f"{drawn(panels)}</body></html>\n"
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    most: float

    def x(self, needless: float) -> float:
        inner = WIDTH - LEFT - RIGHT
        return LEFT + inner * min(needless, MOST_NEEDLESS) / MOST_NEEDLESS

    def y(self, collisions: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * collisions / self.most


def _panel(panel: Panel) -> str:
    known = [p.collisions for curve in panel.curves for p in curve.points]
    scale = _Scale(1.08 * max([*known, *(p.collisions for p in panel.beside), 1.0]))
    parts = [_axes(panel.title, scale)]
    for n, curve in enumerate(panel.curves):
        parts.append(_curve(curve, COLOURS[n % len(COLOURS)], scale, 50 * n))
    for point in panel.beside:
        x, y = scale.x(point.needless), scale.y(point.collisions)
        over = f" ({point.needless:.0f} %)" if point.needless > MOST_NEEDLESS else ""
        parts.append(
            f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="#222"/>'
            f'<text x="{x - 6:.1f}" y="{y - 6:.1f}" text-anchor="end">'
            f"{escape(point.label)}{over}</text>"
        )
    return "".join(parts)


def _axes(title: str, scale: _Scale) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    step = 100 if scale.most < 700 else 250
    lines = [
        f'<line x1="{LEFT}" x2="{right}" y1="{scale.y(v):.1f}" y2="{scale.y(v):.1f}" '
        f'stroke="#e4e4e4"/><text x="{LEFT - 6}" y="{scale.y(v) + 4:.1f}" '
        f'text-anchor="end">{v:,}</text>'
        for v in range(0, int(scale.most), step)
    ]
    lines += [
        f'<text x="{scale.x(v):.1f}" y="{bottom + 15}" text-anchor="middle">{v}</text>'
        for v in range(0, int(MOST_NEEDLESS) + 1, 2)
    ]
    return (
        f'<text x="{LEFT}" y="18" font-size="13" font-weight="bold">{escape(title)}</text>'
        f"{''.join(lines)}"
        f'<line x1="{LEFT}" x2="{right}" y1="{bottom}" y2="{bottom}" stroke="#222"/>'
        f'<text x="{(LEFT + right) / 2}" y="{bottom + 31}" text-anchor="middle">'
        "needless brakes, % of the safe cases</text>"
        f'<text x="{LEFT + 4}" y="{TOP - 4}">collisions</text>'
    )


def _curve(curve: Curve, colour: str, scale: _Scale, along: int) -> str:
    right = WIDTH - RIGHT
    path = " ".join(f"{scale.x(p.needless):.1f},{scale.y(p.collisions):.1f}" for p in curve.points)
    dots = "".join(
        f'<circle cx="{scale.x(p.needless):.1f}" cy="{scale.y(p.collisions):.1f}" r="2.6" '
        f'fill="{colour}"><title>{escape(p.label)}: {p.collisions:,.0f} collisions, '
        f"{p.needless:.1f} % needless</title></circle>"
        for p in curve.points
    )
    bound = scale.y(curve.bound)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}'
        f'<line x1="{LEFT}" x2="{right}" y1="{bound:.1f}" y2="{bound:.1f}" stroke="{colour}" '
        'stroke-dasharray="5 4"/>'
        f'<text x="{LEFT + 205 + along}" y="18" fill="{colour}">'
        f"{escape(curve.name)}</text>"
    )
