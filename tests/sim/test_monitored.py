"""The table `monitors`: what is in it is what the checks found, tick by tick."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

import drivestack
from drivestack.sim.monitored import NAMES, Monitored
from drivestack.sim.runner import NOBODY
from tests.scenes import write_road

ALL = "SELECT * FROM '{}/monitors.parquet' ORDER BY ALL"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drives of an ego that is too near to its lead, 29 m/s behind 34 m, one at a time."""
    place = tmp_path_factory.mktemp("monitored")
    path = write_road(place, speed=29.0, gap=34.0, seeds="0-1", limit=2.0)
    drivestack.run(path, out=place / "run", batch=1)
    return place


def rows(query: str, folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query.format(folder)).fetchall()


def test_what_is_past_its_limit_is_what_failed(folder: Path) -> None:
    """The ticks say by name which checks failed at each decision."""
    past = rows(
        "SELECT episode, tick, monitor FROM '{}/monitors.parquet' WHERE value > \"limit\"",
        folder / "run",
    )
    failed = rows(
        "SELECT episode, tick, failed_checks FROM '{}/ticks.parquet' WHERE decided", folder / "run"
    )
    named = {
        (episode, tick, name.removeprefix("watched_"))
        for episode, tick, names in failed
        for name in names.split(", ")
        if name.startswith("watched_")
    }
    assert {monitor for *_, monitor in named} >= {"ttc", "thw", "drac"}
    assert set(past) == named
    assert len(past) == len(named), "each once"


def test_values_are_those_of_the_scene(folder: Path) -> None:
    """Headway is gap over speed, and the needed braking that of constant speeds."""
    found = rows(
        'SELECT m.monitor, m.value, m."limit", t.v, a.v, '
        "  abs(a.x - t.x) - 0.5 * (a.length + e.ego_length) "
        "FROM '{0}/monitors.parquet' m JOIN '{0}/ticks.parquet' t USING (episode, tick) "
        "JOIN '{0}/episodes.parquet' e USING (episode) JOIN '{0}/agents.parquet' a "
        "  ON a.episode = m.episode AND a.tick = m.tick AND a.id = m.object "
        "WHERE m.monitor IN ('thw', 'drac')",
        folder / "run",
    )
    assert {monitor for monitor, *_ in found} == {"thw", "drac"}
    for monitor, value, limit, v, lead, gap in found:
        closing = max(v - lead, 0.0)
        known = -gap / v if monitor == "thw" else closing**2 / (2.0 * gap)
        assert value == pytest.approx(known, rel=1e-4)
        assert limit == pytest.approx(-2.0 if monitor == "thw" else 3.4)


NAMED = ("finite", "watched_ttc", "watched_drac", "critic", "critic_silent")


def decided(tick: int, slots: list[int], **said: list[list[Any]]) -> tuple[Any, Any, Any]:
    """What is handed to `keep`: two slots, a decision one tick before the scene."""
    blank = np.zeros((2, len(NAMED)))
    fields = {"value": blank, "limit": blank, "object": blank.astype(np.int32),
              "failed": blank > 0, "has_object": blank > 0}  # fmt: skip
    fields |= {name: np.array(rows, fields[name].dtype) for name, rows in said.items()}
    scene = SimpleNamespace(tick=np.full(2, tick + 1))
    verdict = SimpleNamespace(names=NAMED, **fields)
    return np.array(slots), scene, SimpleNamespace(verdict=verdict)


def test_only_what_was_measured_is_kept() -> None:
    kept = Monitored()
    quiet = [False] * 5
    one = decided(
        3, [7, 8],
        value=[[9, -0.5, 2, 0.25, 0], [9, -1e9, 0, 0.75, 0]],
        limit=[[1, -1.5, 3.4, 0.5, 0]] * 2,
        object=[[4, 4, 5, 6, 0], [4, 4, 4, 6, 0]],
        failed=[[True, True, False, False, False], [True, False, False, True, False]],
        has_object=[[True, True, True, False, False], quiet],
    )  # fmt: skip
    silent = decided(4, [7, NOBODY], failed=[[False] * 4 + [True], quiet])
    human = decided(5, [9, NOBODY])
    kept.keep([one, silent, human], lambda number: number != 9)
    kept.keep([], lambda number: True)
    (first,), (second,) = kept.taken(7), kept.taken(8)
    assert first.tolist() == [(3, 1, 4, -0.5, -1.5), (3, 2, 5, 2.0, np.float32(3.4)),
                              (3, 3, -1, 0.25, 0.5)]  # fmt: skip
    assert second.tolist() == [(3, 3, -1, 0.75, 0.5)]
    assert kept.taken(7) == kept.taken(9) == []


def test_nothing_measured_is_no_row() -> None:
    kept = Monitored()
    silent = [False] * 4 + [True]
    kept.keep([decided(4, [7, 8], failed=[silent, silent])], lambda number: True)
    assert kept.taken(7) == []


def test_bound_monitors_are_there_under_the_same_names(folder: Path) -> None:
    path, out = folder / "road.yaml", folder / "bound"
    drivestack.run(path, out=out, checks=(), bind=("criticality",))
    names = {row[0] for row in rows("SELECT DISTINCT monitor FROM '{}/monitors.parquet'", out)}
    assert "ttc" in names
    assert names <= set(NAMES)


def test_nothing_depends_on_the_batch(folder: Path) -> None:
    drivestack.run(folder / "road.yaml", out=folder / "together", batch=2)
    assert rows(ALL, folder / "together") == rows(ALL, folder / "run")
