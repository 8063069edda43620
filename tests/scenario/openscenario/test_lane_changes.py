"""Lane changes across OpenDRIVE's numbers: to oncoming lanes, to lanes that are not there, and on
roads that the actor reaches later."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.scenario import load
from tests.scenario.opendrive.roads import joined, lane, link, road, roads, section
from tests.scenario.openscenario.documents import at_lane, at_time, event, speed, two_cars
from tests.scenario.writing import write
from tests.world.actors.playing import HZ, played, tracks

LONG = '<geometry s="0" x="0" y="0" hdg="0" length="2000"><line/></geometry>'
EGO = (at_lane(-2, 5.0), speed(0.0))
OTHER = (at_lane(-1, 105.0), speed(10.0))


def target(words: str, seconds: float = 4.0) -> str:
    return (
        "<LateralAction><LaneChangeAction>"
        '<LaneChangeActionDynamics dynamicsShape="sinusoidal" dynamicsDimension="time" '
        f'value="{seconds}"/><LaneChangeTarget>{words}</LaneChangeTarget>'
        "</LaneChangeAction></LateralAction>"
    )


def absolute(number: int) -> str:
    return target(f'<AbsoluteTargetLane value="{number}"/>')


def relative(steps: int, to: str = "Other") -> str:
    return target(f'<RelativeTargetLane entityRef="{to}" value="{steps}"/>')


def on(folder: Path, *actions: str, other: tuple[str, ...] = OTHER) -> Path:
    """Actions that begin at 1 s, 6 s, 11 s on a road with lanes 1, -1 and -2 of 3.5 m."""
    events = [event(f"E{k}", what, at_time(1.0 + 5.0 * k)) for k, what in enumerate(actions)]
    write(folder, "road.xodr", roads(road(plan=LONG, length=2000)))
    return write(folder, "s.xosc", two_cars(*events, ego=EGO, other=other))


def swung(start: float, end: float, began: float, t: np.ndarray) -> np.ndarray:
    u = np.clip((t - began) / 4.0, 0.0, 1.0)
    return start + (end - start) * (1.0 - np.cos(math.pi * u)) / 2.0


@pytest.mark.parametrize("action", [absolute(1), relative(1), relative(2, "Ego")])
def test_overtaking_uses_the_oncoming_lane_and_keeps_the_direction(
    tmp_path: Path, action: str
) -> None:
    (start,) = load(on(tmp_path, action, relative(-1)))
    states = tracks(played(start, 12))
    t = np.arange(len(states)) / HZ
    out, back = swung(-1.75, 1.75, 1.0, t), swung(1.75, -1.75, 6.0, t)
    np.testing.assert_allclose(states[:, 1], np.where(t < 6.0, out, back), atol=1e-9)
    np.testing.assert_allclose(states[:, 0], 106.4 + 10.0 * t, atol=1e-9)
    assert np.abs(np.angle(np.exp(1j * states[:, 2]))).max() < 0.2


def test_steps_count_from_where_the_other_one_is_by_then(tmp_path: Path) -> None:
    (start,) = load(on(tmp_path, absolute(-2), relative(1)))
    y = tracks(played(start, 12))[:, 1]
    assert (y[6 * HZ], y[-1]) == pytest.approx((-5.25, -1.75))


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (relative(5), "no road has two driving lanes 5 apart"),
        (absolute(-4), "no road has a driving lane -4; valid: -2, -1, 1"),
    ],
)
def test_a_lane_that_is_nowhere_is_refused(tmp_path: Path, action: str, sentence: str) -> None:
    with pytest.raises(InputError, match=rf"s\.xosc:\d+: {sentence}"):
        list(load(on(tmp_path, action)))


def test_a_lane_that_is_not_there_by_then_fails_the_episode(tmp_path: Path) -> None:
    (start,) = load(on(tmp_path, relative(-2)))
    played(start, 1.0)
    with pytest.raises(InputError, match="event 'E0Action': changes to a lane that is not there"):
        played(start, 1.1)


def test_numbers_are_those_of_the_road_that_is_reached(tmp_path: Path) -> None:
    """Road 2 has one more lane to the left, so that lane -1 goes on as -2."""
    first = section(0, right=lane(-1, linked=link(after=-2)) + lane(-2, linked=link(after=-3)))
    second = section(
        0, right=lane(-1) + lane(-2, linked=link(before=-1)) + lane(-3, linked=link(before=-2))
    )
    plans = [f'<geometry s="0" x="{x}" y="{y}" hdg="0" length="{length}"><line/></geometry>'
             for x, y, length in ((0, 0, 120), (120, 3.5, 400))]  # fmt: skip
    write(tmp_path, "road.xodr", roads(
        road("1", plans[0], first, 120, joined("successor", "2", "start")),
        road("2", plans[1], second, 400, joined("predecessor", "1", "end")),
    ))  # fmt: skip
    text = two_cars(event("E", absolute(-1), at_time(3.0)), ego=EGO, other=OTHER)
    (start,) = load(write(tmp_path, "s.xosc", text))
    states = tracks(played(start, 8))
    t = np.arange(len(states)) / HZ
    np.testing.assert_allclose(states[:, 1], swung(-1.75, 1.75, 3.0, t), atol=1e-9)
    np.testing.assert_allclose(states[:, 0], 106.4 + 10.0 * t, atol=1e-9)
