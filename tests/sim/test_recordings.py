"""Recorded traffic, driven among by the whole stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.sim.suite import run


@pytest.mark.shared
def test_recordings_are_driven_without_failure(shared: Path) -> None:
    files = sorted((shared / "data" / "commonroad_ngsim_head").glob("*US101*.xml.gz"))
    assert files
    result = run(*files, batch=2)
    assert len(result.episodes) >= len(files)
    assert not [row["failure"] for row in result.episodes if row["outcome"] == "failed"]
    assert not [row["scenario"] for row in result.episodes if row["at_fault"]]
    assert sum(row["goal_reached"] for row in result.episodes) >= 1
