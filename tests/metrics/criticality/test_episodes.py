"""The measures of whole episodes: known answers, absence, mirror images."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from drivestack.core.episode import AGENT_TICK, EGO_TICK, Episode
from drivestack.core.start import Start
from drivestack.core.tables import Kind
from drivestack.core.types import Floats
from drivestack.metrics import METRICS
from drivestack.metrics.criticality.pairs import Pairs
from drivestack.metrics.criticality.wttc import soonest_times_of
from drivestack.metrics.evidence import gathered
from tests.metrics.drives import made_of
from tests.scenes import starts_of, two_lanes, write_road

NAMES = (
    "ttc", "headway", "required_deceleration", "required_steering", "wttc", "closest_encounter",
)  # fmt: skip
TICKS, DT = 21, 0.1


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def driven(start: Start, ego: Floats, others: Floats, yaw: float = 0.0) -> Episode:
    """An episode of straight drives ``x, y, yaw, v``, all turned by a yaw about the origin."""
    t = np.arange(TICKS)
    rows = np.zeros(TICKS, EGO_TICK)
    agents = np.zeros(TICKS * len(others), AGENT_TICK)
    rows["tick"], agents["tick"] = t, np.repeat(t, len(others))
    agents["id"] = np.tile(np.arange(len(others)) + 1, TICKS)
    agents["length"], agents["width"], agents["kind"] = 5.0, 2.0, Kind.CAR
    for table, drives in ((rows, ego[None]), (agents, others)):
        x, y, heading, v = (np.tile(column, TICKS) for column in drives.T)
        time = DT * table["tick"]
        x, y = x + v * time * np.cos(heading), y + v * time * np.sin(heading)
        table["x"] = x * np.cos(yaw) - y * np.sin(yaw)
        table["y"] = x * np.sin(yaw) + y * np.cos(yaw)
        table["yaw"], table["v"] = heading + yaw, v
    return made_of(start, two_lanes(), DT, rows, agents)


def values(episode: Episode) -> dict[str, float]:
    """What there was to measure."""
    evidence = gathered(episode)
    reasons = [reason for name in NAMES for reason in METRICS[name].measure(evidence)]
    return {reason.measure: reason.value for reason in reasons if reason.value is not None}


def one_pair(pairs: Pairs, i: int) -> Pairs:
    """A row of pairs by itself, so that nothing else is sooner."""
    parts = {f.name: getattr(pairs, f.name)[i : i + 1] for f in fields(pairs)}
    return Pairs(**{**parts, "ego_size": pairs.ego_size})


EGO = np.array([0.0, 0.0, 0.0, 15.0])
LEAD = np.array([30.0, 0.5, 0.0, 10.0])


@pytest.mark.parametrize("yaw", [0.0, 1.0, 3.0])
def test_behind_a_slower_car(start: Start, yaw: float) -> None:
    found = values(driven(start, EGO, LEAD[None], yaw))
    # the gap shrinks from 25 m to 15 m, at 5 m/s
    assert found["min_headway_m"] == pytest.approx(15.0)
    assert found["min_thw_s"] == pytest.approx(1.0)
    assert found["min_ttc_s"] == pytest.approx(3.0)
    assert found["max_drac"] == pytest.approx(25.0 / 30.0)
    assert found["max_btn"] == pytest.approx(25.0 / 30.0 / 11.5)
    assert found["max_a_lat_req"] == pytest.approx(2.0 * 1.5 / 9.0)  # 1.5 m to the right in 3 s
    assert found["max_stn"] == pytest.approx(2.0 * 1.5 / 9.0 / 8.0)
    assert found["min_distance_m"] == pytest.approx(15.0)
    assert 0.0 < found["min_wttc_s"] < 3.0
    assert (found["tet_s"], found["tit_s2"], found["cpi"]) == (0.0, 0.0, 0.0)


def test_exposures_and_crash_potential_are_sums_over_ticks(start: Start) -> None:
    found = values(
        driven(start, np.array([0.0, 0.0, 0.0, 25.0]), np.array([[50.0, 0.0, 0.0, 5.0]]))
    )
    # 45 m at 20 m/s: 2.25 s, then 0.1 s less each tick; below 2 s from tick 3 (1.95 s) on
    assert found["tet_s"] == pytest.approx(1.8)
    assert found["tit_s2"] == pytest.approx(0.1 * sum(0.05 + 0.1 * k for k in range(18)))
    assert found["max_drac"] == pytest.approx(400.0 / 10.0)
    brakes = NormalDist(8.45, 1.40)
    low, high = brakes.cdf(4.23), brakes.cdf(12.68)
    needed = [min(200.0 / (45.0 - 2.0 * k), 12.68) for k in range(TICKS)]
    shares = [(brakes.cdf(value) - low) / (high - low) for value in needed]
    assert found["cpi"] == pytest.approx(sum(shares) / TICKS)


def test_no_conflict_is_absent(start: Start) -> None:
    exposures = {"tet_s": 0.0, "tit_s2": 0.0, "cpi": 0.0}
    assert values(driven(start, EGO, np.zeros((0, 4)))) == exposures
    away = values(driven(start, EGO, np.array([[30.0, 0.0, 0.0, 20.0]])))
    assert set(away) == {
        *exposures, "min_headway_m", "min_thw_s", "min_wttc_s", "min_distance_m"
    }  # fmt: skip
    beside = values(driven(start, EGO, np.array([[3.0, 4.0, 0.0, 15.0]])))
    assert set(beside) == {*exposures, "min_wttc_s", "min_distance_m"}
    assert beside["min_distance_m"] == pytest.approx(2.0)


def test_who_leads(start: Start) -> None:
    others = np.array(
        [
            [30.0, 1.9, 0.4, 0.0],
            [30.0, 2.1, 0.0, 0.0],  # beside
            [30.0, 0.0, 0.5, 0.0],  # across
            [-9.0, 0.0, 0.0, 0.0],  # behind
            [30.0, -1.9, -0.4, 0.0],
        ]
    )
    pairs = gathered(driven(start, EGO, others)).pairs
    np.testing.assert_array_equal(pairs.leading()[:5], [True, False, False, False, True])


def test_mirrored_episodes_measure_the_same(start: Start) -> None:
    rng = np.random.default_rng(7)
    others = rng.uniform([-40, -15, -3, 0], [40, 15, 3, 20], (12, 4))
    flip = np.array([1.0, -1.0, -1.0, 1.0])
    here = values(driven(start, EGO, others))
    there = values(driven(start, EGO, others * flip))
    assert here.keys() == there.keys()
    assert all(here[name] == pytest.approx(there[name], abs=1e-12) for name in here)
    assert here["min_wttc_s"] <= here["min_ttc_s"]


def test_the_least_worst_time_is_that_of_all_pairs(start: Start) -> None:
    rng = np.random.default_rng(11)
    for _ in range(20):
        others = rng.uniform([-90, -60, -3, 0], [90, 60, 3, 20], (5, 4))
        episode = driven(start, EGO, others)
        (least,) = METRICS["wttc"].measure(gathered(episode))
        pairs = gathered(episode).pairs
        alone = [one_pair(pairs, i) for i in range(len(pairs.row))]
        times = np.array([soonest_times_of(pair)[0] for pair in alone])
        assert least.value == times.min()
        assert least.object == times.argmin() % 5 + 1


def test_nobody_drives_a_parked_car(start: Start) -> None:
    episode = driven(start, EGO, LEAD[None] * [2.0, 1.0, 1.0, 0.0])
    agents = episode.agents.copy()
    agents["kind"] = Kind.PARKED
    parked = replace(episode, agents=agents)
    assert values(parked)["min_wttc_s"] > values(episode)["min_wttc_s"]


def test_agents_of_ticks_without_an_ego_are_left_out(start: Start) -> None:
    episode = driven(start, EGO, LEAD[None])
    short = replace(episode, ego=episode.ego[:5])
    assert set(gathered(short).pairs.row.tolist()) == set(range(5))
