"""References tracked on both plants, within stated errors; every solve is optimal."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.types import Status
from drivestack.motion.mpc.parameters import Bounds
from drivestack.motion.mpc.solve import TOLERANCE
from tests.motion.mpc.driving import (
    DT,
    REFERENCES,
    driven,
    errors,
    mirrored,
    mpc_for,
    new_plant,
    rolled,
)

PLANTS = {"kinematic": False, "lagged": True}

LARGEST = {
    # along [m], across [m], speed [m/s]; the emergency begins with a step, jerk is bounded
    ("kinematic", "straight"): (1e-9, 1e-9, 1e-9),
    ("kinematic", "arc"): (0.01, 0.03, 0.01),
    ("kinematic", "lane change"): (0.005, 0.01, 0.005),
    ("kinematic", "stop"): (0.05, 1e-9, 0.08),
    ("kinematic", "emergency"): (0.15, 1e-9, 0.5),
    ("lagged", "straight"): (1e-9, 1e-9, 1e-9),
    ("lagged", "arc"): (0.01, 0.06, 0.01),
    ("lagged", "lane change"): (0.005, 0.02, 0.005),
    ("lagged", "stop"): (0.05, 1e-9, 0.08),
    ("lagged", "emergency"): (0.2, 1e-9, 0.5),
}


@pytest.mark.parametrize(("plant", "reference"), LARGEST)
def test_error_stays_within(plant: str, reference: str) -> None:
    speed, controls = REFERENCES[reference]
    plan, lagged = rolled(controls, speed), PLANTS[plant]
    drive = driven(mpc_for(lagged), plan, new_plant(lagged, speed))
    found = np.abs(errors(drive, plan)).max(axis=0)
    assert (found <= LARGEST[plant, reference]).all(), found
    assert (drive.status == Status.SOLVED).all()
    assert drive.residual.max() < TOLERANCE
    assert drive.states[:, 3].min() > -1e-12


@pytest.mark.parametrize("offset", [0.5, -0.5])
@pytest.mark.parametrize(("plant", "reference"), LARGEST)
def test_comes_back_to_the_plan(plant: str, reference: str, offset: float) -> None:
    speed, controls = REFERENCES[reference]
    plan, lagged = rolled(controls, speed), PLANTS[plant]
    drive = driven(mpc_for(lagged), plan, new_plant(lagged, speed, offset))
    assert np.abs(errors(drive, plan)[-1]).max() < 0.03
    assert (drive.status == Status.SOLVED).all()
    assert drive.residual.max() < TOLERANCE


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_known_delay_is_compensated(reference: str) -> None:
    """Behind 0.15 s of delay and lags, knowing them at least halves the largest error."""
    speed, controls = REFERENCES[reference]
    plan = rolled(controls, speed)
    aware = errors(driven(mpc_for(True), plan, new_plant(True, speed)), plan)
    blind = errors(driven(mpc_for(False), plan, new_plant(True, speed)), plan)
    assert np.abs(aware).max() <= max(0.5 * np.abs(blind).max(), 1e-9)


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("reference", REFERENCES)
def test_left_and_right_mirror(plant: str, reference: str) -> None:
    speed, controls = REFERENCES[reference]
    plan, lagged = rolled(controls, speed), PLANTS[plant]
    left = driven(mpc_for(lagged), plan, new_plant(lagged, speed, 0.4))
    right = driven(mpc_for(lagged), mirrored(plan), new_plant(lagged, speed, -0.4))
    np.testing.assert_allclose(right.controls, left.controls * [1.0, -1.0], atol=1e-9)
    np.testing.assert_allclose(right.states, left.states * [1.0, -1.0, -1.0, 1.0], atol=1e-8)


@pytest.mark.parametrize("reference", REFERENCES)
def test_commands_keep_the_bounds(reference: str) -> None:
    """On the kinematic plant a command is what is applied, so its change is bounded too."""
    speed, controls = REFERENCES[reference]
    drive, most = (
        driven(mpc_for(False), rolled(controls, speed), new_plant(False, speed, 1.0)),
        Bounds(),
    )
    accel, steer = drive.controls.T
    assert accel.min() >= -most.friction - 1e-9
    assert accel.max() <= most.most_accel + 1e-9
    assert np.abs(steer).max() <= most.steer + 1e-9
    assert np.abs(np.diff(steer, prepend=0.0)).max() <= most.steer_rate * DT + 1e-9
    moving = drive.states[:, 3] > 0.0
    assert np.abs(np.diff(accel, prepend=0.0))[moving].max() <= most.jerk * DT + 1e-9
