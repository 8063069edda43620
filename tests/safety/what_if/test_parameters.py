"""What the tuned numbers are tied to: the envelope, sources, each other; and what they come to in
scenes: whoever changes one changes these."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest

from drivestack.behavior.proposers.idm import Idm
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.roads.ways import STRETCHES, WAYS
from drivestack.safety import WHOLE
from drivestack.safety.envelope import Envelope
from drivestack.safety.monitors.rss import RssMonitor
from drivestack.safety.what_if.check import WhatIf
from drivestack.safety.what_if.contact import touches_first
from drivestack.safety.what_if.decide import look_ahead, option_risk, room_for
from drivestack.safety.what_if.likelihood import (
    drifting_fits,
    leaving,
    speed_fits,
    turning_fits,
    way_fits,
)
from drivestack.safety.what_if.options import TRIED, Path, Speeds, path_straight, roll
from drivestack.safety.what_if.others import FACTS, ROWS, foresee
from drivestack.safety.what_if.parameters import Abilities, Beliefs, Judgement
from drivestack.safety.what_if.tables import Ego, Model
from drivestack.safety.what_if.trace import COLUMNS, POINTS
from tests.safety.checked import say
from tests.safety.what_if.driving import straight_plan
from tests.scenes import observation, two_lanes

ABLE, BELIEFS, JUDGEMENT = Abilities(), Beliefs(), Judgement()
ENVELOPE, RSS = Envelope(0.05), RssMonitor(0.05)


@pytest.mark.parametrize("part", [ABLE, BELIEFS, JUDGEMENT])
def test_no_number_is_negative(part: object) -> None:
    for name, value in asdict(part).items():  # pyright: ignore[reportArgumentType]
        assert value > 0.0, name
        assert math.isfinite(value), name


def test_the_ego_can_do_what_the_envelope_lets_it() -> None:
    assert ABLE.brake == -ENVELOPE.least_accel == 8.0
    assert ABLE.most_gain == ENVELOPE.most_accel == 4.0
    assert ABLE.steer == ENVELOPE.most_steer == math.pi / 3.0
    assert ABLE.turn == ENVELOPE.steer_rate == 1.0
    assert 0.0 < ABLE.ease < ABLE.stop < ABLE.brake
    assert ABLE.gain < ABLE.most_gain


def test_sources() -> None:
    assert ABLE.stop == 4.0, "UN R157's minimal risk"
    assert (BELIEFS.reaction, BELIEFS.yields) == (RSS.response, RSS.brake_min) == (1.0, 4.0)
    assert BELIEFS.brake == BELIEFS.most == 6.0, "highway-env's traffic at the most"
    assert BELIEFS.fastest > 1.7, "of the R157 grid"
    assert BELIEFS.carried == 1.5, "r157_what_if.md, 9"
    assert (ABLE.shift, ABLE.edge) == (0.8, 0.1), "r157_what_if.md, 8"
    idm = Idm()
    assert (ABLE.look_time, ABLE.look_least) == (idm.look_time, idm.look_least) == (0.6, 4.0)
    assert ABLE.ease == idm.comfort_decel == 3.0
    assert BELIEFS.offset == 0.375, "UN R157's human driver wanders so far"
    assert JUDGEMENT.price == WHOLE.price == 0.1


def test_weights_are_shares() -> None:
    for share in (BELIEFS.leaving, BELIEFS.least, BELIEFS.braking, BELIEFS.stops):
        assert 0.0 < share < 0.5
    assert BELIEFS.least < BELIEFS.leaving


def test_times_are_whole_steps_and_in_order() -> None:
    assert ABLE.least < ABLE.most
    for time in (ABLE.least, ABLE.most, JUDGEMENT.late, JUDGEMENT.release):
        assert time / ABLE.step == pytest.approx(round(time / ABLE.step))
    assert JUDGEMENT.late < JUDGEMENT.release, "it lets go later than it would act"
    assert JUDGEMENT.persistence >= 1.0
    assert JUDGEMENT.worth < JUDGEMENT.price < 1.0 <= JUDGEMENT.harm
    assert JUDGEMENT.standing < 1.0
    assert 100.0 * JUDGEMENT.severity <= 1.0, "an impact at 100 m/s costs no more than another one"


BELIEVED, GIVEN, JUDGED = (parameter_table(part)[0] for part in (BELIEFS, ABLE, JUDGEMENT))
SIGMA = math.exp(-0.5)
"""Of the likelihood, one standard deviation off."""

Fits = Callable[..., float]


def on_a_bend(fits: Fits, curvature: float, *facts: object) -> float:
    """A likelihood on a trace of 30 m that bends from its beginning on."""
    table = np.zeros((61, COLUMNS))
    table[:, 2] = 0.5 * np.arange(61) * curvature
    return float(fits(table, 61, 0.5, *facts, BELIEVED))


def test_how_likely_a_way_is() -> None:
    """A yaw rate varies by 0.1 rad/s and a fifth of what the way asks for; a lateral acceleration
    of 4 m/s2 is driven in bends, and braking for one varies by 1.5 m/s2."""
    assert on_a_bend(turning_fits, 0.0, 8.0, 0.1) == pytest.approx(SIGMA)
    assert on_a_bend(turning_fits, 0.05, 8.0, 0.4 + 0.18) == pytest.approx(SIGMA)
    assert on_a_bend(speed_fits, 1.0 / 16.0, 8.0, 0.0) == 1.0
    assert on_a_bend(speed_fits, 1.0 / 16.0, 8.2, 0.0) < 0.999
    # a bend 2.5 m ahead at 4 m/s2 more: 4 / bend / (2 * 2.5 m), less what it brakes with
    asked = 4.0 / 0.125 / 5.0
    fits = on_a_bend(speed_fits, 0.125, 8.0, 1.5 - asked)
    assert fits == pytest.approx(SIGMA)
    assert on_a_bend(way_fits, 0.0, 8.0, 0.0, 9.0, False) == 0.02
    assert on_a_bend(way_fits, 0.0, 8.0, 0.0, 0.0, True) == 0.03


def test_how_likely_one_leaves() -> None:
    """Lateral speeds vary by 0.25 m/s, in bends by what turning in 0.2 s early or late makes."""
    density = 1.0 / (2.0 * math.pi * 0.25 * 0.375)
    assert on_a_bend(drifting_fits, 0.0, 9.0, 0.0, 0.0, False) == pytest.approx(density)
    assert on_a_bend(drifting_fits, 0.0, 9.0, 0.0, 0.25, False) == pytest.approx(density * SIGMA)
    # 10 m/s on a bend of 20 m: 5 m/s2 for 0.2 s, 1 m/s more
    assert on_a_bend(drifting_fits, 0.05, 10.0, 0.0, 1.25, False) == pytest.approx(
        0.2 * density * SIGMA
    )
    assert leaving(0.0, 0.05, BELIEVED) == 0.9
    assert leaving(0.0, 0.0499, BELIEVED) == 0.0
    assert leaving(0.0, 1.99, BELIEVED) == 0.9
    assert leaving(0.0, 2.0, BELIEVED) == 1.0
    # a twentieth leaves, at up to 2 m/s, within the 3 m from one side of the own metre to the next
    leaves = 0.05 * 0.5 / 2.0 / 3.0
    assert leaving(0.1, 0.5, BELIEVED) == pytest.approx(leaves / (leaves + 0.95 * 0.1))


def futures(state: tuple[float, ...], gain: float = 0.0, turn: float = 0.0, is_car: bool = True
            ) -> tuple[list[float], Floats]:  # fmt: skip
    """Weights and poses of one on two straight lanes, 4 s ahead."""
    facts, poses, map = np.zeros((ROWS, FACTS)), np.zeros((ROWS, 41, 4)), two_lanes()
    rows = foresee(
        lanes_of(map), links_of(map), 0, np.array(state, np.float64), np.array([5.0, 2.0]), is_car,
        gain, turn, False, 0.1, np.zeros(WAYS, np.int64), np.zeros((WAYS, STRETCHES), np.int64),
        np.zeros((POINTS, COLUMNS)), BELIEVED, facts, poses, 0,
    )  # fmt: skip
    return facts[:rows, 1].tolist(), poses[:rows]


def test_what_others_are_foreseen_to_do() -> None:
    assert futures((100, 0, 0, 10))[0] == [1.0, 0.02]
    assert futures((100, 0, 0, 2), is_car=False)[0] == [0.8, 0.2]
    assert len(futures((100, 0, 0, 0.1))[0]) == 1
    assert len(futures((100, 0, 0, 0.101))[0]) == 2
    for gain, speed in ((0.49, 10.0), (0.52, 10.78), (9.0, 14.5), (-0.52, 9.22)):
        assert futures((100, 0, 0, 10), gain)[1][0, -1, 3] == pytest.approx(speed)
    # 1 m/s aside, that grows by 0.31 m/s2 for half a second, and by 0.29 m/s2 not at all
    state = (100, 0, math.asin(0.1), 10)
    for growth, way in ((0.029, 1.0), (0.031, 1.0 + 0.31 * (0.1 * 0.1 * 15 + 0.05 * 5) / 1.0)):
        assert futures(state, turn=growth)[1][1, 10, 1] == pytest.approx(way, abs=0.01)
    # a likelihood of leaving of 1 % is the least
    for aside, rows in ((0.1, 2), (0.41, 2), (0.42, 3)):
        assert len(futures((100, 0, math.asin(0.1 * aside), 10))[0]) == rows


def test_how_far_ahead_is_looked() -> None:
    """A second more than a stop takes, and six at the most."""
    assert look_ahead(20.0, GIVEN) == (3.5, 35)
    assert look_ahead(64.0, GIVEN) == (6.0, 60)


def rolled(speeds: Speeds, v: float, y: float = 0.0, planned: float = 10.0) -> Floats:
    """A second of a car that follows the x axis, or drives a plan's speed."""
    poses, path, plan = np.zeros((11, 4)), np.zeros((2, COLUMNS)), np.zeros((40, 4))
    path_straight(0.0, 0.0, 0.0, 200.0, path)
    plan[:, 3] = planned
    roll(np.array([0.0, y, 0.0, v]), 5.0, 0.0, np.zeros(2), 0, plan, 0, 0.1, path, 2, path, 2, 0.0,
         int(speeds), GIVEN, poses, np.zeros(2))  # fmt: skip
    return poses


