"""The list of interventions, each with the sentence of why, and what it was."""

from __future__ import annotations

import math
from typing import Any

from .judgement import Judgement

MOST_LISTED = 2000
"""Interventions in the list, the gravest labels first; the table of the run has all of them."""

_GRAVEST = ("harm", "missed", "still_hit", "needless", "mitigated", "saved", "unknown")

_COLUMNS = ("episode", "scenario", "time", "seconds", "kind", "check", "object", "value", "limit",
            "label", "lead", "margin", "twin_delta_v", "own_delta_v", "separate",
            "sentence")  # fmt: skip


def data(judged: Judgement) -> dict[str, Any]:
    """Columns and rows."""
    ordered = sorted(judged.spells, key=lambda row: _GRAVEST.index(row["label"]))[:MOST_LISTED]
    return {
        "rows": [{name: _short(row[name]) for name in _COLUMNS} for row in ordered],
        "total": len(judged.spells),
        "labels": [label for label in _GRAVEST if any(r["label"] == label for r in ordered)],
    }


def _short(value: Any) -> Any:
    """A number with five digits."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.5g}") if math.isfinite(value) else None
