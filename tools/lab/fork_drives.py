"""Drives of the fork by a policy alone, and how each of them ended.

No safety layer, no candidates but the policy's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.behavior.checkpoint import policy_of
from drivestack.behavior.encoder import Given
from drivestack.behavior.features import tokens_of
from drivestack.behavior.kept import Keeping
from drivestack.behavior.knots import DT, unrolled
from drivestack.behavior.origin import Origin
from drivestack.behavior.proposers.learned import Learned
from drivestack.behavior.scorers.appraised import Appraised
from drivestack.behavior.scorers.pdm_lane import PdmLane
from drivestack.behavior.torch_setup import torch
from drivestack.core.protocols import Proposer, Scorer, Stack
from drivestack.core.rng import stream
from drivestack.core.start import Start
from drivestack.core.types import (
    Candidates,
    Decision,
    Floats,
    Goal,
    Ints,
    Observation,
    Route,
    Scene,
    Scores,
)
from drivestack.motion import CONTROLLERS
from drivestack.route import ROUTERS
from drivestack.safety import BARE, filter_of
from drivestack.sim.driver import kin_of
from drivestack.sim.runner import NOBODY, Lockstep
from drivestack.stack import Setup
from drivestack.stack.planner import StagedPlanner
from drivestack.stack.planners import IN_THE_NEXT_LANE, MARGIN
from drivestack.stack.planning import Planning
from drivestack.stack.stack import StagedStack
from drivestack.world import build_world

ENDS = ("left", "right", "hit", "stopped", "off the road")
"""How a drive ends; the first two have cleared the obstacle."""


class First:
    """Takes the first candidate, whatever it is."""

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """All the same: ties fall to the lowest number."""
        total = np.zeros(candidates.valid.shape)
        return Scores(terms=total[:, :, None].copy(), names=("same",), total=total)


def planners_of(checkpoint: Path, judge: Path) -> dict[str, StagedPlanner]:
    """Of a policy alone, by who chooses: nobody, the rules of `pdm_lane`, a scoring model."""
    policy = Learned(checkpoint)
    return {
        "first": first_of(policy),
        "rules": best_of(policy, PdmLane()),
        "scorer": best_of(policy, Appraised(judge)),
    }


def first_of(proposer: Proposer) -> StagedPlanner:
    """A planner that takes the first candidate of each plan, and has no memory of the last one."""
    return StagedPlanner(ROUTERS["lanes"](), proposer, First(), IN_THE_NEXT_LANE)


def best_of(proposer: Proposer, scorer: Scorer) -> StagedPlanner:
    """A planner with a choice, which goes on with the plan in force as `flow` does."""
    planner = StagedPlanner(ROUTERS["lanes"](), proposer, scorer, IN_THE_NEXT_LANE)
    return replace(planner, keeping=Keeping(), margin=MARGIN)


@dataclass(frozen=True, slots=True)
class Redrawn:
    """One candidate, of noise that every scenario draws anew for every plan."""

    checkpoint: Path

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """Valid where there is a route."""
        policy = policy_of(self.checkpoint)
        tokens = tokens_of(observation, route, goal)
        rows = zip(observation.ego.state, observation.tick.tolist(), strict=True)
        noise = [
            stream("redrawn", tick, state.tobytes().hex()).standard_normal((1, policy.head.width))
            for state, tick in rows
        ]
        with torch.inference_mode():
            bank = torch.tensor(np.array(noise), dtype=torch.float32)
            said = policy.head.sample(policy.encoder(Given.of(tokens)), bank)
            knots = policy.knots(said).double().numpy()
        states, controls = unrolled(observation.ego, route, knots)
        batch = len(observation.tick)
        return Candidates(
            states=states,
            controls=controls,
            source=np.full((batch, 1), Origin.LEARNED, np.int32),
            valid=np.all(route.valid[:, :2], axis=1, keepdims=True),
            dt=np.full(batch, DT),
        )


@dataclass(frozen=True, slots=True)
class Drive:
    """How one drive ended, in `ENDS`, and where it went: (n, 2) places [m], the obstacle at 0."""

    end: str
    path: Floats


def driven(planner: Planning, starts: Sequence[Start]) -> list[Drive]:
    """Drive scenarios of equal rates in one batch."""
    rates, actuators = kin_of(starts[0])
    setup = Setup(rates, actuators=actuators)
    stack: Stack = StagedStack(
        setup=setup,
        planner=planner,
        controller=CONTROLLERS[setup.controller](setup.actuation),
        filter=filter_of(BARE, setup.period),
    )
    watch = _Watch(len(starts))
    Lockstep(build_world("engine"), stack, starts, [watch]).run(len(starts))
    return [watch.drive(number) for number in range(len(starts))]


HALF_ROAD = 5.25
"""Of the three lanes of `fork.yaml` [m]."""


class _Watch:
    """A sink that notes where egos are, beside the only other body there is."""

    def __init__(self, count: int) -> None:
        self._paths: list[list[Floats]] = [[] for _ in range(count)]
        self._hit = np.zeros(count, np.bool_)
        self._reach = np.zeros((count, 2))

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """One place each."""
        for row in np.flatnonzero(slots != NOBODY).tolist():
            number = int(slots[row])
            hazard = scene.agents.state[row, 0, -1]
            self._paths[number].append(scene.ego.state[row, :2] - hazard[:2])
            self._hit[number] |= bool(scene.contact[row])
            (length, width), deep = scene.ego.size[row, :2], scene.agents.size[row, 0, 0]
            self._reach[number] = 0.5 * (length + deep), 0.5 * width

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""

    def drive(self, number: int) -> Drive:
        """How it ended."""
        path, (ahead, half) = np.array(self._paths[number]), self._reach[number]
        if self._hit[number]:
            return Drive("hit", path)
        if (np.abs(path[:, 1]) > HALF_ROAD - half).any():
            return Drive("off the road", path)
        if path[-1, 0] < ahead:
            return Drive("stopped", path)
        return Drive("left" if path[-1, 1] > 0.0 else "right", path)
