"""Any stack on the cut-in grid of UN R157, through the engine's world.

What differs from the grid's own drivers: physics and control run at 20 Hz; the ego has the engine's
plant and may leave its lane; the other one points where it moves, as it must for a stack to see it
come, so its box is turned; contact is that of the turned boxes. A stack is therefore judged by the
same world in which the ego keeps its speed, not by the grid's own outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Outcome
from drivestack.core.start import Start
from drivestack.core.types import Decision, Floats, Ints, Scene
from drivestack.safety import BARE
from drivestack.safety.r157.cases import LANE, LENGTH, SAMPLES, STEP, WIDTH, CutIns, Sideways
from drivestack.safety.r157.driven import Outcomes, Strike
from drivestack.safety.r157.grid import Grid, Range, Row, row_of
from drivestack.scenario.files import Roots
from drivestack.scenario.loader import Document, checked
from drivestack.scenario.replay import replay_rows
from drivestack.scenario.resolve import starts
from drivestack.scenario.yaml_reader import parse_yaml
from drivestack.world import build_world

from .driver import Driver
from .runner import Lockstep

BATCH = 200
"""Cases in lockstep; our choice: the engine's cost a case no longer falls beyond."""

SLOWER = 0.1
"""Below its first speed by more than this the ego has acted [m/s]; our choice: above the ripple of
a controller that holds a speed."""

ASIDE = 0.2
"""Off its first line by more than this it has evaded [m]; our choice, as above."""

_BEFORE = 20.0
"""Road behind the ego at the start [m]."""

_SCENE = """
id: r157-grid
map:
  kind: lanes
  lanes:
    - {{kind: straight, from: a, to: b, start: [0, {lane}], end: [2000, {lane}], width: {lane},
        speed_limit: {speed}}}
    - {{kind: straight, from: a, to: b, start: [0, 0], end: [2000, 0], width: {lane},
        speed_limit: {speed}}}
ego: {{kind: stack, lane: [a, b, 1], s: {before}, speed: {speed}}}
actors:
  - {{kind: replayed, track: [[0, 100, {lane}, 0, 5], [{time}, 200, {lane}, 0, 5]]}}
time_limit: {time}
rates: {{physics: 20, control: 20, plan: 10}}
"""


@dataclass(frozen=True, slots=True)
class ThroughWorld:
    """A stack's row, beside what becomes of an ego that keeps its speed in the same world."""

    stack: Row
    nobody: Row


def stack_row(name: str, grid: Grid, workers: int = 1) -> ThroughWorld:
    """Drive the grid by a stack and by an ego that keeps its speed, and judge the first by both.

    Raises:
        InputError: there is no such stack.
    """
    driver, still = Driver(stack=name), Driver(stack="constant", layer=BARE)
    alone = [_driven(part.cases, grid.sideways, still, workers) for part in grid.ranges]
    found = [_driven(part.cases, grid.sideways, driver, workers) for part in grid.ranges]
    first, second = (
        Range(part.cases, outcomes.strike != Strike.NONE)
        for part, outcomes in zip(grid.ranges, alone, strict=True)
    )
    own = replace(grid, ranges=(first, second))
    return ThroughWorld(
        row_of(f"{name}, through the engine", own, lambda r: found[r]),
        row_of("nobody, through the engine", own, lambda r: alone[r]),
    )


def _driven(cases: CutIns, sideways: Sideways, driver: Driver, workers: int) -> Outcomes:
    """All cases, in batches."""
    chunks = [
        np.arange(first, min(first + BATCH, len(cases))) for first in range(0, len(cases), BATCH)
    ]
    parts: Any = joblib.Parallel(n_jobs=workers)(
        joblib.delayed(_batch)(cases.chosen(rows), sideways, driver) for rows in chunks
    )
    columns = zip(*((p.strike, p.flagged, p.braked, p.evaded, p.lost, p.impact) for p in parts),
                  strict=True)  # fmt: skip
    return Outcomes(*(np.concatenate(column) for column in columns))


