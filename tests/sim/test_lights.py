"""A stack at a traffic light, from the file to the log."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import drivestack
from drivestack.scenario import load
from drivestack.sim.driver import Driver
from drivestack.sim.settings import Settings
from drivestack.sim.suite import run_starts
from tests.scenario.writing import write

CROSSING = """
id: crossing
map:
  kind: lanes
  lanes:
  - {kind: straight, from: a, to: b, start: [0, 0], end: [100, 0]}
  - {kind: straight, from: b, to: c, start: [100, 0], end: [300, 0]}
ego: {lane: [a, b, 0], s: 30, speed: 10}
lights:
- name: main
  phases: [[green, 4], [yellow, 2], [red, 6]]
  offset: 0
  lines: [{lane: [a, b, 0], s: 95}]
time_limit: 14
vary:
  lights.main.offset: [-3, 7]
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("lights"), "crossing.yaml", CROSSING)


def crossings(run: Path) -> list[tuple[int, float | None]]:
    """When the ego's front is over the line, and TLC, by episode."""
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT min(tick), any_value(e.traffic_lights) FROM '{run}/ticks.parquet' t "
            f"JOIN '{run}/episodes.parquet' e USING (episode) WHERE t.x + 2.5 >= 95 "
            "GROUP BY episode ORDER BY episode"
        ).fetchall()


@pytest.mark.parametrize("stack", ["pdm_lane", "pdm15", "idm"])
def test_planners_wait_for_green_and_go(path: Path, tmp_path: Path, stack: str) -> None:
    """Red from 3 s to 9 s; in the second episode from 1 s to 7 s."""
    run = tmp_path / "run"
    drivestack.run(path, stack=stack, out=run)
    (first, one), (second, other) = crossings(run)
    assert one == other == 1.0
    assert 180 <= first <= 180 + 60, "goes within 3 s of green"
    assert 140 <= second <= 140 + 60


def test_who_does_not_look_fails(path: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    drivestack.run(path, stack="constant", out=run)
    assert [value for _, value in crossings(run)] == [0.0, 0.0]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT sentence FROM '{run}/reasons.parquet' WHERE measure = 'traffic_lights'"
        ).fetchall()
        shown = connection.execute(
            f"SELECT light, tick, colour, left_y, right_y FROM '{run}/lights.parquet' "
            "WHERE episode = 0 ORDER BY tick"
        ).fetchall()
    assert all("light main on lane [a, b, 0] at 95.0 m" in sentence for (sentence,) in found)
    assert shown[:4] == [
        ("main", 0, "green", 2.0, -2.0),
        ("main", 20, "yellow", 2.0, -2.0),
        ("main", 60, "red", 2.0, -2.0),
        ("main", 180, "green", 2.0, -2.0),
    ]


def test_an_episode_does_not_depend_on_its_batch(path: Path, tmp_path: Path) -> None:
    dark = write(tmp_path, "dark.yaml", CROSSING.split("lights:")[0] + "time_limit: 3\n")
    starts = [*load(path), *load(dark), *load(path)]
    found = []
    for batch in (1, 3):
        run = run_starts(starts, Settings(Driver("pdm_lane"), batch=batch))
        assert not any(row["failure"] for row in run.episodes)
        found.append([row["digest"] for row in run.episodes])
    assert found[0] == found[1]
    assert found[0][:2] == found[0][3:]
    assert len(set(found[0])) == 3
