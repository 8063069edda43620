"""Steering and motion (parity note, sections 2, 9 and 10)."""

from __future__ import annotations

import numpy as np

from drivestack.core.tables import Plant

from .cases_scene import Case


def reverse_is_unstable() -> Case:
    """The steering law divides by the signed speed."""
    case = Case(ticks=30)
    case.highway()
    case.car(0.0, 0.3, -2.0, target_speed=10.0, lane_changes=False)
    case.obstacle(5.0, 2.5)
    return case


def centre_is_exact() -> Case:
    """On the centre of an axis-parallel lane a car stays for ever, also in reverse."""
    case = Case(ticks=30)
    case.highway()
    case.car(0.0, 0.0, -2.0, target_speed=10.0, lane_changes=False)
    case.obstacle(5.0, 2.5)
    return case


def creeping() -> Case:
    """Near standstill the divisor is floored at 0.01 and the slip is clipped."""
    case = Case(ticks=30)
    case.highway()
    case.car(0.0, 0.5, 0.0, target_speed=0.5, heading=0.2, lane_changes=False)
    case.car(100.0, 1e-4, 0.009, target_speed=0.0, heading=1e-4, lane_changes=False)
    return case


def soft_limits() -> Case:
    """Beyond 40 m/s acceleration is bounded, not the speed; below -40 mirrored."""
    case = Case()
    case.highway(2, length=2000.0)
    case.control = (6.0, 0.0)  # the first car's
    for x, speed, accel in ((0.0, 39.8, 6.0), (300.0, 45.0, 3.0), (600.0, 45.0, -7.0)):
        case.car(x, 0.0, speed, "plain", action={"acceleration": accel, "steering": 0.0})
        action = {"acceleration": -accel, "steering": 0.0}
        case.car(1000.0 + x, 4.0, -speed, "plain", action=action)
    return case


def wreck_coasts() -> Case:
    """A crashed car loses its speed per second and holds its wheels straight."""
    case = Case()
    case.highway()
    case.control = (2.0, 0.3)
    case.car(0.0, 0.0, 15.0, "plain", heading=0.1, crashed=True)
    return case


def crashed_driver_rests() -> Case:
    """A crashed driver decides nothing, but its timer goes on."""
    case = Case(ticks=30)
    case.highway(2, length=50.0)
    case.straight("bc", (50.0, 0.0), (90.0, 0.0))
    case.car(42.0, 0.0, 20.0, crashed=True, timer=0.5, target_speed=25.0)
    return case


def crashed_meta_follows() -> Case:
    """A crashed meta-action ego follows the road and steers; only its action is overridden."""
    case = Case(ticks=20)
    case.highway(1, length=50.0)
    case.straight("bc", (50.0, 0.0), (90.0, 0.0))
    case.car(42.0, 0.2, 20.0, "meta", crashed=True, target_speed=25.0)
    return case


def impact_is_applied() -> Case:
    """A stored impact displaces the car after an ordinary action, and marks it as crashed."""
    case = Case(ticks=5)
    case.highway()
    case.control = (2.0, 0.3)
    case.car(50.0, 0.0, 15.0, "plain", impact=np.array([0.3, -0.2]))
    case.car(0.0, 0.5, 15.0, impact=np.array([-0.1, 0.2]), lane_changes=False)
    return case


def angles_grow() -> Case:
    """Headings are never normalised."""
    case = Case(ticks=30)
    case.highway()
    case.control = (0.0, 0.6)
    case.car(0.0, 0.0, 9.0, "plain", heading=9.0)
    case.car(100.0, 0.5, 9.0, heading=12.7, lane_changes=False)
    return case


def linear_tyres() -> Case:
    """`BicycleVehicle` as ego; an impact is stored and never applied."""
    case = Case(ticks=30, hz=10)
    case.highway()
    case.plant, case.control = Plant.DYNAMIC, (0.5, 0.02)
    case.car(0.0, 0.0, 12.0, "dynamic")
    case.obstacle(14.0, 0.5)
    return case


def clamped_braking() -> Case:
    """Clamped physics: drivers and wrecks stop at 0, before contact is tested."""
    case = Case(ticks=40)
    case.highway()
    case.clamp()
    case.car(0.0, 0.3, 6.0, target_speed=10.0, lane_changes=False)
    case.obstacle(9.0, 0.4)
    case.car(60.0, 0.0, 2.0, "plain", action={"acceleration": -9.0, "steering": 0.1})
    case.car(67.0, 0.5, 0.0, "plain", action={"acceleration": -1.0, "steering": 0.0})
    return case


def clamped_tyres() -> Case:
    """An ego with tyres too."""
    case = Case(ticks=30, hz=10)
    case.highway()
    case.clamp()
    case.plant, case.control = Plant.DYNAMIC, (-4.0, 0.1)
    case.car(0.0, 0.0, 5.0, "dynamic")
    return case


CASES = (
    reverse_is_unstable,
    centre_is_exact,
    creeping,
    soft_limits,
    wreck_coasts,
    crashed_driver_rests,
    crashed_meta_follows,
    impact_is_applied,
    angles_grow,
    linear_tyres,
    clamped_braking,
    clamped_tyres,
)
