"""The page of planners: what is planted is said, pair by pair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drivestack.behavior.checkpoint import shipped
from drivestack.core.start import Start
from drivestack.learn.families import families_in
from drivestack.learn.planner.intervals import site_of
from drivestack.safety import BARE
from drivestack.sim.driver import Driver
from tools import planners
from tools.planners import KEPT, Arm, Driving, Suite, main, page, suites


def rows(count: int, score: float, faults: int = 0) -> list[dict[str, Any]]:
    plain: dict[str, Any] = dict.fromkeys(KEPT, 1.0)
    return [
        plain
        | {"scenario": f"a#{i}", "seed": i, "pdms_1": score, "at_fault": i < faults,
           "goal_reached": True}
        for i in range(count)
    ]  # fmt: skip


def test_what_is_planted_is_said() -> None:
    text = page({"merge-v1": {"flow": rows(100, 0.9), "pdm15": rows(100, 0.6, 5)}}, "a command")
    assert "Made by `a command`" in text
    assert "| flow | 90.0 (90.0 to 90.0) | 0 of 100 | 90.0 |" in text
    assert "| pdm15 | 60.0 (60.0 to 60.0) | 5 of 100 | 60.0 |" in text
    (pair,) = [line for line in text.splitlines() if line.startswith("| merge-v1 | pdm15 |")]
    assert "+30.0 (+30.0 to +30.0) | 0 : 5 |" in pair
    assert pair.endswith("| yes |")


def test_families_that_were_learned_from_are_named() -> None:
    arms = {"merge-v1": {"flow": rows(2, 0.9), "pdm15": rows(2, 0.6)}}
    assert "too few" not in page(arms, "a command").lower()
    told = page(arms, "a command", known=["ncap.cpfa"])
    assert "these were also learned from: ncap.cpfa." in told
    small = {name for suite in suites(1, 1) for name in suite.known}
    assert "r157.lateral-detection" in small
    assert not any(name.startswith("rare") for name in small)


def test_who_is_worse_is_said_to_be() -> None:
    text = page({"merge-v1": {"flow": rows(100, 0.5, 8), "pdm15": rows(100, 0.6)}}, "a command")
    (pair,) = [line for line in text.splitlines() if line.startswith("| merge-v1 | pdm15 |")]
    assert "-10.0 (-10.0 to -10.0) | 8 : 0 |" in pair
    assert pair.endswith("| **no** |")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A family's instances are their seeds alone: it takes ten seconds to draw them all."""
    monkeypatch.setattr(planners, "start_of", lambda _, seed: SimpleNamespace(seed=seed))


def test_an_instance_is_of_the_seed_that_is_asked_for() -> None:
    (document,) = families_in([planners.ROOT / "scenarios" / "rare" / "debris.yaml"]).values()
    assert [start.seed for start in planners._starts(document, 2)] == [9000, 9001]


@pytest.mark.usefixtures("asked")
def test_suites_are_of_seeds_that_nothing_was_made_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planners, "_recorded", lambda count: [])
    found = {suite.name: suite for suite in suites(1, 1)}
    assert set(planners.SCENES) < set(found)
    assert found["roundabout-v1"].count == 1
    apart = {name: set(suite.starts) for name, suite in found.items() if "never" in name}
    assert apart == {
        "rare, never learned from": {"rare-animal", "rare-opening-door"},
        "r157, never learned from": {"r157.cut-in"},
    }
    assert not set(found["rare"].starts) & apart["rare, never learned from"]
    seeds = {s.seed for suite in found.values() for starts in suite.starts.values() for s in starts}
    assert seeds == {9000}


@pytest.mark.usefixtures("asked")
def test_recordings_that_were_not_learned_from_are_suites(shared: Path) -> None:
    held_out, apart = (suite for suite in suites(3, 1) if "ngsim" in suite.name)
    names = [
        [s.scenario for some in suite.starts.values() for s in some] for suite in (held_out, apart)
    ]
    assert all(len(set(own)) >= 3 for own in names)
    assert {site_of(name) for name in names[0]} == {"USA_US101"}
    assert {site_of(name) for name in names[1]} == {"USA_Lanker"}
    assert (held_out.name, apart.name) == ("ngsim", "ngsim, never learned from")


