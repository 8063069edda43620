"""Recorded traffic, driven among by the whole stack, replayed and reactive."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import Start, Traffic
from drivestack.core.tables import BODY, REPLAY, Driver
from drivestack.scenario.override import Override, load_with
from drivestack.sim.suite import run
from drivestack.world.engine import Engine
from tests.scenario.writing import SCENARIO, document, recorded, write

OF_THE_TABLE = ("reactive", "replay_at", "replay_n", "clock")
"""Fields of `BODY` that say where a recording lies, not what a body does."""


def files(shared: Path, folder: str) -> list[Path]:
    found = sorted((shared / "data" / folder).glob("*.xml.gz"))
    assert found
    return found


@pytest.mark.shared
@pytest.mark.parametrize("traffic", [traffic.value for traffic in Traffic])
def test_recordings_are_driven_without_failure(shared: Path, traffic: str) -> None:
    us101 = [path for path in files(shared, "commonroad_ngsim_head") if "US101" in path.name]
    result = run(*us101, batch=2, traffic=traffic)
    assert len(result.episodes) >= len(us101)
    assert not [row["failure"] for row in result.episodes if row["outcome"] == "failed"]
    assert not [row["scenario"] for row in result.episodes if row["at_fault"]]
    assert sum(row["goal_reached"] for row in result.episodes) >= 1


def on_its_log(start: Start) -> Start:
    """The ego replays its own recording."""
    log = np.zeros(len(start.log), REPLAY)
    for column, name in enumerate(("x", "y", "heading", "speed")):
        log[name] = start.log[:, column]
    bodies = start.bodies.copy()
    bodies["driver"][0], bodies["reactive"][0] = Driver.REPLAY, False
    bodies["replay_at"][0], bodies["replay_n"][0] = len(start.replay), len(log)
    return replace(start, bodies=bodies, replay=np.concatenate([start.replay, log]))


def check_equal(replayed: list[Start], reactive: list[Start]) -> None:
    """Both worlds side by side: all states of all recordings at once would not fit in memory."""
    worlds = Engine(), Engine()
    for world, starts in zip(worlds, (replayed, reactive), strict=True):
        world.reset([on_its_log(start) for start in starts])
    for tick in range(max(start.ticks for start in replayed)):
        for world in worlds:
            world.step(np.zeros((len(replayed), 2)))
        for start, one, other in zip(replayed, *(world.raw() for world in worlds), strict=True):
            for name in BODY.names or ():
                if tick < start.ticks and name not in OF_THE_TABLE:
                    np.testing.assert_array_equal(one[name], other[name], start.scenario)


@pytest.mark.shared
def test_along_its_recording_an_ego_makes_nobody_react(shared: Path) -> None:
    check_nobody_reacts(files(shared, "commonroad_ngsim_head")[:2])


@pytest.mark.shared
@pytest.mark.nightly
@pytest.mark.parametrize("folder", ["commonroad_ngsim_head", "commonroad_ngsim_2018a"])
def test_nobody_reacts_in_any_recording(shared: Path, folder: str) -> None:
    check_nobody_reacts(files(shared, folder))


def check_nobody_reacts(paths: list[Path]) -> None:
    for path in paths:
        replayed, reactive = (
            list(load_with(path, Override(vehicle="all", traffic=traffic))) for traffic in Traffic
        )
        check_equal(replayed, reactive)


def behind(folder: Path) -> Path:
    """Car 31 drives on at 10 m/s; 33 follows it by 15 m."""
    tracks = [[(x + k, 0.0, 0.0, 10.0) for k in range(61)] for x in (75.0, 60.0)]
    more = recorded(31, tracks[0]) + recorded(33, tracks[1])
    return write(folder, "r.xml", document("2020a", more=more))


def test_the_log_says_when_traffic_was_handed_over(tmp_path: Path) -> None:
    path = behind(tmp_path)
    run(path, vehicle="31", traffic="reactive", stack="replay", out=tmp_path / "run")
    run(path, vehicle="31", traffic="reactive", stack="idm", out=tmp_path / "idm")
    run(path, traffic="reactive", out=tmp_path / "nobody")
    run(path, vehicle="31", out=tmp_path / "replayed")

    def handovers(folder: str) -> list[dict[str, object]]:
        lines = (tmp_path / folder / "events.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == "handover"]

    assert handovers("run") == []
    (left,) = handovers("idm")
    assert 1.0 < left["distance"] < 1.5  # type: ignore[operator]
    assert handovers("nobody") == [{"episode": 0, "tick": 0, "event": "handover", "distance": None}]
    assert handovers("replayed") == []


def test_the_engine_hands_over_when_the_log_says(tmp_path: Path) -> None:
    (start,) = load_with(behind(tmp_path), Override(vehicle=31, traffic=Traffic.REACTIVE))
    world = Engine()
    world.reset([start])
    for tick in range(60):
        ego = world.observe().ego.state[0, :2]
        world.step(np.array([[-4.0, 0.0]]))
        gone = float(np.hypot(*(ego - start.log[tick, :2])))
        assert bool(world._store.slots["handed_over"][0]) == (gone > 1.0)
        if gone > 1.0:
            break
    assert gone > 1.0


def test_options_of_recordings_are_for_recordings(tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", SCENARIO)
    with pytest.raises(InputError, match="--traffic is only for maps of kind commonroad"):
        run(path, traffic="reactive")
    with pytest.raises(InputError, match="--smoothed is only for maps of kind commonroad"):
        run(path, smoothed=True)
    with pytest.raises(InputError, match="did you mean 'reactive'"):
        run(path, traffic="reactiv")
