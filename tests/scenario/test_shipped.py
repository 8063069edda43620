from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.start import EgoKind
from drivestack.scenario import load
from drivestack.scenario.expand import cases
from drivestack.scenario.loader import documents
from drivestack.scenario.map_schema import CommonRoadMap, HighwayEnvMap
from drivestack.scenario.sources.highway_env_scenes import SCENES

RECORDED = ("ngsim",)
"""Suites whose files lie in the folder of shared data."""

SHIPPED = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.mark.parametrize("path", sorted(SHIPPED.rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_files_load(path: Path, request: pytest.FixtureRequest) -> None:
    if path.stem in RECORDED:
        request.getfixturevalue("shared")
    starts = list(load(path))
    assert len({start.scenario for start in starts}) == len(starts) > 0


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