def test_what_the_ego_can_do() -> None:
    for speeds, end in ((Speeds.EASE, 7.0), (Speeds.GAIN, 12.5), (Speeds.STOP, 6.0),
                        (Speeds.BRAKE, 2.0)):  # fmt: skip
        assert rolled(speeds, 10.0)[-1, 3] == pytest.approx(end)
    # 1 m/s off a plan's speed after the first step is caught up with in half a second
    assert rolled(Speeds.PLANNED, 10.0, planned=11.0)[2, 3] == pytest.approx(10.0 + 0.1 / 0.5)
    # far beside its path it turns as fast as 5 m/s2 to the side allow
    poses = rolled(Speeds.HOLD, 20.0, y=-30.0)
    rates = np.diff(poses[:, 2]) / 0.1
    assert rates.max() == pytest.approx(5.0 / 20.0)


def test_clear_distances() -> None:
    """0.3 m and what is driven in 0.05 s ahead, 0.2 m beside."""
    time = 0.1 * np.arange(31)

    def cost(x: float, y: float, v: float, other: float) -> float:
        one, two = np.zeros((31, 4)), np.zeros((31, 4))
        one[:, 0], one[:, 3] = v * time, v
        two[:, 0], two[:, 1], two[:, 3] = x + other * time, y, other
        size = np.array([5.0, 2.0])
        return float(touches_first(one, size, two, 5.0, 2.0, 0.0, 31, GIVEN, JUDGED))

    for gap, touches in ((0.8 - 0.02, True), (0.8 + 0.02, False)):
        assert (cost(5.0 + gap + 30.0, 0.0, 10.0, 0.0) > 0.0) == touches
    assert cost(5.0 + 1.3 + 0.02 + 30.0, 0.0, 30.0, 20.0) > 0.0, "1.8 m at 30 m/s"
    assert cost(5.0 + 1.8 + 0.02 + 30.0, 0.0, 30.0, 20.0) == 0.0
    assert cost(20.0, 2.19, 10.0, 0.0) == pytest.approx(1.1), "and a hundredth for each m/s"
    assert cost(20.0, 2.21, 10.0, 0.0) == 0.0
    assert cost(20.0, 0.0, 0.0, -10.0) == pytest.approx(0.6), "half of it while the ego stands"


