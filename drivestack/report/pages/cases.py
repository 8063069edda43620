"""The list of episodes, with what it is filtered and sorted by."""

from __future__ import annotations

import math
from typing import Any

from .histograms import MEASURES
from .look import Look, Row, family_of, suite_of, went_wrong, why_wrong

MOST_LISTED = 5000
"""Rows of the list, so that a page of a large run stays small; those that went wrong first."""


def data(look: Look) -> dict[str, Any]:
    """Columns and rows."""
    ordered = sorted(look.rows, key=lambda row: not went_wrong(row))[:MOST_LISTED]
    ordered.sort(key=lambda row: row["episode"])
    return {
        "measures": list(MEASURES),
        "rows": [_case(row, look) for row in ordered],
        "total": len(look.rows),
        "folder": look.log.folder.name,
    }


def nothing(look: Look) -> None:
    """The page of one episode has its data in blocks of their own."""


def _case(row: Row, look: Look) -> dict[str, Any]:
    number = row["episode"]
    return {
        "episode": number,
        "scenario": row["scenario"],
        "suite": suite_of(row),
        "family": family_of(row),
        "seed": row["seed"],
        "outcome": row["outcome"],
        "expectations": row["expectations"],
        "why": why_wrong(row),
        "duty": row["duty"],
        "exercised": row["exercised"],
        "wrong": went_wrong(row),
        "at_fault": bool(row["at_fault"]),
        "interventions": look.acted.get(number, 0),
        "seconds": round(row["ticks"] * row["dt"], 3),
        "embedded": number in look.embedded,
        "source": row["source"].split(" {")[0],
        "values": [_rounded(row[name]) for name in MEASURES],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.5g}")
