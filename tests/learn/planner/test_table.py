"""What is said of planted moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivestack.behavior.tokens import Agent, Ego, Point
from drivestack.learn.planner.demonstrations import Demonstrations
from drivestack.learn.planner.table import KINDS, above, manoeuvres, table_of
from tests.learn.planner.made import made


def alone(count: int) -> Demonstrations:
    """Straight on at 10 m/s, nobody there, the route straight."""
    found = made(count)
    tokens = found.tokens
    ego, route = tokens.ego.copy(), tokens.route.copy()
    ego[:, Ego.SPEED], route[:, :, Point.BEND] = 10.0, 0.0
    there = np.zeros_like(tokens.agents_there)
    tokens = replace(tokens, ego=ego, route=route, agents_there=there)
    return replace(found, tokens=tokens, knots=np.zeros_like(found.knots))


def test_a_table_of_planted_moments() -> None:
    found = alone(400)
    knots = found.knots.copy()
    knots[:100, :, 0] = -2.0  # brakes
    knots[100:150, :, 0] = 1.0  # speeds up
    knots[150:180, :, 1] = 1.0  # left, 8 m in 4 s
    knots[180:200, :, 1] = -1.0
    table = table_of(replace(found, knots=knots))
    told = {name: share for name, share in table["manoeuvre"].items() if share}
    assert told == {"brake": 25.0, "speed up": 12.5, "left": 7.5, "right": 5.0, "cruise": 50.0}
    assert table["speed"]["10-15"] == 100.0
    assert table["family"] == {"made": 100.0}
    assert above(table, 25.0) == ["family made 100 %", "manoeuvre cruise 50 %", "speed 10-15 100 %"]


def test_weights_are_how_often_moments_are_drawn() -> None:
    found = alone(4)
    knots = found.knots.copy()
    knots[0, :, 0] = -2.0
    table = table_of(replace(found, knots=knots), np.array([9, 1, 1, 1], np.float32))
    assert table["manoeuvre"]["brake"] == 75.0


def test_who_keeps_lane_and_speed_may_follow_bend_shift_or_adapt() -> None:
    found = alone(6)
    tokens, knots = found.tokens, found.knots.copy()
    agents, there = tokens.agents.copy(), tokens.agents_there.copy()
    agents[:2, 0] = 0.0
    there[:2, 0] = True
    agents[:2, 0, Agent.ON_LINE], agents[:2, 0, Agent.AHEAD] = 1.0, 35.0
    agents[:2, 0, Agent.GAP] = (25.0, 35.0)  # 2.5 s and 3.5 s
    route = tokens.route.copy()
    route[2, 3, Point.BEND] = 0.02  # 2 m/s2 at 10 m/s
    knots[3, :, 1] = 0.15
    knots[4, :, 0] = -0.25
    changed = replace(tokens, agents=agents, agents_there=there, route=route)
    kinds = manoeuvres(replace(found, tokens=changed, knots=knots))
    said = [KINDS[kind] for kind in kinds]
    assert said == ["follow", "cruise", "bend", "shift", "adapt", "cruise"]


def test_who_stands_stands_wherever_the_others_are() -> None:
    found = alone(1)
    ego = found.tokens.ego.copy()
    ego[:, Ego.SPEED] = 0.0
    knots = found.knots - np.float32(1.0)
    still = replace(found, knots=knots, tokens=replace(found.tokens, ego=ego))
    assert KINDS[manoeuvres(still)[0]] == "stand"
