"""The MPC: predict over the delay, build, solve, command; where that fails, PID answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats, Ints, Observation, Plan, Status, Tracking
from drivestack.motion.actuation import Actuation, delayed
from drivestack.motion.pid import Pid, PidState

from .answer import answered
from .build import ROWS_PER_STAGE, Problems, build, empty_problems
from .costs import SLACKS
from .parameters import Bounds, Weights
from .solve import solve


@dataclass(frozen=True, slots=True, eq=False)
class MpcState:
    """What the controller remembers.

    Attributes:
        active: (B, R) daqp's marks of active bounds, the next start.
        pid: of the fallback, fresh while it is not needed.
    """

    active: Ints
    pid: PidState

    def __post_init__(self) -> None:
        check_fields(self, {"active": ("B R", np.int32)})


class _Fixed(NamedTuple):
    """What kernels take of a controller, made once: tables of one row, and lengths (N,)."""

    actuation: NDArray
    weights: NDArray
    bounds: NDArray
    holds: NDArray


@dataclass(frozen=True, slots=True)
class Mpc:
    """Linear time-varying MPC around the plan's own states and controls.

    Attributes:
        actuation: what is known of the actuators; tighter ones tighten the bounds.
        stages: N; the first lasts one period, the others `stage` [s], rounded to periods.
        weights, bounds: see `parameters`.
    """

    actuation: Actuation
    stages: int = 20
    stage: float = 0.1
    weights: Weights = field(default_factory=Weights)
    bounds: Bounds = field(default_factory=Bounds)
    _fixed: _Fixed = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fixed = _Fixed(
            actuation=self.actuation.table,
            weights=parameter_table(self.weights),
            bounds=parameter_table(self.attainable),
            holds=_holds(self.stages, self.stage, self.actuation.period),
        )
        object.__setattr__(self, "_fixed", fixed)

    def start(self, batch: int) -> MpcState:
        """Nothing known of the solution."""
        rows = 2 * self.stages + SLACKS + ROWS_PER_STAGE * self.stages
        active = np.zeros((batch, rows), np.int32)
        return MpcState(active, Pid(self.actuation).start(batch))

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: MpcState
    ) -> tuple[Tracking, MpcState]:
        """The control of this tick; `predicted` stands at the ends of the stages."""
        cars, problems = self.problems(observation, plan, under_way)
        batch = len(cars)
        inputs = np.zeros((batch, problems.g.shape[1]))
        residual, active = np.empty(batch), np.empty_like(state.active)
        for b in range(batch):
            inputs[b], residual[b], active[b] = solve(
                problems.H[b], problems.g[b], problems.A[b], problems.lo[b], problems.hi[b],
                state.active[b], SLACKS,
            )  # fmt: skip
        ego, status = observation.ego, np.empty(batch, np.int32)
        control, predicted = answered(
            cars, ego.state, inputs, problems.gain, problems.free, problems.plan,
            self._fixed.actuation, self._fixed.bounds, residual, status,
        )  # fmt: skip
        pid = self._fallback(observation, plan, under_way, state, status, control)
        tracking = Tracking(control, predicted, status, residual)
        return tracking, MpcState(active, pid)

    @property
    def attainable(self) -> Bounds:
        """The bounds that both the controller's and the actuators' limits leave."""
        known = self.actuation
        return replace(
            self.bounds,
            steer_rate=min(self.bounds.steer_rate, known.steer_rate),
            jerk=min(self.bounds.jerk, known.jerk),
            steer=min(self.bounds.steer, known.steer),
            friction=min(self.bounds.friction, known.friction),
        )

    def problems(
        self, observation: Observation, plan: Plan, under_way: Floats
    ) -> tuple[Floats, Problems]:
        """The cars when the control will act, and their problems."""
        ego, period, fixed = observation.ego, self.actuation.period, self._fixed
        cars = delayed(ego.state, ego.accel, ego.steer, ego.size, under_way, fixed.actuation)
        problems = empty_problems(len(cars), self.stages)
        begin = (observation.tick - plan.tick) * observation.dt + under_way.shape[1] * period
        build(plan.states, plan.controls, plan.dt, begin, cars, ego.size, period,
              fixed.holds, fixed.weights, fixed.bounds, problems)  # fmt: skip
        return cars, problems

    def _fallback(
        self,
        observation: Observation,
        plan: Plan,
        under_way: Floats,
        state: MpcState,
        status: Ints,
        control: Floats,
    ) -> PidState:
        """Write PID's control into the rows that failed; the others start afresh next time."""
        failed = status == Status.FALLBACK
        if not failed.any():
            used = state.pid.integral.any()
            return PidState(np.zeros(len(failed))) if used else state.pid
        answer, after = Pid(self.actuation).track(observation, plan, under_way, state.pid)
        control[failed] = answer.control[failed]
        return PidState(np.where(failed, after.integral, 0.0))


def _holds(stages: int, stage: float, period: float) -> NDArray[np.int64]:
    """(N,) lengths of the stages [periods]."""
    holds = np.full(stages, max(round(stage / period), 1), np.int64)
    holds[0] = 1
    return holds
