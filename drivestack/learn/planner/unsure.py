"""What sensors would have made of a moment: road users that are not seen, places and speeds that
are a little wrong. All columns of a token stay true to each other.

Stop lines are of the map, so they stay as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from drivestack.behavior.tokens import LATER, REACH, TOKENS, Agent, Ego, Point, Tokens
from drivestack.core.types import Bools


@dataclass(frozen=True, slots=True)
class Unsure:
    """How much sensors err.

    Attributes:
        noisy: share of the moments that are measured with an error; our choice: cars are driven
        with perfect sensors too. place: most standard deviation of x and of y [m]. speed: of
        speeds [m/s]; both as in `scenarios/smoke.yaml`. heading: [rad]; our choice: one degree,
        0.4 m over a chunk at 5 m/s. own: of the ego's speed, relative; 1 % is the gap between
        the sources of comma2k19 (data.md, 2.3).
        dropped: chance of a road user at `far` [m] to be left out, which falls to 0 at `near` [m].
        meets: whoever comes so near [m] within 5 s, if all go straight on, is never left out. All
        four: our choice. A label answers whom the expert saw. Who learns from moments in which
        these are missing learns to run into what he does not see, or to brake for nothing; so
        those are left out who are far, and on no course to meet.
    """

    noisy: float = 0.5
    place: float = 0.2
    speed: float = 0.3
    heading: float = math.radians(1.0)
    own: float = 0.01
    dropped: float = 0.05
    near: float = 20.0
    far: float = 80.0
    meets: float = 10.0


def seen_again(tokens: Tokens, how: Unsure, draw: Generator) -> Tokens:
    """The tokens of moments (B) as sensors might have made them."""
    return _without(_mistaken(tokens, how, draw), _missed(tokens, how, draw))


def _missed(tokens: Tokens, how: Unsure, draw: Generator) -> Bools:
    """(B, A) who is left out."""
    agents = tokens.agents
    away = np.hypot(agents[:, :, Agent.X], agents[:, :, Agent.Y])
    chance = how.dropped * np.clip((away - how.near) / (how.far - how.near), 0.0, 1.0)
    matters = (agents[:, :, Agent.LINE] > 0.0) | (agents[:, :, Agent.NEAREST] < how.meets)
    return (draw.random(away.shape) < np.where(matters, 0.0, chance)) & tokens.agents_there


def _without(tokens: Tokens, missed: Bools) -> Tokens:
    agents = np.where(missed[:, :, None], np.float32(0.0), tokens.agents)
    return replace(tokens, agents=agents, agents_there=tokens.agents_there & ~missed)


def _mistaken(tokens: Tokens, how: Unsure, draw: Generator) -> Tokens:
    """With errors in some of the moments, of a size that differs from moment to moment."""
    size = draw.random(len(tokens.ego))
    rows = np.flatnonzero(draw.random(len(size)) < how.noisy)
    some = Tokens(*(getattr(tokens, name)[rows] for name in TOKENS))
    measured = some.agents_there & (some.agents[:, :, Agent.LINE] == 0.0)
    errors = draw.normal(size=(*measured.shape, 4)) * (how.place, how.place, how.heading, how.speed)
    errors *= size[rows, None, None]
    ego, agents = tokens.ego.copy(), tokens.agents.copy()
    own = how.own * size[rows] * draw.normal(size=len(rows))
    ego[rows, Ego.SPEED] *= (1.0 + own).astype(np.float32)
    moved = _moved(some, errors, ego[rows])
    agents[rows] = np.where(measured[:, :, None], moved, some.agents)
    return replace(tokens, ego=ego, agents=agents)


def _moved(tokens: Tokens, errors: NDArray[np.float64], ego: NDArray[np.float32]) -> NDArray:
    """(B, A, `Agent`) road users that are elsewhere by (x, y, heading, speed), from an ego with
    other speeds."""
    old = tokens.agents.astype(np.float64)
    new = old.copy()
    yaw = np.arctan2(old[:, :, Agent.SIN], old[:, :, Agent.COS])
    turned, speed = yaw + errors[:, :, 2], np.maximum(old[:, :, Agent.SPEED] + errors[:, :, 3], 0.0)
    new[:, :, Agent.X] += errors[:, :, 0]
    new[:, :, Agent.Y] += errors[:, :, 1]
    new[:, :, Agent.COS], new[:, :, Agent.SIN] = np.cos(turned), np.sin(turned)
    new[:, :, Agent.SPEED] = speed
    new[:, :, Agent.VX] = speed * np.cos(turned) - ego[:, None, Ego.SPEED]
    new[:, :, Agent.VY] = speed * np.sin(turned)
    _meet(new)
    _beside(tokens, errors, turned, ego, new)
    return new.astype(np.float32)


def _meet(agents: NDArray[np.float64]) -> None:
    """When and how near each comes if all go straight on; as in `surroundings.py`."""
    x, y, vx, vy = (agents[:, :, n] for n in (Agent.X, Agent.Y, Agent.VX, Agent.VY))
    squared = vx * vx + vy * vy
    time = np.clip(-(x * vx + y * vy) / np.maximum(squared, 1e-6), 0.0, LATER)
    time = np.where(squared > 1e-6, time, 0.0)
    agents[:, :, Agent.NEAREST_TIME] = time
    agents[:, :, Agent.NEAREST] = np.hypot(x + vx * time, y + vy * time)


def _beside(
    tokens: Tokens,
    errors: NDArray[np.float64],
    yaw: NDArray[np.float64],
    ego: NDArray[np.float32],
    new: NDArray[np.float64],
) -> None:
    """Where they are along the route's line, as that runs there."""
    line = _direction(tokens)
    c, s = np.cos(line), np.sin(line)
    ahead = new[:, :, Agent.AHEAD] + c * errors[:, :, 0] + s * errors[:, :, 1]
    turn = yaw - line
    half = new[:, :, Agent.LENGTH] * np.abs(np.cos(turn))
    half += new[:, :, Agent.WIDTH] * np.abs(np.sin(turn)) + ego[:, None, Ego.LENGTH]
    found = {
        Agent.AHEAD: ahead,
        Agent.ASIDE: new[:, :, Agent.ASIDE] - s * errors[:, :, 0] + c * errors[:, :, 1],
        Agent.ALONG_SPEED: new[:, :, Agent.SPEED] * np.cos(turn),
        Agent.ACROSS_SPEED: new[:, :, Agent.SPEED] * np.sin(turn),
        Agent.GAP: np.copysign(np.maximum(np.abs(ahead) - 0.5 * half, 0.0), ahead),
    }
    there = new[:, :, Agent.ON_LINE] > 0.0
    for column, values in found.items():
        new[:, :, column] = np.where(there, values, 0.0)


