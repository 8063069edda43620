"""The MPC: predict over the delay, build, solve, command; where that fails, PID answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Bools, Floats, Ints, Observation, Plan, Status, Tracking
from drivestack.motion.pid import Pid, PidState
from drivestack.vehicle.parameters import Actuators

from .actuation import answered, delayed
from .build import ROWS_PER_STAGE, Problems, build, empty_problems
from .costs import SLACKS
from .parameters import Actuation, Bounds, Weights
from .solve import solve

_table = cache(parameter_table)


@dataclass(frozen=True, slots=True, eq=False)
class MpcState:
    """What the controller remembers.

    Attributes:
        active: (B, R) daqp's marks of active bounds, the next start.
        pending: (B, D, 2) commands that do not act yet, oldest first.
        pid: of the fallback, fresh while it is not needed.
    """

    active: Ints
    pending: Floats
    pid: PidState

    def __post_init__(self) -> None:
        layout = {"active": ("B R", np.int32), "pending": ("B D 2", np.float64)}
        check_fields(self, layout)


@dataclass(frozen=True, slots=True)
class Mpc:
    """Linear time-varying MPC around the plan's own states and controls.

    Attributes:
        period: time a control is held [s]. delay: between a command and its effect [periods].
        accel_lag, steer_lag: of the actuators [s], 0 for none.
        stages: N; the first lasts one period, the others `stage` [s], rounded to periods.
        weights, bounds: see `parameters`.
    """

    period: float
    delay: int = 0
    accel_lag: float = 0.0
    steer_lag: float = 0.0
    stages: int = 20
    stage: float = 0.1
    weights: Weights = field(default_factory=Weights)
    bounds: Bounds = field(default_factory=Bounds)

    @classmethod
    def behind(cls, actuators: Actuators, period: float, dt: float) -> Mpc:
        """For a lagged plant whose actuators are known and whose tick is `dt` [s].

        Raises:
            ValueError: the delay is no whole number of control periods.
        """
        periods = actuators.delay * dt / period
        if abs(periods - round(periods)) > 1e-9:
            raise ValueError(
                f"delay should be a whole number of control periods, got {periods:g} of {period} s"
            )
        return cls(
            period,
            delay=round(periods),
            accel_lag=actuators.accel_lag,
            steer_lag=actuators.steer_lag,
            bounds=Bounds(
                steer_rate=actuators.max_steer_rate,
                jerk=actuators.max_jerk,
                friction=actuators.friction,
            ),
        )

    def start(self, batch: int) -> MpcState:
        """Nothing known of the solution, nothing under way."""
        rows = 2 * self.stages + SLACKS + ROWS_PER_STAGE * self.stages
        return MpcState(
            active=np.zeros((batch, rows), np.int32),
            pending=np.zeros((batch, self.delay, 2)),
            pid=Pid(self.period).start(batch),
        )

    def track(
        self, observation: Observation, plan: Plan, state: MpcState
    ) -> tuple[Tracking, MpcState]:
        """The control of this tick; `predicted` stands at the ends of the stages."""
        cars, problems = self.problems(observation, plan, state)
        batch = len(cars)
        inputs = np.zeros((batch, problems.g.shape[1]))
        residual, active = np.empty(batch), np.empty_like(state.active)
        for b in range(batch):
            inputs[b], residual[b], active[b] = solve(
                problems.H[b], problems.g[b], problems.A[b], problems.lo[b], problems.hi[b],
                state.active[b],
            )  # fmt: skip
        control, predicted = answered(
            cars, inputs, problems.gain, problems.free, problems.plan, self._actuation(),
            _table(self.bounds),
        )  # fmt: skip
        finite = np.isfinite(control).all(axis=1) & np.isfinite(predicted).all(axis=(1, 2))
        failed = ~np.isfinite(residual) | ~finite
        pid = self._fallback(observation, plan, state, failed, control)
        predicted[failed] = problems.plan[failed, 1:]
        tracking = Tracking(
            control=control,
            predicted=np.concatenate([observation.ego.state[:, None], predicted], axis=1),
            status=np.where(failed, Status.FALLBACK, Status.SOLVED).astype(np.int32),
            residual=np.where(failed, 0.0, residual),
        )
        pending = np.concatenate([state.pending, control[:, None]], axis=1)[:, 1:]
        return tracking, MpcState(active, pending.copy(), pid)

    def problems(
        self, observation: Observation, plan: Plan, state: MpcState
    ) -> tuple[Floats, Problems]:
        """The cars when the control will act, and their problems."""
        ego, bounds = observation.ego, _table(self.bounds)
        cars = delayed(
            ego.state, ego.accel, ego.steer, ego.size, state.pending, self._actuation(), bounds
        )
        problems = empty_problems(len(cars), self.stages)
        begin = (observation.tick - plan.tick) * observation.dt + self.delay * self.period
        build(plan.states, plan.controls, plan.dt, begin, cars, ego.size, self.period,
              _holds(self), _table(self.weights), bounds, problems)  # fmt: skip
        return cars, problems

    def _actuation(self) -> NDArray:
        return _table(Actuation(self.period, self.accel_lag, self.steer_lag))

    def _fallback(
        self,
        observation: Observation,
        plan: Plan,
        state: MpcState,
        failed: Bools,
        control: Floats,
    ) -> PidState:
        """Write PID's control into the rows that failed; the others start afresh next time."""
        pid = Pid(self.period)
        integral = np.zeros(len(failed))
        if failed.any():
            answer, after = pid.track(observation, plan, state.pid)
            control[failed] = answer.control[failed]
            integral[failed] = after.integral[failed]
        return PidState(integral)


@cache
def _holds(mpc: Mpc) -> NDArray[np.int64]:
    """(N,) lengths of the stages [periods]."""
    holds = np.full(mpc.stages, max(round(mpc.stage / mpc.period), 1), np.int64)
    holds[0] = 1
    return holds
