"""CriMe's reference scenes reproduce the values its tests expect (reference data.md, section 6).

CommonRoad/commonroad-crime:tests/test_*_domain.py, step 0. Conventions of theirs that are not ours
are built here and named by the test; an artefact of theirs is named where its value is taken.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.frames import to_frame
from drivestack.core.geometry import corners
from drivestack.core.map import Map
from drivestack.core.types import Bools, Floats
from drivestack.metrics.criticality.closest import closest_encounter, distance_apart
from drivestack.metrics.criticality.cpi import crash_probability
from drivestack.metrics.criticality.drac import (
    BRAKING_LIMIT,
    SAFETY_TIME,
    braking_threat,
    deceleration_to_avoid,
    deceleration_to_stop,
    safety_time_deceleration,
)
from drivestack.metrics.criticality.exposure import CRITICAL, exposure
from drivestack.metrics.criticality.headway import driven_headway
from drivestack.metrics.criticality.jerk import longitudinal_jerk
from drivestack.metrics.criticality.severity import delta_v
from drivestack.metrics.criticality.steering import (
    STEERING_LIMIT,
    lateral_to_avoid,
    steering_threat,
)
from drivestack.metrics.criticality.ttc import (
    time_to_collision,
    time_to_collision_accelerating,
)
from drivestack.metrics.criticality.wttc import (
    ACCELERATION,
    disc_radius,
    worst_time_to_collision,
)
from drivestack.roads.lanes import local_coordinates, width_at
from drivestack.scenario.commonroad.obstacles import Track
from drivestack.scenario.commonroad.recording import read_recording

pytestmark = pytest.mark.shared

DT = 0.1
NEAR = 1e-2
"""Tolerance of CriMe's own tests."""


class Scene:
    """A recording: its tracks by id, and places along one of its lanes."""

    def __init__(self, shared: Path, name: str, lanelet: int | None = None) -> None:
        path = shared / "data" / "crime_reference_cases" / f"{name}.xml.gz"
        if not path.exists():
            pytest.skip(f"shared data not found at {path}")
        recording = read_recording(path)
        self.map: Map = recording.network.map
        self.tracks = {track.id: track for track in recording.tracks}
        self._lane_of = recording.network.lane_of
        self._lane = 0 if lanelet is None else self._lane_of[lanelet]

    def use_lane_of(self, track: int) -> Scene:
        """Measure along the lane that is nearest to a track's first state."""
        x, y = (float(value) for value in self.tracks[track].states[0, :2])
        lateral = [
            abs(local_coordinates(lane, self.map.points, x, y)[1]) for lane in self.map.lanes
        ]
        self._lane = int(np.argmin(lateral))
        return self

    def along(self, points: Floats) -> Floats:
        """Place along the lane (T,) [m] and to its left [m] of points (T, 2)."""
        lane, table = self.map.lanes[self._lane], self.map.points
        return np.array([local_coordinates(lane, table, float(x), float(y)) for x, y in points]).T

    def gap(self, ego: int, other: int) -> Floats:
        """Bumper to bumper (T,) [m]; a track with one state stands there."""
        one, two = self.tracks[ego], self.tracks[other]
        apart = self.along(two.states[:, :2])[0] - self.along(one.states[:, :2])[0]
        return apart - 0.5 * (one.length + two.length)

    def in_one_lanelet(self, ego: int, other: int) -> Bools:
        """Whether both stand in some lanelet (T,), which CriMe asks for before anything else."""
        one, two = self.tracks[ego], self.tracks[other]
        last = len(two.states) - 1
        return np.array(
            [
                bool(self._lanes_under(one, k) & self._lanes_under(two, min(k, last)))
                for k in range(len(one.states))
            ]
        )

    def _lanes_under(self, track: Track, k: int) -> set[int]:
        found = set()
        points = corners(track.states[k, :3], np.array([track.length, track.width]))
        for number, lane in enumerate(self.map.lanes):
            for x, y in points:
                s, lateral = local_coordinates(lane, self.map.points, float(x), float(y))
                half = width_at(lane, self.map.points, s) / 2
                if 0.0 <= s <= lane["length"] and abs(lateral) <= half:
                    found.add(number)
        return found


