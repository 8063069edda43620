"""All drivers of the cut-in grid beside each other, at one latency."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from drivestack.core.errors import InputError, nearest

from .cases import STEP, CutIns, Sideways, high, low, ramps, sinusoids
from .driven import Model, Outcomes, drive
from .judged import Judged, avoidable, judged, needed
from .what_if import MOST_DELAY, Reaction, WhatIf, drive_by_what_if

PROFILES: dict[str, Callable[[], Sideways]] = {
    "ramp": ramps,
    "slow-ramp": lambda: ramps(0.75),
    "fast-ramp": lambda: ramps(3.0),
    "sinusoid": sinusoids,
}
"""How the other one moves aside; the first is the grid's own."""

LATENCY_MODELS = ("delay", "timer")

PRICES = (math.inf, 3.0, 2.0, 1.0, 0.3)
"""Of a needless brake, in collisions, for the curve; infinite: the certain rule."""


@dataclass(frozen=True, slots=True)
class Row:
    """A driver in both ranges of the grid."""

    driver: str
    low: Judged
    high: Judged


@dataclass(frozen=True, slots=True)
class Bound:
    """Cases of both ranges that no braking avoids after the latency."""

    low: int
    high: int


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


def profile_of(name: str) -> Sideways:
    """A profile by name; raises InputError."""
    if name not in PROFILES:
        raise InputError(f"--profile: {nearest(name, PROFILES)}")
    return PROFILES[name]()


def what_if_row(rule: WhatIf, reaction: Reaction, sideways: Sideways) -> Row:
    """The what-if rule in both ranges."""
    name = "what-if, certain" if rule.price == math.inf else f"what-if, price {rule.price:g}"
    return _row(name, sideways, lambda cases: drive_by_what_if(cases, sideways, rule, reaction))


def reference_rows(sideways: Sideways) -> Iterator[Row]:
    """Nobody, and the reference models, each with its own reaction time."""
    for model in Model:
        yield _row(
            model.name.lower(), sideways, lambda cases, model=model: drive(cases, sideways, model)
        )


def curve(
    prices: Sequence[float], rule: WhatIf, reaction: Reaction, sideways: Sideways
) -> Iterator[Row]:
    """The rule at several prices."""
    for price in prices:
        yield what_if_row(replace(rule, price=price), reaction, sideways)


def bound_of(reaction: Reaction, sideways: Sideways) -> Bound:
    """What no braking avoids after the latency."""
    delay = max(reaction.delay, reaction.timer)
    left = [int((~avoidable(make(), sideways, delay)).sum()) for make in (low, high)]
    return Bound(*left)


def _row(name: str, sideways: Sideways, drive_all: Callable[[CutIns], Outcomes]) -> Row:
    found = []
    for make in (low, high):
        cases = make()
        found.append(judged(drive_all(cases), needed(cases, sideways)))
    return Row(name, *found)
