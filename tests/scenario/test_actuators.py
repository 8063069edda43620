"""The ego's actuators reach the plant from any kind of map, and the controller knows of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.core.tables import Plant
from drivestack.scenario import load
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.suite import run
from drivestack.vehicle.parameters import Actuators, actuators_of
from tests.scenario.writing import SCENARIO, document, edited, write

BLOCK = "plant: lagged, actuators: {delay: 3, accel_lag: 0.3}"
WANTED = Actuators(delay=3, accel_lag=0.3)


def lanes(folder: Path) -> Path:
    return write(folder, "s.yaml", edited("kind: stack", f"kind: stack, {BLOCK}"))


def scene(folder: Path) -> Path:
    text = f"id: s\nmap: {{kind: highway_env, env: merge-v1}}\nego: {{{BLOCK}}}\n"
    return write(folder, "s.yaml", text)


def recording(folder: Path) -> Path:
    write(folder, "r.xml", document("2020a"))
    text = f"id: s\nmap: {{kind: commonroad, file: r.xml}}\nego: {{{BLOCK}}}\n"
    return write(folder, "s.yaml", text)


@pytest.mark.parametrize("make", [lanes, scene, recording])
def test_they_arrive_in_the_slot(tmp_path: Path, make: object) -> None:
    assert callable(make)
    (start, *_) = load(make(tmp_path))
    assert start.slot["plant"][0] == Plant.LAGGED
    assert actuators_of(start.slot) == WANTED
    assert kin_of(start) == (start.rates, WANTED)


def test_the_kinematic_plant_has_none(tmp_path: Path) -> None:
    (start, *_) = load(write(tmp_path, "s.yaml", SCENARIO))
    assert actuators_of(start.slot) is None


def test_delays_that_are_no_whole_control_periods_are_refused_before_the_run(
    tmp_path: Path,
) -> None:
    text = edited("kind: stack", f"kind: stack, {BLOCK}")
    text += "rates: {physics: 20, control: 10, plan: 10}\n"
    path = write(tmp_path, "s.yaml", text)
    with pytest.raises(InputError, match="3 ticks are not a whole number of control periods of 2"):
        run(path, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    (start, *_) = load(path)
    with pytest.raises(InputError, match=start.scenario):
        Driver().stack_for(start)


def test_plants_mix_in_one_suite(tmp_path: Path) -> None:
    """Each plant has its own batch, so its controller knows it; results keep the queue's order."""
    write(tmp_path, "a.yaml", edited("id: two-lanes", "id: a"))
    lagged = edited("id: two-lanes", "id: b").replace("kind: stack", f"kind: stack, {BLOCK}")
    write(tmp_path, "b.yaml", lagged)
    write(tmp_path, "c.yaml", edited("id: two-lanes", "id: c"))
    suite = "suite: s\nscenarios: [{file: a.yaml}, {file: b.yaml}, {file: c.yaml}]\n"
    rows = run(write(tmp_path, "s.yaml", suite)).episodes
    assert [row["scenario"][0] for row in rows] == ["a", "b", "c"]
    assert [row["plant"] for row in rows] == ["kinematic", "lagged", "kinematic"]
    assert rows[0]["digest"] == rows[2]["digest"] != rows[1]["digest"]
