"""What a safety layer was worth: outcomes, ablations, the price curve, times, costs."""

from __future__ import annotations

from typing import Any

from .judgement import Judgement

_SHOWN = ("arm", "checks", "bound", "price", "episodes", "spells", "by_check", "paired", "p",
          "too_late", "impact", "cost")  # fmt: skip

_MOST_CASES = 500
"""Cases that are listed; `safety.json` has all of them."""


def data(judged: Judgement) -> dict[str, Any]:
    """Figures of every layer that was driven, the whole one first."""
    layers = list(judged.facts["layers"].values())
    whole = layers[0]
    cases = [case for case in whole["cases"] if case["spell"] is None]
    return {
        "scenarios": judged.facts["scenarios"],
        "horizon": judged.facts["horizon"],
        "command": judged.facts["command"],
        "layers": [{name: layer[name] for name in _SHOWN} for layer in layers],
        "lead": histogram(whole["lead"]),
        "margin": histogram(whole["margin"]),
        "cases": cases[:_MOST_CASES],
        "cases_count": len(cases),
        "monitors": judged.facts["monitors"],
        "critic": judged.facts["critic"],
    }


_BINS = 20
"""Of a histogram of times, each a whole number of tenths of a second wide."""


def histogram(values: list[float]) -> dict[str, Any] | None:
    """Counts by bins of equal width [s] from 0 on; None where there is nothing to count."""
    if not values:
        return None
    tenths = max(-(-round(10.0 * max(values) + 1e-6) // _BINS), 1)
    counts = [0] * (_BINS + 1)
    for value in values:
        counts[min(max(int(10.0 * value + 1e-6) // tenths, 0), _BINS)] += 1
    return {"width": tenths / 10.0, "counts": counts}
