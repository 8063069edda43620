"""Places by metres along a route: through the junction that the route takes, in its direction."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.scenario import load
from tests.scenario.opendrive.roads import joined, lane, link, road, roads, section
from tests.scenario.opendrive.test_network import connection, junction
from tests.scenario.openscenario.documents import at_lane, speed, two_cars
from tests.scenario.writing import write

TO_REAR_AXLE = 1.4
"""From the middle of the box, in these documents [m]."""


@pytest.fixture
def crossing(tmp_path: Path) -> Path:
    """Road 1 leads east into a junction; its road 2, the first in the file, turns off, its road 3
    goes straight on to road 4, which is drawn against it, from x = 260 to x = 160."""
    arc = '<geometry s="0" x="100" y="0" hdg="0" length="60"><arc curvature="0.02"/></geometry>'
    line = '<geometry s="0" x="{}" y="0" hdg="{}" length="{}"><line/></geometry>'
    own = section(0, right=lane(-1, linked=link(-1, 1)))
    back = section(0, lane(1, linked=link(after=-1)), lane(-1))
    before, on = joined("predecessor", "1", "end"), joined("successor", "4", "end")
    parts = (
        road("1", lanes=section(0, lane(1), lane(-1)), links=joined("successor", "9")),
        road("2", arc, own, 60, before, attributes='junction="9"'),
        road("3", line.format(100, 0, 60), own, 60, before + on, attributes='junction="9"'),
        road("4", line.format(260, 3.141592653589793, 100), back, 100, joined("successor", "9")),
        junction(connection(0, "1", "2", (-1, -1)), connection(1, "1", "3", (-1, -1))),
    )
    write(tmp_path, "road.xodr", roads(*parts))
    return tmp_path


def along(place: str) -> str:
    waypoints = "".join(
        f'<Waypoint routeStrategy="shortest"><Position><LanePosition roadId="{number}" '
        f'laneId="{at}" s="{s}"/></Position></Waypoint>'
        for number, at, s in (("1", -1, 0), ("4", 1, 20))
    )
    return (
        "<TeleportAction><Position><RoutePosition><RouteRef>"
        f'<Route name="r" closed="false">{waypoints}</Route></RouteRef>'
        f"<InRoutePosition>{place}</InRoutePosition></RoutePosition></Position></TeleportAction>"
    )


@pytest.mark.parametrize(
    ("place", "x", "y"),
    [
        ('<FromLaneCoordinates laneId="-1" pathS="50" laneOffset="0.5"/>', 50.0, -1.25),
        ('<FromLaneCoordinates laneId="-1" pathS="130" laneOffset="0.5"/>', 130.0, -1.25),
        ('<FromLaneCoordinates laneId="-1" pathS="190" laneOffset="0.5"/>', 190.0, -1.25),
        ('<FromRoadCoordinates pathS="130" t="-1.5"/>', 130.0, -1.5),
        ('<FromRoadCoordinates pathS="190" t="-1.5"/>', 190.0, -1.5),
    ],
)
def test_before_in_and_behind_the_junction(crossing: Path, place: str, x: float, y: float) -> None:
    text = two_cars(ego=(at_lane(-1, 5.0), speed(10.0)), other=(along(place), speed(5.0)))
    (start,) = load(write(crossing, "s.xosc", text))
    other = start.bodies[1]
    assert (other["x"], other["y"]) == pytest.approx((x + TO_REAR_AXLE, y))
    assert other["heading"] == pytest.approx(0.0, abs=1e-9)
