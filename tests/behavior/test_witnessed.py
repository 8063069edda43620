"""The judge of what was driven: known answers on a straight road."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.scorers.driven_terms import WIDER
from drivestack.behavior.scorers.pdm_lane import NAMES
from drivestack.behavior.scorers.witnessed import Witness
from drivestack.behavior.stop_lines import STOP_LINE_ID
from drivestack.core.types import Floats, Scores
from drivestack.core.witness import Witnessed
from drivestack.route import ROUTERS
from tests.scenes import no_goal, observation, two_lanes

FRAMES, DT = 41, 0.1


def driven(*profiles: Floats, speed: float = 10.0, others: Floats | None = None) -> Scores:
    """Drives along lane 1 with accelerations (F,), and one other (F, 4) whom all of them meet."""
    count = len(profiles)
    ego, accel = np.zeros((1, count, FRAMES, 4)), np.zeros((1, count, FRAMES))
    for k, profile in enumerate(profiles):
        accel[0, k] = profile
        v = np.maximum(speed + DT * np.concatenate([[0.0], np.cumsum(profile[1:])]), 0.0)
        ego[0, k, :, 0] = 20.0 + DT * np.concatenate([[0.0], np.cumsum(v[:-1])])
        ego[0, k, :, 3] = v
    there = others is not None
    state = np.zeros((1, count, 1, FRAMES, 4))
    if others is not None:
        state[0, :, 0] = others
    seen = Witnessed(
        ego=ego,
        accel=accel,
        valid=np.ones((1, count), np.bool_),
        state=state,
        there=np.full((1, count, 1, FRAMES), there),
        size=np.broadcast_to([5.0, 2.0], (1, count, 1, 2)).copy(),
        kind=np.zeros((1, count, 1), np.int32),
        dt=np.full(1, DT),
    )
    watched = observation([two_lanes()], [(20.0, 0.0, 0.0, speed)])
    return Witness().judge(watched, ROUTERS["lanes"]().route(watched, no_goal(1)), seen)


def term(scores: Scores, name: str) -> Floats:
    return scores.terms[0, :, NAMES.index(name)]


def standing(x: float, y: float = 0.0) -> Floats:
    return np.broadcast_to([x, y, 0.0, 0.0], (FRAMES, 4)).copy()


STEADY = np.zeros(FRAMES)


def test_who_is_hit_counts_and_who_is_passed_does_not() -> None:
    assert term(driven(STEADY, others=standing(50.0)), "no_collision")[0] == 0.0
    assert term(driven(STEADY, others=standing(50.0, 4.0)), "no_collision")[0] == 1.0
    assert term(driven(STEADY), "no_collision")[0] == 1.0


def test_what_others_really_do_counts() -> None:
    """A car that a forecast would have standing drives off in time."""
    leaves = standing(50.0)
    leaves[5:, 0] = 50.0 + 15.0 * DT * np.arange(FRAMES - 5)
    leaves[5:, 3] = 15.0
    assert term(driven(STEADY, others=leaves), "no_collision")[0] == 1.0


@pytest.mark.parametrize(("gap", "left"), [(41.0, 1.0), (12.1, 0.5), (7.0, 0.0)])
def test_how_a_chunk_ends(gap: float, left: float) -> None:
    """10 m/s behind a standing car ask for 100 / (2 (gap - 1)) m/s2: all is well up to 2.5."""
    x = 20.0 + 40.0 + gap + 5.0
    found = term(driven(STEADY, others=standing(x)), "time_to_collision")[0]
    needed = 0.5 * 100.0 / (gap - 1.0)
    expected = 1.0 - min(max((needed - 2.5) / 4.0, 0.0), 1.0)
    if gap < 9.0:
        assert found == 0.0  # and less than 0.9 s away
    else:
        assert found == pytest.approx(expected, abs=1e-6)
        assert found == pytest.approx(left, abs=0.02)


def test_comfort_is_graded() -> None:
    ramp = np.minimum(DT * 2.0 * np.arange(FRAMES), 1.5)
    jump = np.where(np.arange(FRAMES) > 0, -3.5, 0.0)
    slam = np.where(np.arange(FRAMES) > 0, -6.0, 0.0)
    found = term(driven(STEADY, ramp, jump, slam, speed=25.0), "comfort")
    assert found[0] == found[1] == 1.0
    assert 1.0 > found[2] > found[3] >= 0.0
    steps = 1.0 - np.arange(len(WIDER) + 1) / len(WIDER)
    assert all(np.isclose(value, steps).any() for value in found)


def test_a_stop_line_stands_all_along() -> None:
    watched = observation([two_lanes()], [(20.0, 0.0, 0.0, 10.0)], [np.array([[50.0, 0, 0, 0]])])
    tracks = replace(watched.tracks, id=np.full((1, 1), STOP_LINE_ID, np.int32))
    watched = replace(watched, tracks=tracks)
    ego = np.zeros((1, 1, FRAMES, 4))
    ego[0, 0, :, 0], ego[0, 0, :, 3] = 20.0 + DT * 10.0 * np.arange(FRAMES), 10.0
    seen = Witnessed(
        ego=ego,
        accel=np.zeros((1, 1, FRAMES)),
        valid=np.ones((1, 1), np.bool_),
        state=np.zeros((1, 1, 0, FRAMES, 4)),
        there=np.zeros((1, 1, 0, FRAMES), np.bool_),
        size=np.zeros((1, 1, 0, 2)),
        kind=np.zeros((1, 1, 0), np.int32),
        dt=np.full(1, DT),
    )
    found = Witness().judge(watched, ROUTERS["lanes"]().route(watched, no_goal(1)), seen)
    assert term(found, "no_collision")[0] == 0.0


def test_who_prefers_a_side_pays_for_the_other() -> None:
    """Half a lane to the right costs `leaving` of the total, to the left nothing."""
    watched = observation([two_lanes()], [(20.0, 2.0, 0.0, 10.0)])
    route = ROUTERS["lanes"]().route(watched, no_goal(1))
    ego = np.zeros((1, 3, FRAMES, 4))
    ego[0, :, :, 0], ego[0, :, :, 3] = 20.0 + np.arange(FRAMES), 10.0
    ego[0, :, :, 1] = 2.0
    ego[0, 1, 20:, 1], ego[0, 2, 20:, 1] = 4.0, 0.0
    seen = Witnessed(
        ego=ego,
        accel=np.zeros((1, 3, FRAMES)),
        valid=np.ones((1, 3), np.bool_),
        state=np.zeros((1, 3, 0, FRAMES, 4)),
        there=np.zeros((1, 3, 0, FRAMES), np.bool_),
        size=np.zeros((1, 3, 0, 2)),
        kind=np.zeros((1, 3, 0), np.int32),
        dt=np.full(1, DT),
    )
    plain = Witness().judge(watched, route, seen).total[0]
    for prefers, other in ((1.0, 2), (-1.0, 1)):
        judge = Witness(prefers=prefers)
        found = judge.judge(watched, route, seen).total[0]
        expected = plain.copy()
        expected[other] *= 1.0 - judge.leaving
        np.testing.assert_allclose(found, expected, rtol=1e-12)
