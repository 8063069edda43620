"""The public outcomes of the grid, row by row beside our cases."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from drivestack.safety.r157.cases import CutIns, high, low


def outcomes(shared: Path) -> dict[str, np.ndarray]:
    """Columns of all 29,970 cases, low before high; the test is skipped where they are absent."""
    path = shared / "suites" / "jrc-r157-grid" / "cut_in_reference_outcomes.csv.gz"
    if not path.exists():
        pytest.skip(f"shared data not found at {path}")
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return {
        name: np.array([row[name] for row in rows]).astype(str if name == "range" else float)
        for name in rows[0]
    }


def split(columns: dict[str, np.ndarray], cases: CutIns) -> dict[str, np.ndarray]:
    """The columns of one range, in the order of our cases."""
    of = columns["range"] == cases.name
    found = {name: values[of] for name, values in columns.items()}
    np.testing.assert_array_equal(found["ego_kph"] / 3.6, cases.ego)
    np.testing.assert_array_equal(found["cutin_kph"] / 3.6, cases.other)
    np.testing.assert_array_equal(found["gap_m"], cases.gap)
    np.testing.assert_array_equal(np.round(found["vlat_mps"] * 10), cases.aside)
    return found


RANGES = {"low": low, "high": high}
