"""What stands between a command and the wheels, and where the car will be when a command acts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.errors import InputError
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.vehicle.bicycle import euler_step
from drivestack.vehicle.lagged import lag, on_friction_circle
from drivestack.vehicle.parameters import Actuators


@dataclass(frozen=True, slots=True)
class Actuation:
    """The actuators as far as a controller knows them; by default they obey at once.

    Attributes:
        period: time a control is held [s]. delay: between a command and its effect [periods].
        accel_lag, steer_lag: time constants [s], 0 for none.
        jerk: [m/s3]. steer_rate: of the front wheels [rad/s]. friction: of the tyres [m/s2].
        steer: largest angle [rad]; highway-env's MAX_STEERING_ANGLE.
    """

    period: float
    delay: int = 0
    accel_lag: float = 0.0
    steer_lag: float = 0.0
    jerk: float = math.inf
    steer_rate: float = math.inf
    friction: float = math.inf
    steer: float = math.pi / 3.0

    @classmethod
    def behind(
        cls, actuators: Actuators | None, period: float, dt: float, latency: int = 0
    ) -> Self:
        """For a plant whose tick is `dt` [s]; None: no lags.

        Args:
            latency: ticks from deciding a control to commanding it.

        Raises:
            InputError: delay and latency together are no whole number of control periods.
        """
        ticks = latency + (actuators.delay if actuators else 0)
        periods = ticks * dt / period
        if abs(periods - round(periods)) > 1e-9:
            raise InputError(
                f"delays of {ticks} ticks are not a whole number of control periods of "
                f"{round(period / dt)} ticks"
            )
        if actuators is None:
            return cls(period, delay=round(periods))
        return cls(
            period,
            delay=round(periods),
            accel_lag=actuators.accel_lag,
            steer_lag=actuators.steer_lag,
            jerk=actuators.max_jerk,
            steer_rate=actuators.max_steer_rate,
            friction=actuators.friction,
        )

    @property
    def table(self) -> NDArray:
        """As one row, for kernels."""
        return parameter_table(self)


@kernel
def delayed(
    state: NDArray,
    accel: NDArray,
    steer: NDArray,
    size: NDArray,
    under_way: NDArray,
    actuation: Table,
) -> NDArray:
    """The cars when the next command acts, as `vehicle.lagged` moves them until then.

    Args:
        state: (B, 4). accel, steer: (B,) applied. size: (B, 2) [m].
        under_way: (B, D, 2) commands that do not act yet, oldest first.

    Returns:
        (B, 6) x, y, yaw, v, accel, steer.
    """
    own = actuation[0]
    cars = np.empty((state.shape[0], 6))
    for b in range(state.shape[0]):
        cars[b, :4] = state[b]
        cars[b, 4], cars[b, 5] = accel[b], steer[b]
        for d in range(under_way.shape[1]):
            _step(cars[b], under_way[b, d, 0], under_way[b, d, 1], size[b, 0], own)
    return cars


@kernel
def _step(car: NDArray, accel: float, steer: float, length: float, own: Row) -> None:
    """One period of the plant under a command."""
    wanted = min(max(steer, -own.steer), own.steer)
    car[4] = lag(car[4], accel, own.accel_lag, own.jerk, own.period)
    car[5] = lag(car[5], wanted, own.steer_lag, own.steer_rate, own.period)
    held, turned = on_friction_circle(car[4], car[5], car[3], length, own.friction)
    car[0], car[1], car[2], car[3] = euler_step(
        car[0], car[1], car[2], car[3], held, turned, length, own.period
    )


@kernel
def ahead_of_lag(state: float, wanted: float, time_constant: float, period: float) -> float:
    """The command after which a first-order lag is at `wanted` one period later."""
    if time_constant <= 0.0:
        return wanted
    return state - (wanted - state) / math.expm1(-period / time_constant)
