"""A layer that looks on changes nothing, and says what it would have done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.types import Filtering
from drivestack.safety import Layer
from drivestack.sim.driver import Driver
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.world import build_world
from tests.scenes import starts_of
from tests.sim.interventions.suite import write_suite


def driven(path: Path, driver: Driver, batch: int) -> list[Episode]:
    """Episodes of all scenarios, in order."""
    starts = starts_of(path)
    found: dict[int, Episode] = {}
    recorder = Recorder(starts, found.__setitem__)
    Lockstep(build_world("engine"), driver.stack_for(starts[0]), starts, [recorder]).run(batch)
    return [found[number] for number in range(len(starts))]


def test_a_layer_in_shadow_changes_nothing(tmp_path: Path) -> None:
    path = write_suite(tmp_path)
    alone = driven(path, Driver("constant"), 2)
    shadowed = Driver("constant", layer=Layer((), ("time_to_collision",)), shadow=True)
    watched = driven(path, shadowed, 2)
    for one, other in zip(alone, watched, strict=True):
        assert one.ego.tobytes() == other.ego.tobytes()
        same = one.decisions["accel_commanded"] == other.decisions["accel_commanded"]
        assert same.all()
    acted = [(episode.decisions["filtering"] != Filtering.PASSED).any() for episode in watched]
    assert acted == [True, True, True, True, False]
    braked = watched[0].decisions["accel_filtered"].min()
    assert braked == -8.0
    assert abs(watched[0].ego["accel"]).max() < 1e-12


def test_it_does_not_depend_on_the_batch(tmp_path: Path) -> None:
    path = write_suite(tmp_path)
    shadowed = Driver("constant", layer=Layer((), ("time_to_collision",)), shadow=True)
    one, three = driven(path, shadowed, 1), driven(path, shadowed, 3)
    assert [e.digest for e in one] == [e.digest for e in three]


def test_what_it_would_do_first_is_what_it_does(tmp_path: Path) -> None:
    path = write_suite(tmp_path)
    layer = Driver("constant", layer=Layer((), ("time_to_collision",)))
    bound, watched = (driven(path, one, 5) for one in (layer, replace(layer, shadow=True)))
    for one, other in zip(bound[:4], watched[:4], strict=True):
        firsts = [int(np.argmax(e.decisions["filtering"] != 0)) for e in (one, other)]
        assert firsts[0] == firsts[1]
        rows = [e.decisions[firsts[0]] for e in (one, other)]
        assert rows[0].tobytes() == rows[1].tobytes()
