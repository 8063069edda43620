"""The rare families: really dangerous, avoidable as their difficulty says, driven to the end."""

from __future__ import annotations

import functools
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.core.start import Start
from drivestack.core.tables import Kind
from drivestack.sim.suite import run
from tools.rare.answers import ANSWERS, HUMAN, KEEP, QUICK, Answer, Found, found
from tools.rare.draws import Family, families

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "rare"
FAMILIES = {family.name: family for family in families(FOLDER)}
BRAKED = ("animal", "debris", "fork", "opening_door", "pedestrian_behind_van", "red_light",
          "stopped_behind_curve")  # fmt: skip
"""Families whose one number is the distance that is left to brake in."""

EACH = 6
"""Instances of a family and difficulty here; `make nightly` takes more."""


@functools.cache
def tried(name: str, each: int = EACH) -> dict[float, Found]:
    return {d: found(starts) for d, starts in FAMILIES[name].drawn(each).items()}


def stopping(speed: float) -> float:
    """Metres for 0.75 s and 6 m/s2."""
    return 0.75 * speed + speed * speed / 12.0


def share_failing(seen: Found, answer: Answer) -> float:
    return float(seen.failed[:, ANSWERS.index(answer)].mean())


def test_there_are_ten_families_of_three_difficulties() -> None:
    assert len(FAMILIES) == 10
    for family in FAMILIES.values():
        assert list(family.drawn(2)) == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("name", FAMILIES)
def test_they_are_dangerous_and_avoidable(name: str) -> None:
    check_family(name, EACH)


@pytest.mark.nightly
@pytest.mark.parametrize("name", FAMILIES)
def test_they_are_dangerous_and_avoidable_in_200_instances(name: str) -> None:
    check_family(name, 67)


def check_family(name: str, each: int) -> None:
    """Who does nothing is hit; an attentive driver is not at difficulty 0, a machine never."""
    for difficulty, seen in tried(name, each).items():
        keeps, human, quick = (
            share_failing(seen, KEEP), seen.avoided(HUMAN).mean(), seen.avoided(QUICK).mean()
        )  # fmt: skip
        print(
            f"{name} {difficulty}: keeps on fails {keeps:.2f}, attentive {human:.2f}, {quick:.2f}"
        )
        assert (seen.noticed >= 0).all()
        assert keeps > 0.9, "otherwise there is no danger"
        assert quick == 1.0
        if difficulty == 0.0:
            assert human == 1.0
        elif difficulty == 0.5:
            assert human >= 0.75


@pytest.mark.parametrize("each", [20, pytest.param(67, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("name", BRAKED)
def test_what_is_left_to_brake_in_is_what_the_difficulty_says(name: str, each: int) -> None:
    """From the first state and the trigger: 1.35 to 1.5 of what an attentive driver needs at 0."""
    family = FAMILIES[name]
    for difficulty, starts in family.drawn(each).items():
        for start in starts:
            parameters = json.loads(start.resolved)["parameters"]
            speed = float(start.bodies["speed"][0])
            assert speed == parameters["speed"]
            ratio = parameters["given"] / stopping(speed)
            low = 1.35 - 0.6 * difficulty
            assert low - 1e-9 <= ratio <= low + 0.15 + 1e-9
            if difficulty == 0.0:
                assert parameters["given"] > 1.3 * stopping(speed)
        seen = tried(name)[difficulty]
        expected = ratio_of_noticing(seen)
        assert (expected > 0.55 + 0.3 * (difficulty == 0.0)).all()


def ratio_of_noticing(seen: Found) -> np.ndarray:
    """The distance at which it is noticed, from the front, over what an attentive driver needs."""
    needed = np.array([stopping(float(speed)) for speed in seen.speed])
    return (seen.distance - 2.5) / needed


def test_braking_alone_is_not_enough_at_difficulty_1() -> None:
    failing = {name: share_failing(tried(name)[1.0], HUMAN[0]) for name in BRAKED}
    print(failing)
    assert all(share > 0.6 for name, share in failing.items() if name != "animal")


def test_at_the_fork_both_sides_are_right_and_the_middle_is_not() -> None:
    for seen in tried("fork").values():
        assert share_failing(seen, KEEP) == 1.0
        assert {share_failing(seen, answer) for answer in (*HUMAN[1:], *QUICK[1:])} == {0.0}


def test_who_cuts_off_the_ambulance_is_hit_at_difficulty_1() -> None:
    seen = tried("ambulance")
    assert share_failing(seen[0.0], HUMAN[1]) == 0.0
    assert share_failing(seen[1.0], HUMAN[1]) > 0.8
    assert share_failing(seen[1.0], HUMAN[0]) == 0.0


def test_the_fork_is_symmetrical() -> None:
    for start in FAMILIES["fork"].drawn(3)[1.0]:
        obstacle = start.bodies[start.bodies["kind"] == Kind.OBSTACLE]
        assert obstacle["y"].tolist() == [0.0]
        assert start.bodies["y"][0] == 0.0
        sides = sorted(float(y) for y in start.map.lanes["y"])
        assert sides == [-3.5, 0.0, 3.5]


def test_no_road_user_is_in_another_at_the_start() -> None:
    for family in FAMILIES.values():
        for start in family.drawn(4)[1.0]:
            _check_apart(family, start)


def _check_apart(family: Family, start: Start) -> None:
    """Cars on one lane are at least their lengths apart."""
    cars = start.bodies[np.isin(start.bodies["kind"], (Kind.CAR, Kind.TRUCK))]
    for lane in np.unique(cars["lane"]):
        along = np.sort(cars[cars["lane"] == lane], order="x")
        gaps = np.diff(along["x"]) - (along["length"][1:] + along["length"][:-1]) / 2
        straight = np.ptp(along["heading"]) < 1e-6
        assert not straight or (gaps > 0.5).all(), (family.name, start.scenario)


@pytest.mark.parametrize("stack", ["idm", "pdm_lane"])
def test_stacks_drive_them(stack: str) -> None:
    """One instance of each: nothing fails, and hazards come about."""
    check_stack(stack, "1/901")


@pytest.mark.nightly
@pytest.mark.parametrize("stack", ["idm", "pdm_lane"])
def test_stacks_drive_many_of_them(stack: str) -> None:
    check_stack(stack, "2/41")


def check_stack(stack: str, shard: str) -> None:
    result = run(FOLDER.parent / "rare.yaml", stack=stack, shard=shard)
    groups = defaultdict[str, list[dict[str, Any]]](list)
    for row in result.episodes:
        groups[row["scenario"].split("/")[0]].append(row)
    assert len(groups) == 10
    asked = [row for row in result.episodes if row["exercised"]]
    exercised = sum(row["exercised"] == "yes" for row in asked)
    at_fault = sum(bool(row["at_fault"]) for row in result.episodes)
    print(f"{stack}: {len(result.episodes)}, exercised {exercised}/{len(asked)}, fault {at_fault}")
    assert not [row["error"] for row in result.episodes if row["outcome"] == "failed"]
    assert exercised >= 0.8 * len(asked)
    assert not any(math.isnan(row["mean_speed"]) for row in result.episodes)
