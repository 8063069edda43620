"""Distributions of measures, per suite and in all, and of the time that decisions took."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from drivestack.core.types import Floats
from drivestack.sim.parquet import connected

from .look import Look, suite_of

MEASURES: dict[str, tuple[str, str]] = {
    "nuplan_cls_1": ("nuplan_cls@1", ""),
    "pdms_1": ("pdms@1", ""),
    "epdms_1": ("epdms@1", ""),
    "ego_progress": ("ego progress", ""),
    "mean_speed": ("mean speed", "m/s"),
    "progress_m": ("progress", "m"),
    "min_ttc_s": ("least time to collision", "s"),
    "min_thw_s": ("least time headway", "s"),
    "min_distance_m": ("least distance", "m"),
    "max_drac": ("largest DRAC", "m/s\u00b2"),
    "frozen_s": ("frozen", "s"),
    "extended_comfort": ("extended comfort", ""),
}
"""Column of the log: title and unit."""

BINS = 20
"""Enough to see a shape; each is wide enough to be clicked."""


def data(look: Look) -> dict[str, Any]:
    """Histograms by measure and suite."""
    suites = np.array([suite_of(row) for row in look.rows], dtype=object)
    names = list(dict.fromkeys(suites.tolist()))
    found = []
    for column, (title, unit) in MEASURES.items():
        known = [row[column] for row in look.rows]
        values = np.array([math.nan if value is None else value for value in known], np.float64)
        finite = np.isfinite(values)
        if not finite.any():
            continue
        edges = _edges(values[finite], unit)
        by_suite = {name: _counts(values[finite & (suites == name)], edges) for name in names}
        absent = int((~finite).sum())
        found.append({"column": column, "title": title, "unit": unit, "edges": edges.tolist(),
                      "counts": by_suite, "absent": absent})  # fmt: skip
    return {"measures": found, "suites": names, "latency": _latency(look)}


def _edges(values: Floats, unit: str) -> Floats:
    """Edges of the bins: [0, 1] for what has no unit, else round numbers from the least up."""
    if not unit:
        return np.linspace(0.0, 1.0, BINS + 1)
    low, high = float(values.min()), float(np.percentile(values, 99.0))
    low = 0.0 if 0.0 <= low < 0.5 * max(high, 1e-9) else low
    step = _round_up((high - low) / BINS)
    first = math.floor(low / step) * step
    return np.asarray(np.round(first + step * np.arange(BINS + 2), 9), np.float64)


def _round_up(step: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    if step <= 0.0:
        return 0.1
    power = 10.0 ** math.floor(math.log10(step))
    return next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= step * (1 - 1e-9))


def _counts(values: Floats, edges: Floats) -> list[int]:
    """How many fall in each bin; the ends take what lies beyond."""
    inside = np.clip(values, edges[0], edges[-1])
    return np.histogram(inside, edges)[0].tolist()


def _latency(look: Look) -> dict[str, Any] | None:
    """Wall time of decisions on a logarithmic axis, and the deadline: one control period."""
    with connected() as connection:
        found = look.log.columns(
            "SELECT floor(8 * log10(greatest(seconds, 1e-6) * 1000))::INTEGER AS bin, "
            "count(*) AS n, sum(slots) AS slots FROM {timing} GROUP BY bin ORDER BY bin",
            connection,
        )
        summary = connection.execute(
            "SELECT quantile_cont(seconds, [0.5, 0.95, 0.99, 1.0]), max(slots), count(*) "
            "FROM {timing}".format_map(look.log.tables())
        ).fetchall()[0]
    if not len(found["bin"]):
        return None
    hertz = max(int(row["control_hz"]) for row in look.rows)
    return {"bins": found["bin"].tolist(), "counts": found["n"].tolist(), "per_decade": 8,
            "deadline_ms": 1000.0 / hertz, "quantiles_ms": [1000.0 * q for q in summary[0]],
            "slots": int(summary[1]), "decisions": int(summary[2])}  # fmt: skip
