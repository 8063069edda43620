"""All drivers of the cut-in grid beside each other, at one latency."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from drivestack.core.errors import InputError, nearest

from .belief import Tracker
from .cases import STEP
from .driven import Model, drive
from .expected import drive_by_belief
from .grid import Grid, Row, row_of
from .losses import Expected
from .noise import Noise, Seen, measured, smoothed
from .what_if import MOST_DELAY, Reaction, WhatIf, drive_by_what_if

LATENCY_MODELS = ("delay", "timer")

PRICES = (math.inf, 3.0, 2.0, 1.0, 0.3)
"""Of a needless brake, in collisions, for the curve; infinite: the certain rule."""

NOISY_PRICES = (3.0, 2.0, 1.0, 0.3)
"""Under noise nothing is certain."""

WEIGHT = 0.5
"""Of the newest sample, in the filter that reference drivers read noise through
(`r157_what_if.md`, 7, at 0.05 m)."""

LATE = 5.0
"""Of the certain rule that takes filtered values for the truth [samples]; same source."""


def reaction_of(latency: float, model: str) -> Reaction:
    """A latency [s] as a delay of commands, or as a time of attention before the first.

    Raises:
        InputError: there is no such model, or the latency is out of range.
    """
    if model not in LATENCY_MODELS:
        raise InputError(f"--latency-model: {nearest(model, LATENCY_MODELS)}")
    most = MOST_DELAY * STEP
    if not 0.0 <= latency <= most:
        raise InputError(f"--latency must be from 0 to {most:g} s, got {latency:g}")
    samples = math.ceil(latency / STEP - 1e-9)
    return Reaction(delay=samples) if model == "delay" else Reaction(timer=samples)


SHIFT = 0.8
"""Inside a lane of 3.5 m [m], and how an ego may speed up [m/s2] (`r157_what_if.md`, 8)."""

SURGE = 2.5

SHIFT_PRICE = 2.0
"""At which rows with a shift are shown besides what is certain: needless brakes below 1 %."""


def what_if_row(rule: WhatIf, reaction: Reaction, grid: Grid) -> Row:
    """The what-if rule that sees the truth."""
    name = "what-if, "
    if rule.shift > 0.0:
        name += "shift and speed up, " if rule.surge > 0.0 else "shift, "
    name += "certain" if rule.price == math.inf else f"price {rule.price:g}"
    return row_of(
        name,
        grid,
        lambda r: drive_by_what_if(grid.ranges[r].cases, grid.sideways, rule, reaction),
    )


def reference_rows(
    grid: Grid, models: Sequence[Model] = tuple(Model), seen: Sequence[Seen | None] = (None, None)
) -> Iterator[Row]:
    """Nobody, and the reference models, each with its own reaction time."""
    for model in models:
        yield row_of(
            model.name.lower(),
            grid,
            lambda r, model=model: drive(
                grid.ranges[r].cases, grid.sideways, model, seen=seen[r]
            ),
        )  # fmt: skip


def curve(prices: Sequence[float], rule: WhatIf, reaction: Reaction, grid: Grid) -> Iterator[Row]:
    """The rule at several prices."""
    for price in prices:
        yield what_if_row(replace(rule, price=price), reaction, grid)


def shifting_rows(rule: WhatIf, reaction: Reaction, grid: Grid) -> Iterator[Row]:
    """The rule where it may also shift inside its lane, and where it may clear forward too."""
    for price in dict.fromkeys((rule.price, SHIFT_PRICE)):
        for surge in (0.0, SURGE):
            yield what_if_row(replace(rule, price=price, shift=SHIFT, surge=surge), reaction, grid)


def seen_through(noise: Noise, grid: Grid) -> list[Seen]:
    """What a tracker gives in both ranges."""
    return [measured(part.cases, grid.sideways, noise) for part in grid.ranges]


def noisy_references(seen: Sequence[Seen], reaction: Reaction, grid: Grid) -> Iterator[Row]:
    """RSS, FSM and the certain rule, who take filtered values for the truth."""
    known = [smoothed(part, WEIGHT) for part in seen]
    yield from reference_rows(grid, (Model.RSS, Model.FSM), known)
    rule = WhatIf(late=LATE, unlikely=2.0)  # by ramps alone: noise hides what tells them apart
    yield row_of(
        "what-if, certain",
        grid,
        lambda r: drive_by_what_if(grid.ranges[r].cases, grid.sideways, rule, reaction, known[r]),
    )


def noisy_curve(
    prices: Sequence[float], seen: Sequence[Seen], noise: Noise, rule: WhatIf, reaction: Reaction,
    grid: Grid,
) -> Iterator[Row]:  # fmt: skip
    """The rule by expected loss over what is believed, at several prices."""
    tracker = Tracker(y=noise.y, speed=noise.speed)
    for price in prices:
        own = replace(rule, price=price)
        yield row_of(
            f"what-if, expected loss, price {price:g}",
            grid,
            lambda r, own=own: drive_by_belief(
                grid.ranges[r].cases, grid.sideways, seen[r], own, Expected(), tracker, reaction
            ),
        )
