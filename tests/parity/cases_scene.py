"""One hand-made scene of real highway-env objects, to be run in the reference's process.

Lanes are named by two nodes and a number: ``"ab1"`` is lane 1 of the road from a to b, ``"ab"`` in
a route is that road with the lane left open. The frame is highway-env's: y to the right of travel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from drivestack.core.start import EgoKind, Physics
from drivestack.core.tables import Meta, Plant

Point = tuple[float, float]
LaneName = tuple[str, str, int | None]


class Case:
    """A road with vehicles, and what is done to them.

    Attributes:
        road: highway-env's. ego: place of the vehicle that is given controls or meta-actions.
        control: (acceleration, ISO steering) of a plain or stack ego at every tick.
        metas: meta-action by tick.
        politeness: of MOBIL. plant: the ego's. physics: whether cars may reverse.
    """

    def __init__(
        self, ticks: int = 20, hz: int = 15, connected: bool = False, regulated: bool = False
    ) -> None:
        from highway_env.road.regulation import RegulatedRoad
        from highway_env.road.road import Road, RoadNetwork

        self.ticks, self.hz = ticks, hz
        self.ego, self.control, self.politeness = 0, (0.0, 0.0), 0.0
        self.metas: dict[int, Meta] = {}
        self.plant, self.physics = Plant.KINEMATIC, Physics.HIGHWAY_ENV
        kind: Any = RegulatedRoad if regulated else Road
        self.road = kind(
            RoadNetwork(),
            np_random=np.random.RandomState(0),
            neighbour_vehicles_connected_lanes=connected,
        )

    def clamp(self) -> None:
        """Let no car drive backwards, as the reference backend does it."""
        from drivestack.world.highway_env import _clamped_class

        self.physics = Physics.CLAMPED
        self.road.__class__ = _clamped_class(type(self.road))

    def straight(self, road: str, start: Point, end: Point, **others: Any) -> None:
        """Add a straight lane; `others` are highway-env's arguments."""
        from highway_env.road.lane import StraightLane

        self._add(road, StraightLane(start, end, **others))

    def highway(self, lanes: int = 1, length: float = 500.0, limit: float | None = 30.0) -> None:
        """Add the road "ab" along x: lanes 4 m apart, the first on the x axis."""
        for number in range(lanes):
            y = 4.0 * number
            self.straight("ab", (0.0, y), (length, y), speed_limit=limit)

    def arc(
        self, road: str, center: Point, radius: float, start: float, end: float, **others: Any
    ) -> None:
        """Add a circular lane from one phase to another [rad], clockwise unless told otherwise."""
        from highway_env.road.lane import CircularLane

        self._add(road, CircularLane(center, radius, start, end, **others))

    def sine(self, road: str, start: Point, end: Point, shape: Sequence[float]) -> None:
        """Add a sine lane with amplitude [m], pulsation [rad/m] and phase [rad]."""
        from highway_env.road.lane import SineLane

        self._add(road, SineLane(start, end, *shape))

    def poly(
        self,
        road: str,
        points: Sequence[Point],
        boundaries: tuple[Sequence[Point], Sequence[Point]] | None = None,
    ) -> None:
        """Add a lane through points: of fixed width, or with left and right boundaries."""
        from highway_env.road.lane import PolyLane, PolyLaneFixedWidth

        listed = list(points)
        lane = PolyLane(listed, *boundaries) if boundaries else PolyLaneFixedWidth(listed)
        self._add(road, lane)

    def car(
        self,
        x: float,
        y: float = 0.0,
        speed: float = 20.0,
        kind: str = "idm",
        heading: float = 0.0,
        target: str = "",
        target_speed: float | None = None,
        route: Sequence[str] | None = None,
        lane_changes: bool = True,
        timer: float = 0.0,
        **others: Any,
    ) -> Any:
        """Append a vehicle; `others` are set as attributes (action, impact, crashed, DELTA ...)."""
        made = _vehicle_class(kind)(self.road, [x, y], heading, speed)
        if hasattr(made, "target_lane_index"):
            made.target_lane_index = lane_name(target) if target else made.lane_index
            made.target_speed = speed if target_speed is None else target_speed
            made.route = None if route is None else [lane_name(name) for name in route]
        if hasattr(made, "timer"):
            made.enable_lane_change, made.timer = lane_changes, timer
            made.collecting_data = False  # LinearVehicle; has no effect on motion
        for name, value in others.items():
            setattr(made, name, value)
        self.road.vehicles.append(made)
        return made

    def obstacle(self, x: float, y: float = 0.0, heading: float = 0.0) -> Any:
        """Append an obstacle."""
        from highway_env.vehicle.objects import Obstacle

        made = Obstacle(self.road, [x, y], heading)
        self.road.objects.append(made)
        return made

    def _add(self, road: str, lane: Any) -> None:
        self.road.network.add_lane(road[0], road[1], lane)


def lane_name(text: str) -> LaneName:
    """``"ab1"`` as highway-env's ("a", "b", 1), ``"ab"`` as ("a", "b", None)."""
    return text[0], text[1], int(text[2:]) if len(text) > 2 else None


@cache
def _vehicle_class(kind: str) -> Any:
    """A vehicle class by our name."""
    from highway_env.vehicle import behavior, controller, dynamics, kinematics

    from drivestack.scenario.sources.highway_env import _controlled_class

    class Truck(kinematics.Vehicle):
        """A plain vehicle of another size."""

        LENGTH, WIDTH = 12.0, 3.0

    return {
        "plain": kinematics.Vehicle,
        "truck": Truck,
        "dynamic": dynamics.BicycleVehicle,
        "stack": _controlled_class(EgoKind.STACK, Plant.KINEMATIC),
        "meta": controller.MDPVehicle,
        "idm": behavior.IDMVehicle,
        "linear": behavior.LinearVehicle,
        "aggressive": behavior.AggressiveVehicle,
        "defensive": behavior.DefensiveVehicle,
    }[kind]