def _batch(cases: CutIns, sideways: Sideways, driver: Driver) -> Outcomes:
    made = starts_of(cases, sideways)
    watch = _Watch(made)
    Lockstep(build_world("engine"), driver.stack_for(made[0]), made, [watch]).run(len(made))
    return watch.found


def starts_of(cases: CutIns, sideways: Sideways) -> list[Start]:
    """First states of cases: the grid's positions at sample 0, the other one's whole way."""
    templates = {speed: _template(float(speed)) for speed in np.unique(cases.ego)}
    return [_start(templates[cases.ego[n]], cases, n, sideways) for n in range(len(cases))]


def _template(speed: float) -> Start:
    """The road, whose limit is the ego's speed, with somebody to be replaced."""
    longest = (SAMPLES + 40) * STEP
    text = _SCENE.format(lane=LANE, speed=repr(speed), before=_BEFORE, time=longest)
    block = parse_yaml(text, "cut-in grid")
    here = Path()
    return next(starts([Document(block, checked(block), here, Roots.of(here / "grid.yaml"))]))


def _start(template: Start, cases: CutIns, n: int, sideways: Sideways) -> Start:
    k, lead = cases.aside[n], int(sideways.lead[cases.aside[n]])
    bodies = template.bodies.copy()
    ego = int(template.slot["ego"][0])
    other = 1 - ego
    bodies["length"], bodies["width"] = LENGTH, WIDTH
    samples = min(SAMPLES + lead + 1, sideways.y.shape[1])
    time = STEP * np.arange(samples, dtype=np.float64)
    ahead = cases.gap[n] + LENGTH + STEP * lead * (cases.ego[n] - cases.other[n])
    x = bodies["x"][ego] + ahead + cases.other[n] * time
    y = bodies["y"][ego] + sideways.y[k, :samples]
    aside = sideways.speed[k, :samples]
    states = np.stack([x, y, -np.arctan2(aside, cases.other[n]), np.hypot(aside, cases.other[n])],
                      axis=1)  # fmt: skip
    ticks = round(time[-1] * template.rates.physics)
    _, rows = replay_rows(time, states, template.rates.physics, ticks)
    for name in ("x", "y", "heading", "speed"):
        bodies[name][other] = rows[name][0]
    bodies["replay_at"][other], bodies["replay_n"][other] = 0, len(rows)
    return replace(
        template, scenario=f"r157-grid-{n}", bodies=bodies, replay=rows, ticks=ticks, seed=0
    )


class _Watch:
    """A sink that notes what the grid asks about."""

    def __init__(self, made: list[Start]) -> None:
        self.found = Outcomes.blank(len(made))
        egos = [start.bodies[int(start.slot["ego"][0])] for start in made]
        self._speed = np.array([ego["speed"] for ego in egos])
        self._line = np.array([ego["y"] for ego in egos])
        self._ahead: Floats = np.zeros(len(made))
        self._closing: Floats = np.zeros(len(made))

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Note speeds and places."""
        rows: NDArray[np.int64] = np.flatnonzero(slots >= 0)
        if len(rows) == 0:
            return
        of, ego, other = slots[rows], scene.ego.state[rows], scene.agents.state[rows, 0, -1]
        first = self._speed[of]
        struck = scene.contact[rows] | scene.crashed[rows]  # which takes speed off by itself
        self.found.braked[of] |= (ego[:, 3] < first - SLOWER) & ~struck
        self.found.evaded[of] |= (abs(ego[:, 1] - self._line[of]) > ASIDE) | (
            ego[:, 3] > first + SLOWER
        )
        self.found.lost[of] = np.maximum(first - ego[:, 3], 0.0)
        self._ahead[of] = other[:, 0] - ego[:, 0]
        self._closing[of] = abs(ego[:, 3] - other[:, 3] * np.cos(other[:, 2]))

    def on_end(self, slot: int, outcome: Outcome) -> None:
        """Note a contact."""
        self.found.flagged[slot] = self.found.braked[slot]
        if outcome is Outcome.CONTACT:
            behind = self._ahead[slot] >= 0.0
            self.found.strike[slot] = Strike.BEHIND if behind else Strike.BESIDE
            self.found.impact[slot] = self._closing[slot]