def distances(scene: Scene, ego: int, other: int) -> Floats:
    """Between the boxes of two tracks at every state of the ego (T,) [m]."""
    one, two = scene.tracks[ego], scene.tracks[other]
    pose = to_frame(np.broadcast_to(two.states[:, :3], (len(one.states), 3)), one.states[:, :3])
    size = np.broadcast_to([two.length, two.width], (len(pose), 2))
    return distance_apart(pose, size, np.array([one.length, one.width]))


@pytest.fixture(scope="module")
def urban(shared: Path) -> Scene:
    return Scene(shared, "ZAM_Urban-3_3_Repair").use_lane_of(8)


@pytest.fixture(scope="module")
def garching(shared: Path) -> Scene:
    return Scene(shared, "DEU_Gar-1_1_T-1").use_lane_of(200)


@pytest.fixture(scope="module")
def zipper(shared: Path) -> Scene:
    return Scene(shared, "ZAM_Zip-1_56_T-1").use_lane_of(2)


def test_headway_along_the_lane_from_bumper_to_bumper(urban: Scene) -> None:
    assert urban.gap(8, 6)[0] == pytest.approx(20.75, abs=NEAR)


@pytest.mark.parametrize(("step", "expected"), [(0, 2.4), (10, 1.4)])
def test_time_headway_along_the_recorded_drive(urban: Scene, step: int, expected: float) -> None:
    front = -urban.gap(8, 6)[step:]
    assert float(driven_headway(front, np.array(0.0), DT)) == pytest.approx(expected)


def test_no_headway_to_a_car_in_another_lanelet(urban: Scene) -> None:
    assert urban.in_one_lanelet(8, 6)[0]
    assert not urban.in_one_lanelet(8, 7)[0]


def test_time_to_the_first_contact_of_the_recorded_drive(urban: Scene) -> None:
    times = [distances(urban, 8, other)[:-1] == 0.0 for other in (6, 7)]
    assert np.argmax(times[0] | times[1]) * DT == pytest.approx(2.4)
    assert not times[1].any(), "with car 6 away there is no contact"


@pytest.mark.parametrize(("other", "distance"), [(6, 0.0), (7, 0.98)])
def test_closest_encounter_of_the_recorded_drive(urban: Scene, other: int, distance: float) -> None:
    least, time = closest_encounter(distances(urban, 8, other), DT)
    assert float(least) == pytest.approx(distance, abs=NEAR)
    assert float(time) == pytest.approx(2.4)


@pytest.mark.parametrize(("other", "tet", "tit"), [(6, 2.0, 2.012), (7, 0.9, 1.40)])
def test_exposure_of_accelerating_ttc_rounded_to_two_decimals(
    urban: Scene, other: int, tet: float, tit: float
) -> None:
    gap, speed = urban.gap(8, other), urban.tracks[8].states[:, 3]
    acceleration = -np.gradient(speed, DT)
    # accelerations up to 0.1 m/s2 are 0 to CriMe
    times = np.where(
        np.abs(acceleration) <= 0.1,
        time_to_collision(gap, speed),
        time_to_collision_accelerating(gap, speed, acceleration),
    )
    conflict = (gap >= 0.0) & urban.in_one_lanelet(8, other)
    times = np.where(conflict, np.round(times, 2), math.inf)[:-1]  # it leaves the last state out
    exposed, integrated = exposure(times, DT, CRITICAL)
    assert float(exposed) == pytest.approx(tet)
    assert float(integrated) == pytest.approx(tit, abs=NEAR)


def test_wttc_of_the_middle_discs_rounded_to_a_tick(urban: Scene) -> None:
    ego, other = urban.tracks[8], urban.tracks[6]
    heading, speed = ego.states[0, 2:]
    velocity = -speed * np.array([math.cos(heading), math.sin(heading)])
    reach = disc_radius(np.array([[t.length, t.width] for t in (ego, other)])).sum()
    apart = other.states[0, :2] - ego.states[0, :2]
    time = worst_time_to_collision(apart, velocity, reach, np.array(ACCELERATION))
    assert round(float(time), 1) == 1.3


