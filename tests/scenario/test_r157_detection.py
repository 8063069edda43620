"""UN R157's detection ranges (ALKS 4.6): what stands or rides where, and that 46 m are enough."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from drivestack.scenario import load
from drivestack.sim.suite import run
from tests.scenario.openscenario.test_shared_suites import alks
from tests.scenario.strikes import strikes
from tests.world.actors.playing import HZ, played, tracks

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "r157"
FORWARD = FOLDER / "forward_detection.yaml"
LATERAL = FOLDER / "lateral_detection.yaml"


def test_only_who_stands_on_the_lane_is_struck() -> None:
    starts = list(load(FORWARD))
    assert len(starts) == 6
    found = {}
    for start, strike in zip(starts, strikes(starts), strict=True):
        given = json.loads(start.resolved)["parameters"]
        found[given["type"], given["offset"]] = strike
    hit = {case: strike for case, strike in found.items() if strike is not None}
    assert set(hit) == {("pedestrian", 0), ("motorcycle", 0)}
    for (kind, _), strike in hit.items():
        assert strike.whom == kind
        assert (strike.left, strike.closing) == pytest.approx((0.0, 60 / 3.6))
        # 40 m and 15 s between the centres, less half the lengths
        half = 2.5 + (0.3 if kind == "pedestrian" else 1.1)
        assert 0.0 <= strike.time - (15.0 + (40.0 - half) * 3.6 / 60) <= 1 / HZ


@pytest.mark.parametrize("number", [0, 1])
def test_the_motorcycle_comes_to_the_line(number: int) -> None:
    """Half a sine wave over 5.25 m with 0.1 m/s2: it takes pi * sqrt(5.25 / 0.2) s."""
    start = list(load(LATERAL))[number]
    side = json.loads(start.resolved)["parameters"]["side"]
    assert side == (1, -1)[number]
    scenes = played(start, 40.0)
    path = tracks(scenes)
    middle = scenes[0].ego.state[0, 1]
    left = (path[:, 1] - middle) * side
    assert not any(scene.contact[0] for scene in scenes)
    duration = math.pi * math.sqrt(5.25 / 0.2)
    assert left[10 * HZ] == pytest.approx(7.0)
    assert left[10 * HZ + round(duration * HZ / 2)] == pytest.approx(7.0 - 5.25 / 2, abs=0.03)
    assert left[-1] == pytest.approx(1.75)
    assert left[10 * HZ + round(duration * HZ) - 4] > 1.75
    assert path[:, 0] == pytest.approx([float(s.ego.state[0, 0]) for s in scenes])


def test_46_metres_are_enough() -> None:
    result = run(FORWARD, LATERAL, stack="idm")
    rows = {row["scenario"]: row for row in result.episodes}
    assert len(rows) == 8
    for name, row in rows.items():
        assert (row["duty"], row["duty_met"]) == ("must_avoid", "yes"), name
        if "5.25" in name or "lateral" in name:  # nobody stands in the way
            assert row["mean_speed"] > 12.0, name


@pytest.mark.shared
def test_as_many_as_the_public_files_have(shared: Path) -> None:
    """And struck just like there, but 440 m further on."""
    ours = {"4_6_1": FORWARD, "4_6_2": LATERAL}
    for family, path in ours.items():
        public, own = (list(load(file)) for file in (alks(shared)[family], path))
        assert len(public) == len(own)
        contacts = [
            sorted((s.whom, s.kph, round(s.left, 6)) for s in strikes(starts) if s is not None)
            for starts in (public, own)
        ]
        assert contacts[0] == contacts[1], family
