"""The page of a comparison: paired differences with intervals, and the pairs, worst first."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .both import Both, Pair
from .look import Row, family_of, why_wrong

MOST_LISTED = 1000
"""Pairs in the list, worst first: with all measures some 0.5 MB."""

MOST_FAMILIES = 40
"""Families whose differences are in the page, those with regressions first."""


def data(both: Both) -> dict[str, Any]:
    """Differences by group, and pairs."""
    found = both.found
    groups = (found.total, *found.families[:MOST_FAMILIES])
    return {
        "folders": [_shown(log.folder) for log in both.logs],
        "who": [_who(both, side) for side in (0, 1)],
        "only": [asdict(found.base_only), asdict(found.other_only)],
        "pairs": found.pairs,
        "redefined": found.redefined,
        "rescored": found.rescored,
        "uncompared": list(found.uncompared),
        "deviations": [asdict(one) for one in found.deviations],
        "regressions": [[group, one.measure] for group, one in found.regressions],
        "groups": [asdict(group) for group in groups],
        "families": len(found.families),
        "measures": list(both.measures),
        "rows": [_row(both, pair) for pair in both.pairs[:MOST_LISTED]],
        "deadline_ms": 1000.0
        / max([int(pair.base["control_hz"]) for pair in both.pairs], default=20),
    }


def nothing(both: Both) -> None:
    """A pair side by side has its data in blocks of their own."""


def _row(both: Both, pair: Pair) -> dict[str, Any]:
    sides = (pair.base, pair.other)
    return {
        "episodes": [row["episode"] for row in sides],
        "scenario": pair.base["scenario"],
        "family": family_of(pair.base),
        "outcomes": [row["outcome"] for row in sides],
        "whys": [why_wrong(row) for row in sides],
        "contacts": [bool(row["contact"]) for row in sides],
        "acted": [
            acted.get(row["episode"], 0) for acted, row in zip(both.acted, sides, strict=True)
        ],
        "appeared": list(pair.appeared),
        "vanished": list(pair.vanished),
        "values": [[_rounded(value) for value in values] for values in pair.values.tolist()],
        "embedded": pair.name in both.embedded,
    }


def _who(both: Both, side: int) -> str:
    """Who drove, where it was one only."""
    rows = [(pair.base, pair.other)[side] for pair in both.pairs]
    return ", ".join(sorted({_driver(row) for row in rows}))


def _driver(row: Row) -> str:
    return f"{row['stack']} / {row['controller']}" if row["stack"] else f"ego {row['ego_kind']}"


def _shown(folder: Path) -> str:
    """As it was given, for commands; of an absolute path only the name, as the page may travel."""
    return folder.name if folder.is_absolute() else str(folder)


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.5g}")
