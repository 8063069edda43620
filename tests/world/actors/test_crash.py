"""Crashes with scripted bodies: exact contact with the ego, and nothing else."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.world.actors.playing import RIGHT, played, scripted, started, tracks

EGO = {"lane": RIGHT, "s": 5.0, "speed": 15.0}


def crossing(name: str, x: float, y: float, speed: float, **keys: object) -> dict:
    """A body on its way to the left, across the road."""
    return {"kind": "scripted", "name": name, "position": [x, y], "heading": math.pi / 2,
            "speed": speed, **keys}  # fmt: skip


def test_one_that_has_just_passed_is_no_crash(tmp_path: Path) -> None:
    """At tick 56 its tail is 0.03 m inside the ego's width and 0.25 m ahead; a tick later it is
    away. highway-env's swept test would push both apart, and have crashed them."""
    speed, tail = 6.66, 0.8
    animal = crossing("a", 50.0, 2.72 + tail - 56 * speed / 20, speed, type="animal")
    scenes = played(started(tmp_path, animal, ego=EGO), 4.0)
    ego, others = scenes[56].ego.state[0], tracks(scenes)
    assert others[56, 1] - tail == pytest.approx(ego[1] + 1.0 - 0.03)
    assert others[56, 0] - 0.25 - (ego[0] + 2.5) == pytest.approx(0.25)
    assert not any(scene.contact[0] or scene.crashed[0] for scene in scenes)
    assert scenes[-1].ego.state[0, 3] == 15.0
    assert others[-1, 3] == speed


def test_contact_with_the_ego_is_a_crash_of_both(tmp_path: Path) -> None:
    animal = crossing("a", 50.0, 1.75 - 56 * 0.25, 5.0, type="animal")
    scenes = played(started(tmp_path, animal, ego=EGO), 4.0)
    hit = next(tick for tick, scene in enumerate(scenes) if scene.contact[0])
    assert scenes[hit].crashed[0]
    assert scenes[hit].agent_crashed[0, 0]
    assert tracks(scenes)[-1, 3] == 0.0, "it goes no farther"


def test_a_door_opens_out_of_a_parked_car(tmp_path: Path) -> None:
    car = {"kind": "parked", "position": [60.0, -1.0], "length": 4.5, "width": 1.8}
    door = crossing("door", 60.0, -0.7, 1.0, length=1.1, width=0.15)
    far = {"lane": RIGHT, "s": 5.0, "speed": 0.0}
    scenes = played(started(tmp_path, car, door, ego=far), 2.0)
    (place,) = [n for n, size in enumerate(scenes[0].agents.size[0]) if size[0] == 1.1]
    assert tracks(scenes, place)[-1, 1] == pytest.approx(-0.7 + 2.0)
    assert not scenes[-1].agent_crashed.any()


def test_scripted_bodies_pass_through_each_other(tmp_path: Path) -> None:
    one = scripted("one", speed=5.0)
    other = scripted("other", s=120.0, against=True, speed=5.0)
    scenes = played(started(tmp_path, one, other), 5.0)
    assert tracks(scenes, 0)[-1, 0] == pytest.approx(125.0)
    assert tracks(scenes, 1)[-1, 0] == pytest.approx(95.0)
    assert not scenes[-1].agent_crashed.any()
