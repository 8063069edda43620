from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from drivestack.core.start import EgoKind
from drivestack.scenario import load
from drivestack.scenario.action_schema import DEEDS
from drivestack.scenario.expand import cases, combinations
from drivestack.scenario.loader import documents
from drivestack.scenario.map_schema import CommonRoadMap, HighwayEnvMap
from drivestack.scenario.sources.highway_env_scenes import SCENES
from drivestack.scenario.traffic_schema import Scripted

RECORDED = ("ngsim",)
"""Suites whose files lie in the folder of shared data; they are loaded where those are read."""

FEW = 20
"""Starts of a file that are made here."""

SHIPPED = Path(__file__).resolve().parents[2] / "scenarios"


OWN = sorted(path for path in SHIPPED.rglob("*.yaml") if path.stem not in RECORDED)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_shipped_files_load(path: Path) -> None:
    starts = list(itertools.islice(load(path), FEW))  # loading has resolved a case of every file
    assert len({start.scenario for start in starts}) == len(starts) > 0


def test_suites_of_folders_name_every_file_of_theirs() -> None:
    for folder in sorted(path for path in SHIPPED.iterdir() if path.is_dir()):
        suite = folder.with_suffix(".yaml")
        if not suite.exists():
            continue
        named = {Path(document.block.place.file).stem for document in documents(suite)}
        assert {path.stem for path in folder.glob("*.yaml")} <= named, folder.name


def test_the_rare_suite_has_ten_thousand_scenarios() -> None:
    assert sum(combinations(document) for document in documents(SHIPPED / "rare.yaml")) == 10_020


def test_the_smoke_suite_shows_what_there_is() -> None:
    found = [case for document in documents(SHIPPED / "smoke.yaml") for case in cases(document)]
    assert 30 <= len(found) <= 60
    rare = {path.stem.replace("_", "-") for path in (SHIPPED / "rare").glob("*.yaml")}
    assert {f"rare-{name}" for name in rare} <= {case.scenario.id for case in found}
    actions = {
        action.deed
        for case in found
        for actor in case.scenario.actors
        if isinstance(actor, Scripted)
        for event in actor.events
        for action in event.do
    }
    assert actions == set(DEEDS)
    assert any(case.scenario.ego.plant == "lagged" for case in found)
    assert any(case.scenario.sensing and case.scenario.sensing.ghost_probability for case in found)
    assert any(case.scenario.closures for case in found)


def test_the_demo_covers_every_scene_with_a_stack() -> None:
    found = [case for document in documents(SHIPPED / "demo.yaml") for case in cases(document)]
    assert len(found) >= 30
    assert all(case.scenario.ego.kind is EgoKind.STACK for case in found)
    maps = [case.scenario.map for case in found]
    assert {scene.env for scene in maps if isinstance(scene, HighwayEnvMap)} == set(SCENES)
    assert sum(case.scenario.time_limit or 0 for case in found) < 1000, "it should stay short"
    for case in found:
        assert case.scenario.rates is not None
        assert (case.scenario.rates.physics, case.scenario.rates.plan) == (20, 10), case.id


def test_the_recorded_suite_names_every_ngsim_file(shared: Path) -> None:
    named = {
        map.file
        for document in documents(SHIPPED / "ngsim.yaml")
        if isinstance(map := document.scenario.map, CommonRoadMap)
    }
    there = {
        path.relative_to(shared).as_posix()
        for folder in ("commonroad_ngsim_head", "commonroad_ngsim_2018a")
        for path in (shared / "data" / folder).glob("*.xml.gz")
    }
    assert named == there
    assert len(named) == 53
