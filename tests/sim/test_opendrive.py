"""Driving on OpenDRIVE roads: the ego stays on its lane, through a bend and over joints."""

from __future__ import annotations

from pathlib import Path

from drivestack.sim.suite import run
from tests.scenario.opendrive.roads import joined, lane, link, on_road, road, roads, section

SCENARIO = """\
id: bend
map: {kind: opendrive, file: road.xodr}
ego: {kind: stack, lane: [1.0.right.start, 1.0.right.end, 0], s: 20, speed: 12}
goal: {lane: [1.0.right.end, 2.0.right.end, 0], s: 60, radius: 3}
time_limit: 12
"""


def test_through_a_clothoid_into_another_road(tmp_path: Path) -> None:
    shape = '<spiral curvStart="0" curvEnd="0.02"/>'
    bend = (
        '<geometry s="0" x="0" y="0" hdg="0" length="40"><line/></geometry>'
        f'<geometry s="40" x="40" y="0" hdg="0" length="40">{shape}</geometry>'
    )
    end = 'x="79.36472" y="5.27269" hdg="0.4"'  # 40 + A C(40 / A), A S(40 / A)
    arc = f'<geometry s="0" {end} length="80"><arc curvature="0.02"/></geometry>'
    first = section(0, lane(1), lane(-1, linked=link(after=-1)))
    second = section(0, lane(1), lane(-1, linked=link(before=-1)))
    text = roads(
        road("1", bend, first, 80, joined("successor", "2", "start")),
        road("2", arc, second, 80, joined("predecessor", "1", "end")),
    )
    (row,) = run(on_road(tmp_path, text, SCENARIO)).episodes
    assert row["goal_reached"]
    assert row["lane_keeping"]
    assert row["drivable_area"]
    assert row["driving_direction"] == 1.0