def crime_gap(scene: Scene) -> float:
    """Gap from 200 to 202 [m] as CriMe measures it: half a length is added to x *and* to y."""
    ego, other = scene.tracks[200], scene.tracks[202]
    front = ego.states[:1, :2] + ego.length / 2
    rear = other.states[:1, :2] - other.length / 2
    return float((scene.along(rear)[0] - scene.along(front)[0])[0])


def test_required_deceleration_of_both_modes(garching: Scene) -> None:
    v, v_lead = (garching.tracks[track].states[0, 3] for track in (200, 202))
    steady = np.array(0.0)
    for gap in (garching.gap(200, 202)[0], crime_gap(garching)):
        assert float(deceleration_to_avoid(gap, v - v_lead, steady)) == pytest.approx(
            0.81, abs=NEAR
        )
    # mode 2 takes the stopping distance of a lead that does not brake as 0
    stop = deceleration_to_stop(np.array(crime_gap(garching)), v, steady, np.array(1.0))
    assert float(stop) == pytest.approx(5.77, abs=NEAR)
    assert not garching.in_one_lanelet(200, 201)[0]


def test_dst_of_the_gap_that_crime_found(garching: Scene) -> None:
    """DST divides by gap - 20 m, so 12 mm of CriMe's smoothed reference path become 0.14 m/s2."""
    gap = 22.172
    assert crime_gap(garching) == pytest.approx(gap, abs=0.02)
    v, v_lead = (garching.tracks[track].states[0, 3] for track in (200, 202))
    found = safety_time_deceleration(
        np.array([gap, math.inf]),
        np.array([v - v_lead, 6.0]),
        np.array([v_lead, 10.0]),
        SAFETY_TIME,
    )
    np.testing.assert_allclose(found, [24.86, 0.0], atol=NEAR)  # 201 is in another lanelet


def test_delta_v_of_speeds_that_crime_adds(garching: Scene) -> None:
    ego, other = garching.tracks[200].states[0], garching.tracks[202].states[0]
    summed = ego[3] + other[3] * math.cos(ego[2] - other[2])
    mass = np.array(1500.0)
    assert float(delta_v(summed, mass, mass)) == pytest.approx(13.0, abs=NEAR)


def test_braking_threat(zipper: Scene) -> None:
    closing = zipper.tracks[2].states[0, 3] - zipper.tracks[3].states[0, 3]
    drac = deceleration_to_avoid(zipper.gap(2, 3)[0], closing, np.array(0.0))
    assert float(braking_threat(np.round(drac, 2), BRAKING_LIMIT)) == pytest.approx(
        0.1043, abs=1e-4
    )
    assert not zipper.in_one_lanelet(2, 1)[0]


def test_nothing_to_steer_around_in_another_lanelet(zipper: Scene) -> None:
    """CriMe's other values (0.0238 for car 3; 0.06 m/s2 in Garching) are not reproduced.

    Its `a_lat_req.py` takes the ego's position for the other's as well, and multiplies the ego's
    whole speed by the sine of a lane's heading on the map.
    """
    assert not zipper.in_one_lanelet(2, 1)[0]
    still = np.array(0.0)
    needed = lateral_to_avoid(np.array(math.inf), still, still, still, np.array(2.0))
    assert float(steering_threat(needed, STEERING_LIMIT)) == 0.0


def test_crash_potential_of_a_lead_whose_braking_is_unsigned(zipper: Scene) -> None:
    ego, lead = (zipper.tracks[track].states[:, 3] for track in (2, 3))
    gap = zipper.gap(2, 3)
    conflict = zipper.in_one_lanelet(2, 3) & (gap > 0.0)
    acceleration = np.abs(np.gradient(lead, DT))
    drac = deceleration_to_avoid(np.where(conflict, gap, 1.0), ego - lead, acceleration)
    needed = np.round(np.where(conflict, drac, 0.0), 2)[:-1]
    assert float(crash_probability(needed).mean()) == pytest.approx(4.4345e-6, abs=1e-9)


def test_longitudinal_jerk(zipper: Scene) -> None:
    jerk = longitudinal_jerk(zipper.tracks[2].states[:, 3], DT)
    assert abs(float(jerk[40])) == pytest.approx(1.71, abs=NEAR)
