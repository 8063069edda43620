"""What the candidate has to show against highway-env's IDM as ego, judged by the numbers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .figures import Paired

CLEARLY = ("roundabout-v1", "intersection-v2")
"""Scenes on which the candidate has to have clearly fewer at-fault contacts."""

SIGNIFICANT = 0.05
"""Largest p of a difference that counts as clear."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One line: what was asked on which scene, whether it holds, and the numbers behind it."""

    asked: str
    scene: str
    holds: bool
    because: str


def gates(pairs: Mapping[str, Paired]) -> list[Gate]:
    """All gates, scene by scene; `pairs` is candidate minus IDM as ego."""
    found = [_no_more(scene, pair) for scene, pair in pairs.items()]
    found += [_clearly_fewer(scene, pairs[scene]) for scene in CLEARLY if scene in pairs]
    return [*found, *(_no_lower(scene, pair) for scene, pair in pairs.items())]


def _no_more(scene: str, pair: Paired) -> Gate:
    ours, theirs = _counts(pair)
    return Gate("no more at-fault contacts", scene, ours <= theirs, f"{ours} against {theirs}")


def _clearly_fewer(scene: str, pair: Paired) -> Gate:
    ours, theirs = _counts(pair)
    p = pair.at_fault.p
    return Gate(
        "clearly fewer at-fault contacts", scene, ours < theirs and p < SIGNIFICANT,
        f"{ours} against {theirs}, p = {p:.2g}",
    )  # fmt: skip


def _no_lower(scene: str, pair: Paired) -> Gate:
    """Lower only if the whole interval is: a mean of seeds is never exactly that of another."""
    gain = pair.progress
    return Gate(
        "progress not lower", scene, gain.high >= 0.0,
        f"{gain.value:+.1f} m ({gain.low:+.1f} to {gain.high:+.1f})",
    )  # fmt: skip


def _counts(pair: Paired) -> tuple[int, int]:
    found = pair.at_fault
    return found.first_only + found.both, found.second_only + found.both
