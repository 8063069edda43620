"""What demonstrations are of: moments by family, manoeuvre and speed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.tokens import Agent, Ego, Point
from drivestack.core.types import Bools

from .demonstrations import Demonstrations
from .positions import places

BANDS = (0.5, 5.0, 10.0, 15.0, 20.0, 25.0)
"""Speeds [m/s] that bands end at."""

ASIDE, FASTER = 1.5, 1.5
"""A change of lane or a dodge ends so far [m] aside; who ends so much [m/s] faster or slower speeds
up or brakes. Our choice."""

SLIGHTLY = 0.5
"""So much [m, m/s] is a shift within the lane, or a speed that is adapted; our choice."""

BEHIND, WITHIN, LEAST = 1.5, 3.0, 10.0
"""Who is so little [m] beside the line, and so little time [s] or way [m] ahead, is followed. Ours:
half a lane, and half as much again as the two seconds of drivers' schools."""

BENT, SOON = 1.0, 8
"""A bend asks for so much [m/s2] to the side, within so many points of the route. Our choice."""

KINDS = (
    "stand",
    "brake",
    "speed up",
    "left",
    "right",
    "shift",
    "adapt",
    "follow",
    "bend",
    "cruise",
)
"""Manoeuvres, in the order in which they are asked after; the last five keep lane and speed."""


def table_of(found: Demonstrations, weight: NDArray[np.float32] | None = None) -> dict[str, Any]:
    """Shares of moments by family, manoeuvre and speed band [%].

    Args:
        weight: (S,) how often each is drawn; None: as often as it was collected.
    """
    weight = np.ones(len(found), np.float32) if weight is None else weight
    edges = ["0", *(f"{edge:g}" for edge in BANDS)]
    names = [f"{low}-{high}" for low, high in pairwise(edges)]
    speed = found.tokens.ego[:, Ego.SPEED]
    return {
        "family": _shares(found.family, found.names, weight),
        "manoeuvre": _shares(manoeuvres(found), KINDS, weight),
        "speed": _shares(bands(speed), (*names, f"{edges[-1]}+"), weight),
    }


def above(table: dict[str, dict[str, float]], cap: float) -> list[str]:
    """What has a larger share than so much [%], in words."""
    return [
        f"{kind} {name} {share:g} %"
        for kind, shares in table.items()
        for name, share in shares.items()
        if share > cap
    ]


def bands(speed: NDArray[np.float32]) -> NDArray[np.intp]:
    """(S,) numbers of the bands of speeds [m/s]."""
    return np.digitize(speed, BANDS)


def manoeuvres(found: Demonstrations) -> NDArray[np.int64]:
    """(S,) numbers of `KINDS`, by where chunks lead, at which speed, and behind whom."""
    speed = found.tokens.ego[:, Ego.SPEED]
    gone, aside, fast = places(found.knots, speed)
    change = fast - speed
    asked = {
        "stand": gone < 0.3,
        "left": aside > ASIDE,
        "right": aside < -ASIDE,
        "brake": change < -FASTER,
        "speed up": change > FASTER,
        "shift": np.abs(aside) > SLIGHTLY,
        "adapt": np.abs(change) > SLIGHTLY,
        "follow": _following(found),
        "bend": _bending(found),
    }
    kind = np.full(len(found), KINDS.index("cruise"))
    for name, there in reversed(asked.items()):
        kind[there] = KINDS.index(name)
    return kind


def _following(found: Demonstrations) -> Bools:
    """(S,) somebody is ahead on the route's line, near for the speed."""
    agents, speed = found.tokens.agents, found.tokens.ego[:, Ego.SPEED]
    ahead = found.tokens.agents_there & (agents[:, :, Agent.ON_LINE] > 0.0)
    ahead &= (agents[:, :, Agent.AHEAD] > 0.0) & (agents[:, :, Agent.LINE] == 0.0)
    ahead &= np.abs(agents[:, :, Agent.ASIDE]) < BEHIND
    near = agents[:, :, Agent.GAP] < np.maximum(WITHIN * speed, LEAST)[:, None]
    return (ahead & near).any(axis=1)


def _bending(found: Demonstrations) -> Bools:
    """(S,) the route bends soon, for the speed."""
    bend = np.abs(found.tokens.route[:, :SOON, Point.BEND]).max(axis=1)
    return bend * np.square(found.tokens.ego[:, Ego.SPEED]) > BENT


def _shares(
    numbers: NDArray, names: tuple[str, ...], weight: NDArray[np.float32]
) -> dict[str, float]:
    counts = np.bincount(numbers, weight, minlength=len(names))
    whole = counts.sum()
    return {n: round(100.0 * float(c / whole), 2) for n, c in zip(names, counts, strict=True)}
