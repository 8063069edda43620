"""One moment of an episode as a picture, for videos; the same data as in the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.geometry import corners
from drivestack.core.types import Floats

from .reading import Columns
from .replay import Replay

SIZE = 1280, 720
_FINE = 2
"""Pictures are drawn this many times as large and then reduced: smooth edges."""

METRES = 130.0
"""Seen across the picture [m]."""

_PAPER, _ROAD, _EDGE, _LINE = "#eef0ee", "#dcdfe1", "#8d949c", "#ffffff"
_EGO, _OTHER, _INK, _MUTED = "#1b62c9", "#ffffff", "#1d2126", "#6a717b"
_ROUTE, _PREDICTION, _WARN, _BAD = "#cfe0c4", "#d9730d", "#b25e09", "#b3261e"
_LIGHTS = {
    "red": "#d32f2f", "red_yellow": "#e8731a", "yellow": "#e3b505", "green": "#2e9d4f",
    "inactive": "#8d949c",
}  # fmt: skip
_Colour = str | tuple[int, ...]
_LOW = np.array([0xB9, 0xA3, 0xC4])
_HIGH = np.array([0x1B, 0x62, 0xC9])


@dataclass(slots=True, eq=False)
class Picture:
    """Draws an episode tick by tick.

    Attributes:
        of: the episode. map: rows of its map.
    """

    of: Replay
    map: Columns
    _draw: Any = None
    _middle: Floats = None  # pyright: ignore[reportAssignmentType]

    def at(self, place: int) -> NDArray[np.uint8]:
        """(height, width, 3) of a tick, counted from the episode's first."""
        from PIL import Image, ImageDraw  # pyright: ignore[reportMissingImports]

        image = Image.new("RGB", (SIZE[0] * _FINE, SIZE[1] * _FINE), _PAPER)
        self._draw = ImageDraw.Draw(image)
        ticks = self.of.ticks
        self._middle = np.array([ticks["x"][place], ticks["y"][place]])
        tick = int(ticks["tick"][place])
        self._road()
        self._considered(tick)
        for line in self.of.stop_lines():
            self._line(np.array(line.ends), _LIGHTS[line.colour(tick)], 5.0)
        self._bodies(place, tick)
        self._words(place, tick)
        return np.asarray(image.reduce(_FINE))

    def _pixels(self, points: Floats) -> list[tuple[float, float]]:
        """Places in the picture; y goes up, so that left is left."""
        wide, high = SIZE[0] * _FINE, SIZE[1] * _FINE
        scale = wide / METRES
        apart = (points - self._middle) * scale
        return [(float(wide / 2 + x), float(high / 2 - y)) for x, y in apart]

    def _line(self, points: Floats, colour: _Colour, width: float) -> None:
        if len(points) > 1:
            self._draw.line(self._pixels(points), colour, round(width * _FINE), joint="curve")

    def _road(self) -> None:
        map = self.map
        for lane in np.unique(map["lane"]):
            rows = map["lane"] == lane
            left, right = (np.stack([map[f"{side}_x"][rows], map[f"{side}_y"][rows]], axis=-1)
                           for side in ("left", "right"))  # fmt: skip
            self._draw.polygon(self._pixels(np.concatenate([left, right[::-1]])), _ROAD)
        for lane in np.unique(map["lane"]):
            rows = map["lane"] == lane
            for side in ("left", "right"):
                line = np.stack([map[f"{side}_x"][rows], map[f"{side}_y"][rows]], axis=-1)
                beside = bool(map[f"{side}_beside"][rows][0])
                self._line(line, _LINE if beside else _EDGE, 1.2)

    def _considered(self, tick: int) -> None:
        """Route, candidates, plan and prediction in force."""
        of = self.of
        began = of.routes["tick"][of.routes["tick"] <= tick]
        if len(began):
            rows = of.routes["tick"] == began[-1]
            points = np.stack([of.routes["x"][rows], of.routes["y"][rows]], axis=-1)
            self._line(points, _ROUTE, 10.0)
        before = np.flatnonzero(of.plans["tick"] <= tick)
        if len(before) == 0:
            return
        plan = int(before[-1])
        self._candidates(np.flatnonzero(of.candidates["tick"] == of.plans["tick"][plan]))
        ahead = np.concatenate([self._middle[None], _points(of.plans, "", plan)])
        self._line(ahead, _EGO, 4.0)
        for x, y in self._pixels(_points(of.plans, "predicted_", plan)):
            self._dot(x, y, 2.5, _PREDICTION)

    def _candidates(self, rows: NDArray[np.intp]) -> None:
        made = self.of.candidates
        rows = rows[made["valid"][rows].astype(bool)]
        if len(rows) == 0:
            return
        total = made["total"][rows].astype(float)
        share = (total - total.min()) / max(float(np.ptp(total)), 1e-9)
        for i in np.argsort(total):
            mix = np.round(_LOW + share[i] * (_HIGH - _LOW)).astype(int).tolist()
            self._line(_points(made, "", int(rows[i])), tuple(mix), 1.2)

    def _bodies(self, place: int, tick: int) -> None:
        """Others at the frame before, moved on to this tick, then the ego."""
        of = self.of
        frame = int(np.searchsorted(of.frames, tick, side="right")) - 1
        later = min(frame + 1, len(of.frames) - 1)
        gap = max(int(of.frames[later] - of.frames[frame]), 1)
        share = (tick - int(of.frames[frame])) / gap
        for agent in np.flatnonzero(of.present[frame]):
            state = of.agents[frame, agent]
            if of.present[later, agent]:
                moved = (of.agents[later, agent] - state) * share
                moved[2] = (moved[2] + np.pi) % (2.0 * np.pi) - np.pi
                state = state + moved
            self._box(state[:3], of.size[agent], _OTHER, _INK)
        own = np.array([of.row["ego_length"], of.row["ego_width"]])
        pose = of.ego_at(of.ticks["tick"][place : place + 1])[0]
        self._box(pose, own, _EGO, _BAD if of.ticks["contact"][place] else _INK)

    def _box(self, pose: Floats, size: Floats, fill: str, edge: str) -> None:
        outline = self._pixels(corners(pose[None], size[None])[0])
        self._draw.polygon(outline, fill, edge, round(1.5 * _FINE))
        nose = np.array([[0.18, -0.3], [0.32, 0.0], [0.18, 0.3]]) * size
        c, s = np.cos(pose[2]), np.sin(pose[2])
        self._line(pose[:2] + nose @ np.array([[c, s], [-s, c]]), edge, 1.5)

    def _dot(self, x: float, y: float, radius: float, fill: str) -> None:
        r = radius * _FINE
        self._draw.ellipse((x - r, y - r, x + r, y + r), fill)

    def _words(self, place: int, tick: int) -> None:
        of, ticks = self.of, self.of.ticks
        row = of.row
        self._text(24, 18, f"{row['scenario']}", _INK, 22)
        clock = f"{tick * row['dt']:.2f} s   tick {tick}"
        speed = f"{ticks['v'][place]:.1f} m/s   {ticks['accel'][place]:+.1f} m/s2"
        self._text(24, 50, f"{clock}   {speed}", _MUTED, 18)
        acting = str(ticks["filtering"][place])
        if ticks["decided"][place] and acting != "passed":
            why = f"{acting} {ticks['check'][place]}".replace("_", " ")
            self._text(24, 80, f"safety layer: {why}", _WARN, 20)
        if ticks["contact"][place]:
            self._text(24, 108, "contact", _BAD, 20)

    def _text(self, x: float, y: float, words: str, fill: str, size: float) -> None:
        from PIL import ImageFont  # pyright: ignore[reportMissingImports]

        font = ImageFont.load_default(size * _FINE)
        self._draw.text((x * _FINE, y * _FINE), words, fill, font)


def _points(columns: Columns, prefix: str, row: int) -> Floats:
    """(S, 2) of a row with lists of x and y."""
    return np.stack([columns[f"{prefix}x"][row], columns[f"{prefix}y"][row]], axis=-1)
