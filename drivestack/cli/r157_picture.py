"""`safety r157-grid --out FILE`: curves over the price at each latency, as a page or a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drivestack.core.errors import InputError

if TYPE_CHECKING:
    from drivestack.report.price_curves import Panel, Point
    from drivestack.safety.r157.grid import Grid, Row

LATENCIES = (0.1, 0.3, 0.75)
"""Of the figure [s]: those of the grid's goals (`r157_what_if.md`, 10)."""

PRICES = (math.inf, 3.0, 2.0, 1.5, 1.0, 0.5, 0.3, 0.1)
"""Of the figure, in collisions; infinite: the certain rule."""


def check(path: Path | None) -> None:
    """Refuse what cannot be written before anything is driven; raises InputError."""
    if path is None:
        return
    if path.suffix not in (".svg", ".html"):
        raise InputError(f"--out: {path} must end in .svg or .html")
    if not path.resolve().parent.is_dir():
        raise InputError(f"--out: there is no folder {path.resolve().parent}")


def write_picture(path: Path, grid: Grid, persistence: int) -> None:
    """Write the figure of one profile; `check` has passed its name."""
    from drivestack.report.price_curves import drawn, page
    from drivestack.sim.files import write_text

    panels = panels_of(grid, persistence)
    heading = "Cut-ins of UN R157: what a needless brake buys"
    write_text(path, drawn(panels) if path.suffix == ".svg" else page(panels, heading))


def panels_of(grid: Grid, persistence: int) -> list[Panel]:
    """Both ranges beside each other, latency as delay above latency as timer."""
    from drivestack.report.price_curves import Curve, Panel
    from drivestack.safety.r157.comparison import LATENCY_MODELS, curve, reaction_of, reference_rows
    from drivestack.safety.r157.driven import Model
    from drivestack.safety.r157.grid import bound_of
    from drivestack.safety.r157.what_if import WhatIf

    rule = WhatIf(persistence=float(persistence))
    beside = list(reference_rows(grid, (Model.RSS, Model.FSM)))
    panels = []
    for model in LATENCY_MODELS:
        curves: tuple[list[Curve], list[Curve]] = ([], [])
        for latency in LATENCIES:
            reaction = reaction_of(latency, model)
            rows, bound = list(curve(PRICES, rule, reaction, grid)), bound_of(grid, reaction)
            for place, left in enumerate((bound.low, bound.high)):
                curves[place].append(Curve(f"{latency:g} s", _points(rows, place), left))
        panels += [
            Panel(f"{part.cases.name} speed, latency as {model}", curves[place],
                  _points(beside, place))
            for place, part in enumerate(grid.ranges)
        ]  # fmt: skip
    return panels


def _points(rows: Sequence[Row], place: int) -> list[Point]:
    from drivestack.report.price_curves import Point

    found = [(row.driver, (row.low, row.high)[place]) for row in rows]
    return [Point(100.0 * one.needless_share, one.collisions, name) for name, one in found]
