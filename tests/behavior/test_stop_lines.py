"""Which stop lines hold the ego, and what the planners see then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.stop_lines import ASIDE, STOP_LINE_ID, THICKNESS, with_stop_lines
from drivestack.core.lights import Colour
from drivestack.core.types import Observation, Route, StopLines
from drivestack.route import ROUTERS
from tests.scenes import bend, no_goal, observation, two_lanes

RED, RED_YELLOW, YELLOW = Colour.RED, Colour.RED_YELLOW, Colour.YELLOW


def approaching(colour: Colour, x: float = 100.0, v: float = 15.0, accel: float = 0.0) -> tuple:
    """An ego of 5 m on the lower of two lanes, and a line 200 m along it."""
    seen = observation([two_lanes()], [(x, 0.0, 0.0, v)])
    seen = replace(seen, ego=replace(seen.ego, accel=np.array([accel])))
    return with_line(seen, (200.0, 0.0, 0.0), 1, colour), routed(seen)


def with_line(
    seen: Observation, pose: tuple[float, float, float], lane: int, colour: Colour
) -> Observation:
    lines = StopLines(
        np.array([[lane]], np.int32),
        np.array([[pose]]),
        np.full((1, 1), 4.0),
        np.array([[colour]], np.int32),
        np.ones((1, 1), np.bool_),
    )
    return replace(seen, stop_lines=lines)


def routed(seen: Observation) -> Route:
    (router,) = ROUTERS.values()
    return router().route(seen, no_goal(1))


def holds(seen: Observation, route: Route) -> bool:
    return bool((with_stop_lines(seen, route).tracks.id >= STOP_LINE_ID).any())


@pytest.mark.parametrize(
    ("colour", "held"),
    [(RED, True), (RED_YELLOW, True), (Colour.GREEN, False), (Colour.INACTIVE, False)],
)
def test_by_colour(colour: Colour, held: bool) -> None:
    assert holds(*approaching(colour)) is held


@pytest.mark.parametrize(
    ("x", "v", "accel", "held"),
    [
        (160.0, 15.0, 0.0, True),  # 37.5 m: exactly 3 m/s2
        (161.0, 15.0, 0.0, False),
        (161.0, 15.0, -1.0, True),  # brakes already
        (170.0, 15.0, -1.0, False),  # 27.5 m: 4.09 m/s2
        (197.0, 0.0, 0.0, True),  # stands before it
    ],
)
def test_yellow_is_stopped_for_in_time(x: float, v: float, accel: float, held: bool) -> None:
    assert holds(*approaching(YELLOW, x, v, accel)) is held
    assert holds(*approaching(RED, x, v, accel)), "red always"


@pytest.mark.parametrize(
    ("x", "held"), [(197.4, True), (197.6, False), (204.0, False), (208.0, True)]
)
def test_until_the_front_is_over_it(x: float, held: bool) -> None:
    """Far behind the ego it is there again: a lap later it would be."""
    assert holds(*approaching(RED, x)) is held


def test_other_roads_are_no_business_of_the_ego() -> None:
    seen = observation([bend()], [(10.0, 0.0, 0.0, 10.0)])
    route = routed(seen)
    assert holds(with_line(seen, (70.0, 0.0, 0.0), 0, RED), route)
    elsewhere = replace(route, lane_valid=route.lanes == 1)
    assert not holds(with_line(seen, (70.0, 0.0, 0.0), 0, RED), elsewhere)


def test_it_stands_behind_the_line() -> None:
    seen, route = approaching(RED)
    tracks = with_stop_lines(seen, route).tracks
    assert tracks.state[0, -1, 0].tolist() == pytest.approx([200.0 + THICKNESS / 2, 0, 0, 0])
    assert tracks.size[0, -1].tolist() == [THICKNESS, 4.0 - ASIDE]
    assert tracks.valid[0, :, 0].tolist() == [False, True]
    assert seen.tracks.state.shape[1] == 1, "the observation is as it was"


def test_without_lines_nothing_is_made() -> None:
    seen = observation([two_lanes()], [(100.0, 0.0, 0.0, 10.0)])
    assert with_stop_lines(seen, routed(seen)) is seen
