"""nuPlan's scenes of collisions and of time to collision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.tables import Kind
from drivestack.metrics.collision import OBJECTS, Fault, collisions
from drivestack.metrics.time_to_collision import Looking, times_to_collision, within_bound
from tests.metrics.nuplan_cases import case, drive

pytestmark = pytest.mark.shared

VULNERABLE = (Kind.PEDESTRIAN, Kind.BICYCLE, Kind.MOTORCYCLE)
"""nuPlan's bicycles include motorcycles."""

STRADDLES = {"active_lateral_collision": True, "multiple_collisions": False}
"""Facts of the map, which is not included (scores.md, section 11)."""


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("active_lateral_collision", [Fault.LATERAL]),
        ("active_rear_collision", [Fault.REAR]),
        ("multiple_collisions", None),
        ("no_collision", []),
        ("stopped_track_collision", [Fault.STOPPED_TRACK]),
    ],
)
def test_collisions(shared: Path, name: str, faults: list[Fault] | None) -> None:
    expected = case(shared, f"no_ego_at_fault_collision__{name}")
    seen = drive(expected)
    found = collisions(seen, np.full(len(seen.ego), STRADDLES.get(name, False)))
    if faults is not None:
        assert [collision.fault for collision in found] == faults
    guilty = [collision for collision in found if collision.at_fault]
    assert (not guilty) is expected.values("BOOLEAN")[0]
    counts = [
        len(guilty),
        sum(collision.kind in VULNERABLE for collision in guilty),
        sum(collision.kind is Kind.CAR for collision in guilty),
        sum(collision.kind in OBJECTS for collision in guilty),
    ]
    assert counts == expected.values("COUNT")
    for statistic, value in (("MAX", np.max), ("MIN", np.min), ("MEAN", np.mean)):
        changes = [collision.delta_v for collision in guilty]
        wanted = expected.values(statistic)
        assert bool(guilty) == bool(wanted)
        assert not wanted or value(changes) == pytest.approx(wanted[0], abs=0.01), statistic


@pytest.mark.parametrize("name", ["ego_stopped", "in_collision", "no_relevant_tracks"])
def test_time_to_collision(shared: Path, name: str) -> None:
    expected = case(shared, f"time_to_collision_within_bound__{name}")
    given = expected.raw["metric_parameters"]
    seen = drive(expected)
    in_lane = np.zeros(len(seen.ego), np.bool_)
    looking = Looking(given["time_step_size"], given["time_horizon"])
    assert looking.steps == 49
    found = collisions(seen, in_lane)
    ticks = np.arange(len(seen.ego), dtype=np.intp)
    times, _ = times_to_collision(seen, found, in_lane, ticks, looking)
    np.testing.assert_array_equal(np.round(times, 2), expected.series())
    assert times.min() == expected.values("MIN")[0]
    assert within_bound(times, given["least_min_ttc"]) is expected.values("BOOLEAN")[0]