def before_a_wall(gap: float, acting: bool, check: WhatIf, asked: int = 20) -> tuple[float, ...]:
    """Value, limit, whether it acts, ticks that asked; off all lanes there is nothing but to brake,
    from 20 m/s."""
    seen = observation([two_lanes()], [(100, 50, 0, 20)], [[(105 + gap, 50, 0, 0)]])
    size = np.full((1, 1, 2), [5.0, 60.0])
    seen = replace(seen, tracks=replace(seen.tracks, size=size))
    memory = check.start(1)
    memory = replace(memory, acting=memory.acting | acting, asked=memory.asked + asked)
    found, after = say(check, seen, (0.0, 0.0), straight_plan(seen), memory)
    return found.value[0, 0], found.limit[0, 0], found.failed[0, 0], after.asked[0]


def test_how_long_it_waits() -> None:
    """25 m to a stop and 1.3 m to spare, after 0.3 s; while it acts 2 m more, after 0.4 s."""
    for acting, way in ((False, 26.3 + 6.0), (True, 26.3 + 8.0 + 2.0)):
        assert before_a_wall(way + 0.05, acting, WhatIf(0.05))[0] == 0.0
        assert before_a_wall(way - 0.05, acting, WhatIf(0.05))[0] > 0.4


def test_when_it_acts() -> None:
    """A future that is as good as sure needs two ticks, and no more than twenty are counted."""
    assert [before_a_wall(27.0, False, WhatIf(0.05), asked)[2:] for asked in (0, 1, 20)] == [
        (False, 1), (True, 2), (True, 20)
    ]  # fmt: skip
    # while waiting would lose nothing, what is foreseen ends well every second time
    unhurried = WhatIf(0.05, judgement=Judgement(worth=-1.0))
    assert before_a_wall(50.0, False, unhurried)[1] == pytest.approx(0.1 * 0.5)


