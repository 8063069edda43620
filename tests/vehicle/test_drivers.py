"""IDM, linear driver and controllers against highway-env's classes, bit for bit; known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.vehicle.idm import (
    desired_gap,
    free_acceleration,
    interaction,
    linear_acceleration,
    not_zero,
)
from drivestack.vehicle.parameters import highway_env_slot, new_body
from drivestack.vehicle.steering import linear_steering, speed_control, steering_control
from tests.portable import Reference, run_reference

SEED = 11
IDM = {"distance_wanted": 10.0, "time_wanted": 1.5, "comfort_max": 3.0, "comfort_min": -5.0}
speeds = st.floats(-40, 60)
angles = st.floats(-7, 7)


CLASSES = ["IDMVehicle", "LinearVehicle", "AggressiveVehicle", "DefensiveVehicle"]


@pytest.fixture(scope="module")
def reference() -> Reference:
    print(f"seed {SEED}")
    return run_reference("tests.vehicle.reference", "drivers", seed=SEED, n=1500, names=CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_equals_highway_env(name: str, reference: Reference) -> None:
    tolerance = reference.tolerance()
    body = new_body(name.removesuffix("Vehicle").lower())[0]
    slot = highway_env_slot()[0]
    fields = {
        key.removeprefix(f"{name}."): values
        for key, values in reference.arrays.items()
        if key.startswith(f"{name}.")
    }
    for row in zip(*fields.values(), strict=True):
        case = dict(zip(fields, (float(value) for value in row), strict=True))
        for key, value in _ours(case, body, slot, idm=name == "IDMVehicle").items():
            assert value == pytest.approx(case[key], rel=tolerance, abs=tolerance), key


def _ours(case: dict[str, float], body: np.void, slot: np.void, idm: bool) -> dict[str, float]:
    v = case["speed"]
    gap = desired_gap(
        v,
        case["cos"],
        case["sin"],
        case["front_speed"],
        case["front_cos"],
        case["front_sin"],
        slot["distance_wanted"],
        body["time_wanted"],
        slot["comfort_acc_max"],
        slot["comfort_acc_min"],
    )
    pose = (case["lateral"], case["future_heading"], case["heading"], v, body["length"])
    found = {"gap": gap, "speed_control": speed_control(v, case["raw_target"], slot["kp_a"])}
    if idm:
        most = slot["comfort_acc_max"]
        found["free"] = free_acceleration(v, case["target"], case["delta"], most)
        found["led"] = found["free"] - interaction(gap, case["distance"], most)
        found["steering"] = steering_control(
            *pose, slot["kp_lateral"], slot["kp_heading"], slot["max_steering"]
        )
        return found
    for key, led in (("free", False), ("led", True)):
        found[key] = linear_acceleration(
            v,
            case["raw_target"],
            led,
            case["front_speed"],
            case["distance"],
            slot["distance_wanted"],
            body["time_wanted"],
            *body["accel_gain"],
        )
    found["steering"] = linear_steering(*pose, *body["steer_gain"])
    return found


@pytest.mark.parametrize(
    ("value", "kept"), [(0.0, 0.01), (-0.0, 0.01), (-0.005, -0.01), (0.01, 0.01), (-3.0, -3.0)]
)
def test_not_zero(value: float, kept: float) -> None:
    assert not_zero(value) == kept


def test_known_answers() -> None:
    assert free_acceleration(20.0, 20.0, 4.0, 3.0) == 0.0
    assert free_acceleration(0.0, 0.0, 4.0, 3.0) == 3.0  # 0 / 0.01: a stopped, stopping car starts
    assert free_acceleration(-5.0, 20.0, 4.0, 3.0) == 3.0
    assert desired_gap(20.0, 1.0, 0.0, 20.0, 1.0, 0.0, **IDM) == 40.0
    assert desired_gap(20.0, 1.0, 0.0, 60.0, 1.0, 0.0, **IDM) < 0.0
    assert interaction(-10.0, -5.0, 3.0) == 12.0
    assert linear_acceleration(20.0, 25.0, False, 0.0, 0.0, 10.0, 2.5, 0.3, 0.3, 2.0) == 1.5


@given(v=speeds, w=speeds, a=angles, b=angles)
def test_gap_is_mirrored_exactly(v: float, w: float, a: float, b: float) -> None:
    def gap(sign: float) -> float:
        own, front = (math.cos(a), sign * math.sin(a)), (math.cos(b), sign * math.sin(b))
        return desired_gap(v, *own, w, *front, **IDM)

    assert gap(1.0) == gap(-1.0)


@given(lateral=st.floats(-9, 9), turn=st.floats(-3, 3), v=speeds)
def test_steering_is_mirrored(lateral: float, turn: float, v: float) -> None:
    """Up to rounding: wrapping an angle to [-pi, pi) is not odd in floating point."""
    gains = (5.0, 1 / 0.6, 1 / 0.2, math.pi / 3)
    left, right = (steering_control(s * lateral, 0.0, s * turn, v, *gains) for s in (1, -1))
    # arcsin is infinitely steep at full slip
    assert left == pytest.approx(-right, abs=1e-6)


def test_steering_returns_to_the_lane() -> None:
    assert steering_control(0.0, 0.3, 0.3, 20.0, 5.0, 1 / 0.6, 5.0, math.pi / 3) == 0.0
    assert steering_control(1.0, 0.0, 0.0, 20.0, 5.0, 1 / 0.6, 5.0, math.pi / 3) < 0.0
    assert abs(steering_control(50.0, 0.0, 3.0, 1.0, 5.0, 1 / 0.6, 5.0, math.pi / 3)) <= math.pi / 3
