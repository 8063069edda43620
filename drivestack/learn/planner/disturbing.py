"""Disturbed driving: a demonstrator who is pushed about shows how one gets back (DART's idea).

Who is only shown what an expert does on the expert's own states does not know what to do beside
them, and errors compound (arXiv:1703.09327, 1011.0686). The controls are pushed, not the plans: the
labels stay what the expert wants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.protocols import Controller
from drivestack.core.types import Floats, Observation, Plan, Tracking

WAVES = 2
"""Of each channel; two of unequal length do not repeat within an episode."""


@dataclass(frozen=True, slots=True, eq=False)
class Push:
    """How each scenario is disturbed, and the inner controller's own memory.

    Attributes:
        size: (B, 2, `WAVES`) [m/s2] along and across. rate: [rad/s]. phase: [rad], likewise.
    """

    inner: Any
    size: Floats
    rate: Floats
    phase: Floats

    def __post_init__(self) -> None:
        shape = (f"B 2 {WAVES}", np.float64)
        check_fields(self, {"size": shape, "rate": shape, "phase": shape})


@dataclass(frozen=True, slots=True)
class Disturbed:
    """A controller whose commands are pushed about slowly.

    Attributes:
        inner: whose commands. draw: of the pushes.
        most: accelerations along and across [m/s2] of all waves together; our choice: a metre or
        two aside within some seconds. slowest, fastest: of the waves [rad/s]; our choice: 3 to 12
        s. share: of the scenarios that are disturbed. slow: below this speed [m/s] one steers as
        with it.
    """

    inner: Controller
    draw: Generator
    most: tuple[float, float] = (1.0, 0.8)
    slowest: float = 0.5
    fastest: float = 2.0
    share: float = 0.5
    slow: float = 5.0

    def start(self, batch: int) -> Push:
        """Pushes for each scenario."""
        shape = (batch, 2, WAVES)
        size = self.draw.random(shape) * np.array(self.most)[:, None] / WAVES
        size *= (self.draw.random(batch) < self.share)[:, None, None]
        rate = self.draw.uniform(self.slowest, self.fastest, shape)
        return Push(self.inner.start(batch), size, rate, self.draw.uniform(0.0, 2.0 * np.pi, shape))

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: Push
    ) -> tuple[Tracking, Push]:
        """The inner controller's command, pushed; a standing car is left alone."""
        tracking, inner = self.inner.track(observation, plan, under_way, state.inner)
        pushed = tracking.control + self._pushes(observation, state)
        return replace(tracking, control=pushed), replace(state, inner=inner)

    def _pushes(self, observation: Observation, state: Push) -> NDArray[np.float64]:
        """(B, 2) acceleration [m/s2] and steering angle [rad]."""
        time = (observation.tick * observation.dt)[:, None, None]
        along, across = (state.size * np.sin(state.rate * time + state.phase)).sum(axis=2).T
        speed = observation.ego.state[:, 3]
        bend = across / np.maximum(speed, self.slow) ** 2
        moving = speed > 1.0
        return np.stack([along, bend * observation.ego.size[:, 0]], axis=1) * moving[:, None]
