"""Track a plan: its own acceleration plus PI on speed, and pure pursuit of its path; compiled."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Floats, Observation, Plan, Status, Tracking
from drivestack.motion.actuation import Actuation, delayed
from drivestack.vehicle.pursuit import pursuit_steering


@dataclass(frozen=True, slots=True, eq=False)
class PidState:
    """What the controller remembers: (B,) integral of the speed error [m]."""

    integral: Floats

    def __post_init__(self) -> None:
        check_fields(self, {"integral": ("B", np.float64)})


@dataclass(frozen=True, slots=True)
class Pid:
    """The controller.

    Attributes:
        actuation: what is known of the actuators; the delay is compensated, lags are not.
        speed_gain: [1/s], highway-env's KP_A (1 / 0.6 s). integral_gain: [1/s2], a fifth of it per
        second. integral_most: bound of the integral [m], so that it adds at most 1 m/s2.
        look_time, look_least: pursuit distance on the plan [s] and [m].
        max_steer: [rad], highway-env's pi/3.
    """

    actuation: Actuation
    speed_gain: float = 1.0 / 0.6
    integral_gain: float = 0.2 / 0.6
    integral_most: float = 3.0
    look_time: float = 0.5
    look_least: float = 3.0
    max_steer: float = math.pi / 3.0

    def start(self, batch: int) -> PidState:
        """A state without any error so far."""
        return PidState(np.zeros(batch))

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: PidState
    ) -> tuple[Tracking, PidState]:
        """The control of this tick; the prediction is the rest of the plan held still."""
        batch, steps = plan.states.shape[:2]
        control = np.zeros((batch, 2))
        integral = state.integral.copy()
        ego, own = observation.ego, self.actuation
        cars = delayed(ego.state, ego.accel, ego.steer, ego.size, under_way, own.table)
        elapsed = (observation.tick - plan.tick) * observation.dt
        elapsed = elapsed + under_way.shape[1] * own.period
        _track(plan.states, plan.controls, plan.dt, elapsed, cars, ego.size,
               parameter_table(self), own.period, integral, control)  # fmt: skip
        tracking = Tracking(
            control=control,
            predicted=np.concatenate([ego.state[:, None], plan.states], axis=1),
            status=np.full(batch, Status.SOLVED, np.int32),
            residual=np.zeros(batch),
        )
        assert steps + 1 == tracking.predicted.shape[1]
        return tracking, PidState(integral)


@kernel
def _aim(states: NDArray, first: int, x: float, y: float, look: float) -> tuple[float, float]:
    """The point [m] of a plan `look` metres from the ego, prolonged along the last heading."""
    last = states.shape[0] - 1
    for i in range(first, last + 1):
        dx, dy = states[i, 0] - x, states[i, 1] - y
        if math.sqrt(dx * dx + dy * dy) < look:
            continue
        ahead = dx * math.cos(states[i, 2]) + dy * math.sin(states[i, 2])
        if ahead > 0.0:
            return states[i, 0], states[i, 1]
    yaw = states[last, 2]
    dx, dy = states[last, 0] - x, states[last, 1] - y
    rest = max(look - math.sqrt(dx * dx + dy * dy), 0.0)
    return states[last, 0] + rest * math.cos(yaw), states[last, 1] + rest * math.sin(yaw)


@kernel
def _accelerate(
    speed: float, wanted: float, feed: float, gains: Row, period: float, integral: float
) -> tuple[float, float]:
    """Acceleration [m/s2] and the new integral [m]; it stops exactly, and never reverses."""
    error = wanted - speed
    integral += error * period
    integral = min(max(integral, -gains.integral_most), gains.integral_most)
    if wanted <= 0.0:
        integral = 0.0
    accel = feed + gains.speed_gain * error + gains.integral_gain * integral
    if speed <= 0.0 and wanted <= 0.0:
        accel = -speed / period
    return max(accel, -speed / period), integral


@kernel
def _track(
    states: NDArray,
    controls: NDArray,
    plan_dt: NDArray,
    elapsed: NDArray,
    ego: NDArray,
    size: NDArray,
    table: Table,
    period: float,
    integral: NDArray,
    control: NDArray,
) -> None:
    """Every scenario by itself; `integral` and `control` are written."""
    gains = table[0]
    last = states.shape[1] - 1
    for b in range(states.shape[0]):
        dt = plan_dt[b]
        # The speed that the plan wants at the end of the period, by its own acceleration.
        until = elapsed[b] + period
        i = min(max(int(elapsed[b] / dt), 0), last)
        feed = controls[b, i, 0]
        wanted = max(states[b, i, 3] - feed * ((i + 1) * dt - elapsed[b]), 0.0)
        if until > (last + 1) * dt:
            feed, wanted = 0.0, states[b, last, 3]
        control[b, 0], integral[b] = _accelerate(
            ego[b, 3], wanted, feed, gains, period, integral[b]
        )
        look = max(gains.look_time * ego[b, 3], gains.look_least)
        aim_x, aim_y = _aim(states[b], i, ego[b, 0], ego[b, 1], look)
        control[b, 1] = pursuit_steering(
            ego[b, 0], ego[b, 1], ego[b, 2], size[b, 0], aim_x, aim_y, gains.max_steer
        )
