"""What is made can be driven by: its header says what made it and still what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.checkpoint import SCORER, appraiser_of, facts_of, shipped
from drivestack.learn.scorer import making, trials
from drivestack.learn.scorer.making import CHECKPOINT, Job, Making, make_scorer
from drivestack.learn.scorer.training import Course
from drivestack.sim.files import sha256_of
from tests.learn.scorer.made import made
from tests.test_readme import ROOT


def planted(jobs: Sequence[Job], workers: int, step: str, advance: object) -> None:
    """Writes what was never tried."""
    for job in jobs:
        found = made(10)
        seeds = np.resize(np.array(job.seeds, np.int32), len(found))
        trials.write(job.part, replace(found, seed=seeds))


def test_whoever_drove_and_chose_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "all_done", planted)
    files = (ROOT / "scenarios" / "smoke.yaml",)
    course = Course(steps=2, batch=8, warm=1)
    told = []
    for judge in (None, shipped("scorer")):
        out = tmp_path / f"out{len(told)}"
        asked = Making(files, out, driver="flow", scorer=judge, seeds=4, course=course)
        make_scorer(asked, lambda *_: None)
        told.append(facts_of(out / CHECKPOINT, SCORER))
        assert told[-1]["scorer"] == appraiser_of(out / CHECKPOINT).built
    assert [facts["judge"] for facts in told] == ["shipped", sha256_of(shipped("scorer"))]
