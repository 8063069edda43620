"""The verb `safety r157-grid`: the cut-in grid of UN R157 as a table or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivestack.core.errors import InputError, nearest

from . import status
from .r157_picture import check, write_picture

if TYPE_CHECKING:
    from drivestack.core.types import Bools
    from drivestack.safety.r157.grid import Bound, Grid, Row
    from drivestack.safety.r157.noise import Noise
    from drivestack.safety.r157.what_if import Reaction, WhatIf

_HEAD = ("driver", "collisions", "needless %", "harm", "acted", "saved", "missed", "impact m/s")

KINDS = ("missed", "needless", "harm")
"""Of cases that can be listed by name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line.

    Attributes:
        latency: [s]. model: of the latency. price: of a needless brake; None: only what is certain.
        persistence: samples with motion before acting. profile: of the other's lateral motion.
        noise: deviations of the tracker as "0.05,0.05" [m, m/s]; "none". seed: of the noise.
        every: drive each so-manieth case. listed: a kind of cases to name. out: a picture to
        write. stack: who drives through the engine's world too. workers: processes for it.
    """

    latency: float
    model: str
    price: float | None
    persistence: int
    profile: str
    noise: str
    seed: int
    every: int
    listed: str | None
    out: Path | None
    stack: str | None
    workers: int


def grid_and_show(asked: Asked, as_json: bool) -> int:
    """Drive the grid by all drivers and show what came of it; returns the exit status."""
    from drivestack.safety.r157.comparison import (
        PRICES,
        curve,
        reaction_of,
        reference_rows,
        shifting_rows,
        what_if_row,
    )
    from drivestack.safety.r157.grid import bound_of, grid_of
    from drivestack.safety.r157.what_if import WhatIf

    if asked.price is not None and not asked.price >= 0.0:
        raise InputError(f"--price must be at least 0, got {asked.price:g}")
    if asked.listed is not None and asked.listed not in KINDS:
        raise InputError(f"--list: {nearest(asked.listed, KINDS)}")
    check(asked.out)
    if asked.stack is not None:
        _check_stack(asked.stack)
    noise = _noise(asked)
    reaction, grid = reaction_of(asked.latency, asked.model), grid_of(asked.profile, asked.every)
    price = math.inf if asked.price is None else asked.price
    rule = WhatIf(price=price, persistence=float(asked.persistence))
    own = what_if_row(rule, reaction, grid)
    prices = [other for other in PRICES if other != price]
    rows = [*reference_rows(grid), *curve(prices, rule, reaction, grid)]
    beyond = list(shifting_rows(rule, reaction, grid))
    bound = bound_of(grid, reaction)
    noisy = [] if noise is None else _noisy(noise, rule, reaction, grid)
    through = [] if asked.stack is None else _through(asked.stack, grid, asked.workers)
    if asked.out is not None:
        write_picture(asked.out, grid, asked.persistence)
    if as_json:
        print(
            json.dumps(
                _facts(own, [*rows, *beyond, *through], bound, grid) | _noise_facts(noise, noisy)
            )
        )
        return status.OK
    how = f"latency {asked.latency:g} s as {asked.model}, {asked.profile}"
    cases = f"{own.low.cases:,} to 60 km/h / {own.high.cases:,} to 130"
    print(f"cut-in grid of UN R157, {cases}, {how}")
    _print([*rows, own])
    print(
        f"no braking avoids {bound.low:,} / {bound.high:,}; needless: of those safe by themselves"
    )
    print("beyond braking, which the reference models may not")
    _print(beyond)
    if through:
        print("through the engine at 20 Hz, with its plant; the other one points where it moves")
        _print(through)
    if noise is not None:
        print(f"with white noise of {noise.y:g} m and {noise.speed:g} m/s on every sample")
        _print(noisy)
    if asked.listed is not None:
        _name(asked.listed, own, grid)
    return status.OK


def _check_stack(name: str) -> None:
    """Refuse an unknown one before anything is driven; raises InputError."""
    from drivestack.sim.driver import Driver

    Driver(stack=name)


def _through(stack: str, grid: Grid, workers: int) -> list[Row]:
    from drivestack.sim.cut_ins import stack_row

    found = stack_row(stack, grid, workers)
    return [found.nobody, found.stack]


def _noise(asked: Asked) -> Noise | None:
    from drivestack.safety.r157.noise import Noise

    if asked.noise == "none":
        return None
    try:
        y, speed = (float(part) for part in asked.noise.split(","))
    except ValueError:
        y = speed = math.nan
    if not (0.001 <= y <= 1.0 and 0.001 <= speed <= 1.0):
        raise InputError(
            f"--noise: expected none, or two deviations from 0.001 to 1 such as 0.05,0.05 "
            f"[m, m/s], got '{asked.noise}'"
        )
    return Noise(y, speed, asked.seed)


def _noisy(noise: Noise, rule: WhatIf, reaction: Reaction, grid: Grid) -> list[Row]:
    from drivestack.safety.r157.comparison import (
        NOISY_PRICES,
        noisy_curve,
        noisy_references,
        seen_through,
    )

    seen = seen_through(noise, grid)
    prices = [rule.price] if math.isfinite(rule.price) else []
    prices += [other for other in NOISY_PRICES if other != rule.price]
    return [
        *noisy_references(seen, reaction, grid),
        *noisy_curve(prices, seen, noise, rule, reaction, grid),
    ]


def _facts(own: Row, rows: list[Row], bound: Bound, grid: Grid) -> dict[str, object]:
    return {
        "low": asdict(own.low),
        "high": asdict(own.high),
        "unavoidable": asdict(bound),
        "drivers": _by_driver([*rows, own]),
        "named": {kind: _names(kind, own, grid) for kind in KINDS},
    }


def _noise_facts(noise: Noise | None, rows: list[Row]) -> dict[str, object]:
    return {"noise": None if noise is None else asdict(noise) | {"drivers": _by_driver(rows)}}


def _by_driver(rows: Sequence[Row]) -> dict[str, object]:
    return {row.driver: {"low": asdict(row.low), "high": asdict(row.high)} for row in rows}


def _names(kind: str, row: Row, grid: Grid) -> dict[str, Sequence[str]]:
    from drivestack.safety.r157.grid import named

    return {
        part.cases.name: named(part, _which(kind, row, place, part.needed))
        for place, part in enumerate(grid.ranges)
    }


def _which(kind: str, row: Row, place: int, needed: Bools) -> Bools:
    from drivestack.safety.r157.driven import Strike

    found = row.outcomes[place]
    if kind == "missed":
        return needed & ~(found.braked | found.evaded)
    if kind == "needless":
        return found.braked & ~needed
    return (found.strike != Strike.NONE) & ~needed


def _name(kind: str, row: Row, grid: Grid) -> None:
    print(f"{kind} by {row.driver}: speeds of ego and other [km/h], gap [m], lateral speed [m/s]")
    for place, names in _names(kind, row, grid).items():
        print(f"{place}: {', '.join(names) or 'none'}")


def _print(rows: Sequence[Row]) -> None:
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[c]) for line in cells) for c in range(len(_HEAD))]
    for line in cells:
        first, *rest = (text.rjust(width) for text, width in zip(line, widths, strict=True))
        print(line[0].ljust(len(first)), *rest, sep="  ")


def _cells(row: Row) -> tuple[str, ...]:
    pair = (row.low, row.high)
    counts = (
        " / ".join(f"{getattr(one, name):,}" for one in pair)
        for name in ("collisions", "harm", "acted", "saved", "missed")
    )
    collisions, harm, acted, saved, missed = counts
    needless = " / ".join(f"{100.0 * one.needless_share:.1f}" for one in pair)
    impact = " / ".join(f"{one.impact:.1f}" for one in pair)
    return row.driver, collisions, needless, harm, acted, saved, missed, impact
