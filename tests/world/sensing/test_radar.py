"""What the radar hears: beams, points of outlines, closing speeds, and faults of its own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.sensor import COMMON_RADAR, PERFECT, Radar
from drivestack.core.types import EgoState, Scene, Tracks
from drivestack.world.sensing import Mount
from drivestack.world.sensing.radar import MOST, heard
from tests.scenes import two_lanes

ROAD = two_lanes()


def scene_of(
    ego: np.ndarray, others: np.ndarray, size: tuple[float, float] = (5.0, 2.0), tick: int = 0
) -> Scene:
    """One ego of 5 x 2 m among others (n, 4)."""
    count = len(others)
    none, zero = np.zeros(1, np.int32), np.zeros((1, count), np.int32)
    off, cues = np.zeros(1, np.bool_), np.zeros((1, 0), np.bool_)
    numbers = np.arange(count, dtype=np.int32)[None]
    return Scene(
        tick=none + tick, dt=np.full(1, 0.05), maps=(ROAD,), map_index=none,
        ego=EgoState(np.array(ego, np.float64)[None], np.zeros(1), np.zeros(1),
                     np.array([[5.0, 2.0]])),
        agents=Tracks(others[None, :, None].astype(np.float64), np.tile(size, (1, count, 1)), zero,
                      numbers.copy(), zero, np.ones((1, count, 1), np.bool_)),
        ego_lane=none, ego_target_lane=none, lane=zero, target_lane=zero,
        target_speed=np.zeros((1, count)), crashed=off, agent_crashed=zero > 0, contact=off,
        contact_side=none, contact_with=none, control=np.zeros((1, 2)), ended=off, cue_fired=cues,
        cue_over=cues, cue_began=np.zeros((1, 0), np.int32), cue_ended=np.zeros((1, 0), np.int32),
    )  # fmt: skip


def points(ego: tuple[float, ...], other: tuple[float, ...], radar: Radar = COMMON_RADAR,
           size: tuple[float, float] = (5.0, 2.0), tick: int = 0) -> np.ndarray:  # fmt: skip
    """(n, 4) along, lateral, closing, drift of one other."""
    scene = scene_of(np.array(ego), np.array([other], np.float64), size, tick)
    found = heard(scene, [replace(Mount(PERFECT, "s", 0), radar=radar)])
    table = np.stack([found.along, found.lateral, found.closing, found.drift], axis=-1)
    assert (table[~found.valid] == 0.0).all()
    return table[found.valid]


def test_a_car_ahead() -> None:
    found = points((0, 0, 0, 20), (52.5, 0.5, 0, 15))
    assert found[:, 0].min() == 47.5
    assert set(np.round(found[:, 1], 9).tolist()) == {1.5, -0.5, 0.5, 0.0}
    nearest = found[np.hypot(found[:, 0], found[:, 1]).argmin()]
    assert nearest.tolist() == [47.5, 0.0, 5.0, 0.0]
    assert (found[:, 2] <= 5.0).all()
    assert (found[:, 2] > 4.9).all()


@pytest.mark.parametrize(
    ("other", "heard_at_all"),
    [
        ((152.0, 0, 0, 0), True),  # the far beam ends 152.5 m before the centre
        ((158.0, 0, 0, 0), False),
        ((60.0, 0, 0, 0), True),
        ((60.0, 9.0, 0, 0), True),  # its near corner is in the far beam
        ((60.0, 13.0, 0, 0), False),
        ((20.0, 13.0, 0, 0), True),  # the near beam is wider
        ((-6.0, 0, 0, 0), False),
    ],
)
def test_beams(other: tuple[float, ...], heard_at_all: bool) -> None:
    assert (len(points((0, 0, 0, 20), other)) > 0) == heard_at_all
    mirrored = (other[0], -other[1], other[2], other[3])
    assert (len(points((0, 0, 0, 20), mirrored)) > 0) == heard_at_all


def test_closing_is_along_the_line_of_sight() -> None:
    found = points((0, 0, 0, 0), (22.5, 0, math.pi / 2, 10.0), size=(1e-9, 1e-9))
    assert found[:, 2] == pytest.approx(0.0, abs=1e-6), "it crosses"
    assert found[:, 3] == pytest.approx(10.0)
    oblique = points((0, 0, 0, 0), (32.5, 30.0, -math.pi / 2, 10.0), size=(1e-9, 1e-9))
    assert oblique[:, 2] == pytest.approx(10.0 / math.sqrt(2.0), abs=1e-6)


@given(st.floats(-3, 3), st.floats(-200, 200), st.floats(-200, 200))
def test_it_turns_with_the_car(yaw: float, x: float, y: float) -> None:
    c, s = math.cos(yaw), math.sin(yaw)
    ego, other = (x, y, yaw, 12.0), (x + 40 * c - 2 * s, y + 40 * s + 2 * c, yaw + 0.4, 3.0)
    here = points((0, 0, 0, 12.0), (40.0, 2.0, 0.4, 3.0))
    assert points(ego, other) == pytest.approx(here, abs=1e-6)


def test_the_nearest_ones_are_told_if_there_are_too_many() -> None:
    cars = np.array([[10.0 + 7.0 * i, 0.0, 0.0, 0.0] for i in range(15)])
    found = heard(scene_of(np.zeros(4), cars[::-1].copy()), [Mount(PERFECT, "s", 0)])
    assert found.valid.sum() == MOST
    assert found.along.min() == 5.0
    other_way = heard(scene_of(np.zeros(4), cars), [Mount(PERFECT, "s", 0)])
    assert sorted(other_way.along[0]) == sorted(found.along[0])


def test_it_has_faults_of_its_own() -> None:
    exact = points((0, 0, 0, 20), (52.5, 0.5, 0, 15))
    noisy = points((0, 0, 0, 20), (52.5, 0.5, 0, 15), Radar(range_noise=0.5, speed_noise=0.5))
    assert noisy.shape == exact.shape
    assert 0.0 < np.abs(noisy[:, 0] - exact[:, 0]).max() < 3.0
    assert (noisy[:, 1] == exact[:, 1]).all()
    assert 0.0 < np.abs(noisy[:, 2] - exact[:, 2]).max() < 3.0
    deaf = Radar(miss_probability=0.5)
    seen = [len(points((0, 0, 0, 20), (52.5, 0, 0, 15), deaf, tick=t)) > 0 for t in range(200)]
    assert 70 < sum(seen) < 130
    assert len(points((0, 0, 0, 20), (52.5, 0, 0, 15), Radar(range=0.0, near_range=0.0))) == 0


def test_an_empty_road_is_silent() -> None:
    found = heard(scene_of(np.zeros(4), np.zeros((0, 4))), [Mount(PERFECT, "s", 0)])
    assert found.valid.shape == (1, MOST)
    assert not found.valid.any()


@pytest.mark.parametrize("name", ["range", "opening", "miss_probability"])
def test_impossible_radars_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Radar(**{name: -1.0})
