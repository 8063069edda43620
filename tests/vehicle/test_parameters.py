"""Constants equal highway-env's own, presets are complete, bad parameters are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.tables import Driver
from drivestack.vehicle.parameters import (
    DRIVERS,
    Actuators,
    highway_env_slot,
    new_body,
    set_target_speeds,
)
from tests.portable import run_reference


def test_constants_equal_highway_env() -> None:
    constants = run_reference("tests.vehicle.reference", "constants").arrays
    slot = highway_env_slot()[0]
    assert slot["speeds"][: slot["speeds_n"]].tolist() == constants.pop("speeds").tolist()
    for name, value in constants.items():
        preset, _, field = name.rpartition(".")
        row = new_body(preset)[0] if preset else slot
        assert np.array_equal(row[field], value), name


def test_presets_are_whole() -> None:
    for name in DRIVERS:
        body = new_body(name)[0]
        assert body["driver"] in (Driver.IDM, Driver.LINEAR)
        assert body["present"]
        assert not body["crashed"]


@pytest.mark.parametrize(
    "values", [{"accel_lag": -0.1}, {"friction": math.nan}, {"delay": 33}, {"max_jerk": math.inf}]
)
def test_bad_actuators_are_refused(values: dict) -> None:
    with pytest.raises(InputError, match="actuators: "):
        Actuators(**values)


@pytest.mark.parametrize("speeds", [[20.0], [20.0, 20.0], [30.0, 20.0], list(range(9))])
def test_bad_target_speeds_are_refused(speeds: list[float]) -> None:
    with pytest.raises(InputError, match="ascending"):
        set_target_speeds(highway_env_slot(), np.array(speeds, dtype=float))
