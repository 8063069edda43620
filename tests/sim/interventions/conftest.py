"""One evaluation that several files look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivestack.sim.interventions.evaluate import Evaluation, evaluate
from tests.sim.interventions.suite import write_suite

LAYER: dict[str, Any] = {"stack": "constant", "checks": (), "bind": ("time_to_collision",)}
"""Who drives, and the layer."""


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the known scenarios."""
    return write_suite(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="session")
def known(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The layer on the known scenarios."""
    return evaluate(suite, out=tmp_path_factory.mktemp("known") / "out", **LAYER)
