"""What the page has is what was logged: within a centimetre, in the same order, and small."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from drivestack.report import write
from drivestack.report.encoding import Block
from drivestack.sim.suite import run
from tests.report.blocks import blocks_of, unpacked
from tests.report.conftest import Changed


@pytest.mark.parametrize("dtype", ["i2", "i4"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_whole_numbers_come_back(dtype: str, order: int) -> None:
    """Also where differences do not fit the type: they wrap, and so do the sums."""
    ends = np.iinfo(dtype)
    values = np.random.default_rng(0).integers(ends.min, ends.max, (5, 40), endpoint=True)
    values[0, :2] = ends.min, ends.max
    block = Block({"name": "it's </script>"})
    block.add("other", np.zeros(3), "u1")
    block.add("values", values, dtype, 1.0, order)
    found = unpacked(block.text())
    assert found["name"] == "it's </script>"
    np.testing.assert_array_equal(found["values"], values)


def logged(folder: Path, query: str) -> dict[str, np.ndarray]:
    with duckdb.connect() as connection:
        for table in ("ticks", "agents", "candidates", "plans"):
            file = str(folder / f"{table}.parquet")
            connection.from_parquet(file).create_view(table)
        return connection.execute(query).fetchnumpy()


@pytest.mark.parametrize("far", [0.0, 10_000.0])
def test_positions_and_headings_are_kept(changed: Changed, tmp_path: Path, far: float) -> None:
    """Within a centimetre and 1e-4 rad, also 10 km from the origin."""
    folder = changed.moved_by(far).folder
    page = write(folder, tmp_path / "page.html").read_text()
    for number in range(3):
        found = unpacked(blocks_of(page)[f"episode-{number}"])
        ego = logged(folder, f"SELECT * FROM ticks WHERE episode = {number} ORDER BY tick")
        x, y = found["xy"]
        assert np.hypot(x - ego["x"], y - ego["y"]).max() < 0.01
        assert np.abs(found["yaw"] - ego["yaw"]).max() <= 1e-4
        assert np.abs(found["v"] - ego["v"]).max() <= 0.005 + 1e-9
        agents = logged(folder, f"SELECT * FROM agents WHERE episode = {number}")
        frame = np.searchsorted(found["frames"], agents["tick"])
        who = np.searchsorted(found["ids"], agents["id"])
        at = np.searchsorted(ego["tick"], agents["tick"])
        dx = x[at] + found["agent_x"][who, frame] - agents["x"]
        dy = y[at] + found["agent_y"][who, frame] - agents["y"]
        # single precision of the log is a millimetre at 10 km
        assert np.hypot(dx, dy).max() < 0.01
        assert np.abs(found["agent_yaw"][who, frame] - agents["yaw"]).max() <= 1e-4
        assert (found["present"][who, frame] == 1).all()


def test_far_agents_are_clipped_and_flagged(changed: Changed, tmp_path: Path) -> None:
    query = "SELECT * REPLACE (CASE WHEN id = 1 THEN x + 5000 ELSE x END AS x) FROM t"
    folder = changed.table("agents", query).folder
    found = unpacked(blocks_of(write(folder, tmp_path / "page.html").read_text())["episode-0"])
    assert set(found["present"][found["ids"].index(1)]) == {2}
    assert np.abs(found["agent_x"]).max() <= 327.67


def test_events_and_candidates_keep_their_order(road_run: Path, tmp_path: Path) -> None:
    page = write(road_run, tmp_path / "page.html").read_text()
    found = unpacked(blocks_of(page)["episode-1"])
    ticks = [event["tick"] for event in found["events"]]
    assert ticks == sorted(ticks)
    assert [event["event"] for event in found["events"]][-1] == "end"
    assert any(event["event"] == "emergency_brake" for event in found["events"])
    query = "SELECT * FROM candidates WHERE episode = 1 ORDER BY tick, candidate"
    made = logged(road_run, query)
    np.testing.assert_array_equal(found["candidate_tick"], made["tick"])
    np.testing.assert_array_equal(found["candidate"], made["candidate"])
    np.testing.assert_array_equal(found["chosen"].astype(bool), made["chosen"])
    np.testing.assert_allclose(found["total"], made["total"], atol=1e-3)
    points = np.stack(list(made["x"]))[:, 1::2]
    ego = logged(road_run, "SELECT tick, x FROM ticks WHERE episode = 1 ORDER BY tick")
    own = np.interp(made["tick"], ego["tick"], ego["x"])
    assert np.abs(found["candidate_x"] + own[:, None] - points).max() < 0.04
    assert found["terms_names"][0] == "no_collision"


FORTY = """
suite: forty
version: 1
defaults:
  ego: {{kind: stack}}
  rates: {{physics: 20, control: 20, plan: 10}}
  physics: clamped
  time_limit: 40
scenarios:
  - {{env: highway-v0, seeds: 0-{last}}}
"""


def forty_seconds(folder: Path, episodes: int, stack: str) -> int:
    """Bytes of the report on so many drives of 40 s among 50 cars."""
    path = folder / "forty.yaml"
    path.write_text(FORTY.format(last=episodes - 1))
    result = run(path, stack=stack, out=folder / "run")
    assert all(row["ticks"] == 800 for row in result.episodes)
    return write(folder / "run").stat().st_size


def test_an_episode_is_small(tmp_path: Path) -> None:
    """20 of 40 s must fit 3 MB; here two of them, with what every page has besides."""
    assert forty_seconds(tmp_path, 2, "pdm15") < 2 * 3_000_000 / 20


@pytest.mark.nightly
@pytest.mark.parametrize("stack", ["pdm15", "pdm_lane"])
def test_twenty_episodes_are_small(tmp_path: Path, stack: str) -> None:
    assert forty_seconds(tmp_path, 20, stack) < 3_000_000


def test_the_time_to_collision_is_that_of_the_measure(road_run: Path, tmp_path: Path) -> None:
    """Where the measure's least one lies on a tick at which the others are logged."""
    page = write(road_run, tmp_path / "page.html").read_text()
    compared = 0
    for number in range(3):
        found = unpacked(blocks_of(page)[f"episode-{number}"])
        (least,) = [r for r in found["reasons"] if r["measure"] == "min_ttc_s"]
        assert found["ttc"].min() >= least["value"] - 0.006
        if least["tick"] in found["frames"]:
            at = found["frames"].tolist().index(least["tick"])
            assert found["ttc"][at] == pytest.approx(least["value"], abs=0.006)
            compared += 1
        # with all ticks between them, the least of what is drawn is not far above
        assert found["ttc"].min() == pytest.approx(least["value"], abs=0.1)
    assert compared or found["ttc"].min() < 10.0
