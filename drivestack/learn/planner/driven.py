"""What a stack does by itself, as demonstrations: it is driven, and watched for four seconds each.

A first teacher, and the one whose figures an expert's are compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drivestack.behavior.features import tokens_of
from drivestack.behavior.knots import DT, STEPS, knots_of
from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.behavior.tokens import Tokens
from drivestack.core.rows import take_rows
from drivestack.core.start import Start
from drivestack.core.types import Decision, EgoState, Floats, Ints, Route, Scene
from drivestack.sim.rollout import Rollout
from drivestack.sim.runner import NOBODY, Lockstep
from drivestack.stack import STACKS, Setup
from drivestack.world import build_world, sensing

from .demonstrations import Demonstrations


@dataclass(slots=True)
class _Moment:
    """Told of one scenario at one tick; its chunk is known once it was driven."""

    number: int
    tick: int
    place: int
    tokens: Tokens
    route: Route
    ego: EgoState


class Watching:
    """A brancher that takes tokens at plans, and a sink that sees what is driven."""

    def __init__(self, starts: Sequence[Start], every: int) -> None:
        self._starts, self._every = starts, every
        self._moments: list[_Moment] = []
        self._paths: list[list[Floats]] = [[] for _ in starts]
        self._spoilt = [0] * len(starts)
        """From which tick on what is driven teaches nothing: a contact."""

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Take the tokens of scenarios whose moment it is."""
        scene = rollout.scene
        due = scene.tick % self._every == 0
        rows = np.flatnonzero((slots != NOBODY) & due & decision.planned & ~scene.contact)
        if len(rows) == 0:
            return
        seen, _ = sensing.sense(scene, rollout.mounts, rollout.sensed)
        seen, route = take_rows(seen, rows), take_rows(decision.route, rows)
        goal = take_rows(rollout.goal, rows)
        tokens = tokens_of(with_stop_lines(seen, route), route, goal)
        for place, row in enumerate(rows.tolist()):
            own, number = np.array([place]), int(slots[row])
            self._moments.append(
                _Moment(
                    number,
                    int(scene.tick[row]),
                    len(self._paths[number]) - 1,
                    take_rows(tokens, own),
                    take_rows(route, own),
                    take_rows(scene.ego, np.array([row])),
                )
            )

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Note where the ego is, until it touches somebody."""
        for row in np.flatnonzero(slots != NOBODY).tolist():
            number = int(slots[row])
            if scene.contact[row]:
                self._spoilt[number] = self._spoilt[number] or len(self._paths[number])
            state = scene.ego.state[row]
            self._paths[number].append(np.array([*state, scene.ego.steer[row]]))

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""

    def found(self, family: str, dt: float) -> Demonstrations:
        """All moments after which four seconds were driven, without a contact."""
        stride = round(DT / dt)
        kept = [
            demonstration
            for moment in self._moments
            if (demonstration := self._labelled(moment, family, stride)) is not None
        ]
        return Demonstrations.joined(kept)

    def _labelled(self, moment: _Moment, family: str, stride: int) -> Demonstrations | None:
        path, end = self._paths[moment.number], moment.place + stride * STEPS
        spoilt = self._spoilt[moment.number]
        if end >= len(path) or (spoilt and end >= spoilt):
            return None
        whole = np.stack(path[moment.place : end + 1])
        driven = whole[::stride]
        accel = np.diff(driven[:, 3]) / DT
        # what stands for a step is the steering in the middle of it
        steer = whole[1:, 4].reshape(STEPS, stride).mean(axis=1)
        controls = np.stack([accel, steer], axis=1)[None, None]
        knots = knots_of(moment.ego, moment.route, driven[None, None, 1:, :4].copy(), controls)
        one = np.ones(1, np.float32)
        number = np.array([self._starts[moment.number].seed], np.int32)
        none = np.zeros(1, np.int32)
        return Demonstrations(
            tokens=moment.tokens,
            knots=knots[:, 0].astype(np.float32),
            weight=one,
            family=none,
            seed=number,
            tick=np.array([moment.tick], np.int32),
            style=none,
            manoeuvre=none - 1,
            names=(family,),
        )


def driven(
    family: str, starts: Sequence[Start], setup: Setup, stack: str = "pdm_lane", every: int = 10
) -> Demonstrations:
    """Drive scenarios of one family and equal rates; a moment is taken every so many ticks."""
    watching = Watching(starts, every)
    driver = STACKS[stack](replace(setup, controller="pid"))
    Lockstep(build_world("engine"), driver, starts, [watching], watching).run(min(len(starts), 32))
    return watching.found(family, setup.dt)