_MOVING = 0.5
"""Whose velocity along and across the line says how the line runs [m/s]; our choice."""


def _direction(tokens: Tokens) -> NDArray[np.float64]:
    """(B, A) of the route's line beside each road user, in the ego's frame [rad].

    A velocity that is told in both frames tells it; beside who stands it is that of the line's
    points.
    """
    agents = tokens.agents.astype(np.float64)
    yaw = np.arctan2(agents[:, :, Agent.SIN], agents[:, :, Agent.COS])
    turn = np.arctan2(agents[:, :, Agent.ACROSS_SPEED], agents[:, :, Agent.ALONG_SPEED])
    moves = agents[:, :, Agent.SPEED] > _MOVING
    return np.where(moves, yaw - turn, _between_points(tokens, agents[:, :, Agent.AHEAD]))


def _between_points(tokens: Tokens, ahead: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, A) direction of the line so far ahead [rad]; beyond its points, as at the last one."""
    points, reach = tokens.route, np.array(REACH, np.float64)
    last = np.maximum(tokens.route_there.sum(axis=1) - 1, 0)
    place = np.clip(np.searchsorted(reach, ahead, side="right") - 1, 0, len(reach) - 2)
    first = np.minimum(place, last[:, None])
    second = np.minimum(place + 1, last[:, None])
    part = np.clip((ahead - reach[place]) / (reach[place + 1] - reach[place]), 0.0, 1.0)
    rows = np.arange(len(points))[:, None]
    parts = [
        (1.0 - part) * points[rows, first, column] + part * points[rows, second, column]
        for column in (Point.COS, Point.SIN)
    ]
    return np.arctan2(parts[1], parts[0])
