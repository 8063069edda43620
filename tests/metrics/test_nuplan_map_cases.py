"""nuPlan's scenes that need its map: counted, so that none is forgotten, and skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.shared

NEED_THE_MAP = {
    "drivable_area_compliance": 3,
    "driving_direction_compliance": 3,
    "ego_lane_change": 1,
    "ego_progress_along_expert_route": 3,
    "ego_is_making_progress": 1,
    "speed_limit_compliance": 2,
}
"""Metric and number of scenes; the 21 others are reproduced in this folder."""


def test_every_scene_is_accounted_for(shared: Path) -> None:
    files = sorted((shared / "data" / "nuplan_metric_cases").glob("*.json"))
    counts = {name: sum(f.name.startswith(f"{name}__") for f in files) for name in NEED_THE_MAP}
    assert counts == NEED_THE_MAP
    assert len(files) == sum(counts.values()) + 21


@pytest.mark.parametrize("metric", NEED_THE_MAP)
def test_scenes_on_the_map(metric: str) -> None:
    pytest.skip("needs the us-nv-las-vegas-strip map")
