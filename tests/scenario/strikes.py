"""How an ego that does nothing strikes: when, whom, how fast, and where."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.start import Start
from drivestack.core.types import Scene
from drivestack.world import build_world

BATCH = 64


@dataclass(frozen=True, slots=True)
class Strike:
    """The first contact of an ego that keeps its speed and goes straight on, in its frame.

    Attributes:
        kph: the ego's speed [km/h]. parameters: of the scenario. time: the tick at which it is
        seen [s]. whom: the type of the actor. ahead, left: of the other's centre from the
        ego's [m]. closing: how much faster the ego is along its heading [m/s]. across: speed of
        the other to the left [m/s]. fired: events that had begun.
    """

    kph: int
    parameters: dict[str, float]
    time: float
    whom: str
    ahead: float
    left: float
    closing: float
    across: float
    fired: tuple[str, ...]

    def left_at(self, ahead: float) -> float:
        """How far to the left the other is when it is that far ahead [m]."""
        return self.left + self.across * (self.ahead - ahead) / self.closing


def strikes(starts: Sequence[Start]) -> list[Strike | None]:
    """The first contacts; None where there is none."""
    return [strike for at in range(0, len(starts), BATCH) for strike in _batch(starts[at:][:BATCH])]


def _batch(starts: Sequence[Start]) -> list[Strike | None]:
    world = build_world("engine")
    world.reset(list(starts))
    found: list[Strike | None] = [None] * len(starts)
    ticks = np.array([start.ticks for start in starts])
    over = np.zeros(len(starts), np.bool_)
    for tick in range(int(ticks.max()) + 1):
        scene = world.observe()
        for row in np.flatnonzero(scene.contact & ~over):
            found[row] = _strike(starts[row], scene, int(row), tick)
        over |= scene.contact | scene.ended | (tick >= ticks)
        if over.all():
            break
        world.step(np.zeros((len(starts), 2)))
    return found


def _strike(start: Start, scene: Scene, row: int, tick: int) -> Strike:
    x, y, yaw, v = scene.ego.state[row].tolist()
    agents = scene.agents
    place = int(np.flatnonzero(agents.id[row] == scene.contact_with[row])[0])
    other_x, other_y, heading, speed = agents.state[row, place, 0].tolist()
    c, n = math.cos(yaw), math.sin(yaw)
    resolved = json.loads(start.resolved)
    names = zip(start.script.names, scene.cue_fired[row], strict=False)
    return Strike(
        kph=round(v * 3.6),
        parameters=resolved.get("parameters", {}),
        time=tick / start.rates.physics,
        whom=resolved["actors"][int(scene.contact_with[row]) - 1].get("type", "car"),
        ahead=(other_x - x) * c + (other_y - y) * n,
        left=(other_y - y) * c - (other_x - x) * n,
        closing=v - speed * math.cos(heading - yaw),
        across=speed * math.sin(heading - yaw),
        fired=tuple(name for name, began in names if began),
    )