@pytest.mark.usefixtures("asked")
def test_without_recordings_there_are_the_other_suites(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRIVESTACK_SHARED", str(tmp_path))
    assert not [suite for suite in suites(1, 1) if "ngsim" in suite.name]
    assert "no recordings are driven" in capsys.readouterr().err


def test_all_suites_together_are_a_row_of_their_own() -> None:
    arms = {"flow_only": rows(50, 0.9), "mse": rows(50, 0.6, 5)}
    text = page({"merge-v1": arms, "exit-v1": arms}, "a command", "flow_only")
    (whole,) = [line for line in text.splitlines() if line.startswith("| all | mse |")]
    assert "| +30.0 (+30.0 to +30.0) | 0 : 10 |" in whole
    assert "## Against `flow_only`, pair by pair" in text


@pytest.mark.parametrize(
    ("arms", "sentence"),
    [
        ("flow,pdm16", "unknown arm 'pdm16'; did you mean 'pdm15'?"),
        ("pdm15,idm", "expected flow and others, each once"),
        ("flow,idm,idm", "expected flow and others, each once"),
        ("flow,mse=nowhere.safetensors", "nowhere.safetensors"),
        ("flow,idm=x", "expected a name of its own before '='"),
        ("flow,-=x", "expected a name of its own before '='"),
    ],
)
def test_wrong_arms_are_refused(
    arms: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--arms", arms]) == 2
    said = capsys.readouterr().err.strip()
    assert sentence in said
    assert len(said.splitlines()) == 1


def test_an_arm_may_be_a_checkpoint(tmp_path: Path) -> None:
    """It drives with its own candidates alone; what is kept of it is its checkpoint's."""
    driving = Driving(tmp_path, 1, "other.safetensors", None)
    for text, layer in (("mse={}", None), ("mse-={}", BARE)):
        driver = driving.driver(Arm.of(text.format(shipped("flow"))))
        assert driver == Driver("flow_only", policy=str(shipped("flow")), layer=layer)
    assert driving.driver(Arm.of("flow")).policy == "other.safetensors"
    assert driving.driver(Arm.of("pdm_lane-")) == Driver("pdm_lane", layer=BARE)


def starts(names: Iterable[str]) -> list[Start]:
    (document,) = families_in([planners.ROOT / "scenarios" / "rare" / "debris.yaml"]).values()
    (start,) = planners._starts(document, 1)
    return [replace(start, scenario=name) for name in names]


@pytest.fixture
def driven(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the scenarios that are driven, which is not done."""
    names: list[str] = []

    def noted(starts: list[Start], settings: object) -> SimpleNamespace:
        names.extend(start.scenario for start in starts)
        found = rows(len(starts), 0.9)
        for row, start in zip(found, starts, strict=True):
            row |= {"scenario": start.scenario, "seed": start.seed}
        return SimpleNamespace(episodes=found)

    monkeypatch.setattr(planners.runner, "run_starts", noted)
    return names


def asked_for(driving: Driving, names: Iterable[str]) -> list[str]:
    found = driving.rows(Arm.of("idm"), Suite("s", {"f": starts(names)}))
    return [row["scenario"] for row in found]


def test_more_scenarios_go_on_where_fewer_ended(tmp_path: Path, driven: list[str]) -> None:
    driving, whole = Driving(tmp_path, 1, None, None), [str(number) for number in range(50)]
    for count, more in ((20, whole[:20]), (50, whole[20:]), (50, [])):
        assert asked_for(driving, whole[:count]) == whole[:count]
        assert driven == more
        driven.clear()


def test_rows_of_other_scenarios_are_not_taken_for_theirs(
    tmp_path: Path, driven: list[str]
) -> None:
    """Twenty of 25 recordings are not the first twenty of all of them."""
    whole = [f"{number:02}" for number in range(25)]
    few = planners._picked(whole, 20)
    driving = Driving(tmp_path, 1, None, None)
    assert asked_for(driving, few) == few
    driven.clear()
    assert asked_for(driving, whole) == whole
    assert driven == whole