@pytest.mark.parametrize(("cost", "looked_at"), [(0.0099, False), (0.0101, True)])
def test_what_costs_a_hundredth_of_a_collision_is_worth_a_thought(
    cost: float, looked_at: bool
) -> None:
    """Somebody ahead may brake; waiting for that costs nothing, which is found only if sought."""
    seen = observation([two_lanes()], [(100, 0, 0, 20)], [[(115, 0, 0, 20)]])
    plan = straight_plan(seen)
    full = say(WhatIf(0.05, Beliefs(braking=1e-3)), seen, (0.0, 0.0), plan)[0].value[0, 0] / 1e-3
    assert full > 1.0
    found, _ = say(WhatIf(0.05, Beliefs(braking=cost / full)), seen, (0.0, 0.0), plan)
    assert found.value[0, 0] == (0.0 if looked_at else pytest.approx(cost))


def test_harm_counts_twice() -> None:
    """Where nothing would have been, a contact costs twice: here by gaining speed."""
    costs = []
    for idle in (1.0, 0.0):
        room = room_for(1, GIVEN)
        room.spans[Path.LANE] = path_straight(0.0, 0.0, 0.0, 200.0, room.paths[Path.LANE])
        room.facts[0], room.idle[0] = (0, 1.0, 5.0, 2.0), idle
        room.futures[0, :, 0] = 20.0
        ego = Ego(np.array([[0.0, 0.0, 0.0, 10.0]]), *np.zeros((2, 1)), np.array([[5.0, 2.0]]),
                  np.zeros((1, 2)))  # fmt: skip
        one = np.array([[Path.LANE, 0, Speeds.GAIN]])
        model = Model(one, TRIED, *(parameter_table(part) for part in (BELIEFS, ABLE, JUDGEMENT)))
        risk = option_risk(0, 0, 0, 0.0, 0.0, 9.0, lanes_of(two_lanes()), -1, ego,
                           np.zeros((1, 4)), 0, 0.1, 1, room.poses[:26], model, room)  # fmt: skip
        costs.append(risk)
    assert costs[1] == 2.0 * costs[0] > 2.0


@pytest.mark.parametrize(("y", "left"), [(1.09, False), (1.105, True)])
def test_a_decimetre_over_its_edge_the_ego_has_left_its_lane(y: float, left: bool) -> None:
    """Who strikes it from behind then is its own business: half of it is 1 m wide, the lane 2 m."""
    seen = observation([two_lanes()], [(100, y, 0, 10)], [[(85, y, 0, 30)]])
    found, _ = say(WhatIf(0.05), seen, (0.0, 0.0), straight_plan(seen))
    assert (found.value[0, 0] > 0.0) == left
