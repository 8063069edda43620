"""Physical constants and driver presets, each with its source, as rows of `SLOT` and `BODY`.

Unless said otherwise a constant is highway-env 1.12.1's, and is computed by the same expression so
that its bits are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InputError
from ..core.tables import BODY, MAX_DELAY, MAX_SPEEDS, SLOT, Driver, Kind, Plant

GRAVITY = 9.80665
"""Standard gravity [m/s2] (3rd CGPM, 1901)."""


@dataclass(frozen=True, slots=True)
class Actuators:
    """What stands between a command and the wheels.

    Attributes:
        accel_lag, steer_lag: time constants [s]; nuPlan's ``KinematicBicycleModel``.
        max_jerk: [m/s3]; the brake build-up of JRC-FSM's R157 models.
        max_steer_rate: of the front wheels [rad/s]; nuPlan's ``ILQRTracker``.
        friction: largest acceleration [m/s2]; dry asphalt, peak coefficient 0.8 to 0.9 (Wong,
            Theory of Ground Vehicles, table of tyre-road adhesion).
        delay: transport delay [ticks].
    """

    accel_lag: float = 0.2
    steer_lag: float = 0.05
    max_jerk: float = 12.65
    max_steer_rate: float = 0.5
    friction: float = 0.8 * GRAVITY
    delay: int = 0

    def __post_init__(self) -> None:
        values = (self.accel_lag, self.steer_lag, self.max_jerk, self.max_steer_rate, self.friction)
        if not all(np.isfinite(values)) or min(values) < 0.0:
            raise InputError(f"actuators: expected finite values of at least 0, got {values}")
        if not 0 <= self.delay <= MAX_DELAY:
            raise InputError(f"actuators: delay should be 0 to {MAX_DELAY} ticks, got {self.delay}")


def highway_env_slot() -> NDArray:
    """A (1,) `SLOT` with all of highway-env's constants; clock and flags are left at zero.

    The lagged plant is filled with the defaults of `Actuators`; its use is up to `plant`.
    """
    slots = np.zeros(1, SLOT)
    slot = slots[0]
    # behavior.py:IDMVehicle
    slot["acc_max"] = 6.0
    slot["comfort_acc_max"] = 3.0
    slot["comfort_acc_min"] = -5.0
    slot["distance_wanted"] = 5.0 + 5.0  # and a car's length
    slot["politeness"] = 0.0
    slot["max_braking_imposed"] = 2.0
    slot["lane_change_delay"] = 1.0
    # controller.py:ControlledVehicle
    slot["kp_a"] = 1 / 0.6  # 1 / TAU_ACC
    slot["kp_heading"] = 1 / 0.2  # 1 / TAU_HEADING
    slot["kp_lateral"] = 1 / 0.6  # 1 / TAU_LATERAL
    slot["tau_pursuit"] = 0.5 * 0.2  # 0.5 * TAU_HEADING
    slot["max_steering"] = np.pi / 3
    set_target_speeds(slots, np.linspace(20, 30, 3))  # MDPVehicle.DEFAULT_TARGET_SPEEDS
    # kinematics.py:Vehicle
    slot["max_speed"] = 40.0
    slot["min_speed"] = -40.0
    # lane.py:AbstractLane.VEHICLE_LENGTH
    slot["lane_margin"] = 5.0
    # regulation.py:RegulatedRoad: REGULATION_FREQUENCY; is_conflict_possible: horizon, step
    slot["regulation_hz"] = 2.0
    slot["yield_horizon"] = 3.0
    slot["yield_step"] = 0.25
    # dynamics.py:BicycleVehicle: FRICTION_FRONT over MASS, derivative_func, MAX_ANGULAR_SPEED
    slot["tyre_stiffness"] = 15.0
    slot["low_speed"] = 1.0
    slot["max_yaw_rate"] = 2 * np.pi
    # world/reactive.py: Treiber, Hennecke, Helbing 2000, table I, s0
    slot["standing_gap"] = 2.0
    set_actuators(slots, Actuators())
    slot["plant"] = Plant.KINEMATIC
    return slots


def set_target_speeds(slots: NDArray, speeds: NDArray[np.float64]) -> None:
    """Write the target speeds [m/s] of a meta-action ego into a (1,) `SLOT`.

    Raises:
        InputError: fewer than 2 or more than `MAX_SPEEDS`, or not ascending (highway-env divides
            by the difference of the last and the first).
    """
    n = len(speeds)
    if not 2 <= n <= MAX_SPEEDS or not (np.diff(speeds) > 0).all():
        raise InputError(
            f"target speeds: expected 2 to {MAX_SPEEDS} ascending numbers, got {list(speeds)}"
        )
    slots["speeds_n"][0] = n
    slots["speeds"][0, :n] = speeds


def set_actuators(slots: NDArray, actuators: Actuators) -> None:
    """Write the parameters of the lagged plant into a (1,) `SLOT`."""
    for name in ("accel_lag", "steer_lag", "max_jerk", "max_steer_rate", "friction", "delay"):
        slots[name][0] = getattr(actuators, name)


def actuators_of(slots: NDArray) -> Actuators | None:
    """The actuators of a (1,) `SLOT`; None where the plant obeys at once."""
    if slots["plant"][0] != Plant.LAGGED:
        return None
    names = ("accel_lag", "steer_lag", "max_jerk", "max_steer_rate", "friction")
    return Actuators(
        **{name: float(slots[name][0]) for name in names}, delay=int(slots["delay"][0])
    )


_LANE_KEEPING = (1 / 0.2, 1 / 0.2 * (1 / 0.6))
"""LinearVehicle.STEERING_PARAMETERS: KP_HEADING, KP_HEADING * KP_LATERAL."""


@dataclass(frozen=True, slots=True)
class DriverPreset:
    """A kind of driver in behavior.py.

    Attributes:
        driver: who moves the body. time_wanted: TIME_WANTED [s].
        min_gain: LANE_CHANGE_MIN_ACC_GAIN [m/s2].
        accel_gain: ACCELERATION_PARAMETERS. steer_gain: STEERING_PARAMETERS.
    """

    driver: Driver
    time_wanted: float
    min_gain: float
    accel_gain: tuple[float, float, float]
    steer_gain: tuple[float, float]


DRIVERS = {
    "idm": DriverPreset(Driver.IDM, 1.5, 0.2, (0.3, 0.3, 2.0), _LANE_KEEPING),
    "linear": DriverPreset(Driver.LINEAR, 2.5, 0.2, (0.3, 0.3, 2.0), _LANE_KEEPING),
    # MERGE_ACC_GAIN over (1 - MERGE_VEL_RATIO) * MERGE_TARGET_VEL, over their product, and a gain
    "aggressive": DriverPreset(
        Driver.LINEAR, 2.5, 1.0, (0.8 / ((1 - 0.75) * 30), 0.8 / (0.75 * 30), 0.5), _LANE_KEEPING
    ),
    "defensive": DriverPreset(
        Driver.LINEAR, 2.5, 1.0, (1.2 / ((1 - 0.75) * 30), 1.2 / (0.75 * 30), 2.0), _LANE_KEEPING
    ),
}
"""Traffic by name."""


def new_body(preset: str = "idm") -> NDArray:
    """A (1,) `BODY` of one car at the origin with the parameters of a preset of `DRIVERS`.

    Lane, target lane and target speed are the caller's to set, as are `id` and pose.
    """
    chosen = DRIVERS[preset]
    bodies = np.zeros(1, BODY)
    body = bodies[0]
    body["driver"] = chosen.driver
    body["kind"] = Kind.CAR
    body["present"] = True
    body["check_collisions"] = True  # objects.py:RoadObject
    body["lane_changes"] = True  # behavior.py:IDMVehicle, enable_lane_change
    body["length"] = 5.0  # kinematics.py:Vehicle
    body["width"] = 2.0
    body["delta"] = 4.0  # behavior.py:IDMVehicle.DELTA
    body["time_wanted"] = chosen.time_wanted
    body["min_gain"] = chosen.min_gain
    body["accel_gain"] = chosen.accel_gain
    body["steer_gain"] = chosen.steer_gain
    return bodies
