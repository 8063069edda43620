"""OpenSCENARIO's event priorities, from the file through the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.scenario import load
from tests.scenario.opendrive.roads import road, roads
from tests.scenario.openscenario.documents import (
    at_lane,
    at_time,
    event,
    lane_offset,
    speed,
    timed_speed,
    two_cars,
)
from tests.scenario.writing import write
from tests.world.actors.playing import fired, played, tracks

LONG = '<geometry s="0" x="0" y="0" hdg="0" length="2000"><line/></geometry>'
EGO, OTHER = (at_lane(-2, 5.0), speed(0.0)), (at_lane(-1, 105.0), speed(10.0))


@pytest.mark.parametrize(
    ("priority", "begins", "last"),
    [("override", 60, 8.0), ("overwrite", 60, 8.0), ("skip", 220, 0.0), ("parallel", 60, 0.0)],
)
def test_events_of_a_maneuver_know_each_other(
    tmp_path: Path, priority: str, begins: int, last: float
) -> None:
    """A car slows down from 10 to 0 m/s over 1 s to 11 s; at 3 s it is to move aside."""
    write(tmp_path, "road.xodr", roads(road(plan=LONG, length=2000)))
    slow = event("Slow", timed_speed(0.0, 10.0), at_time(1.0))
    aside = event("Aside", lane_offset(1.0, 0.5), at_time(3.0), priority=priority)
    (start,) = load(write(tmp_path, "s.xosc", two_cars(slow, aside, ego=EGO, other=OTHER)))
    scenes = played(start, 16)
    assert fired(scenes, 1) == begins
    assert tracks(scenes)[-1, 3] == pytest.approx(last)
    assert tracks(scenes)[-1, 1] == pytest.approx(-0.75)
