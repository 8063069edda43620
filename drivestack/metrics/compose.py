"""Composed scores `nuplan_cls@1`, `pdms@1`, `epdms@1`: products and weighted means of sub-metrics.

A sub-metric that could not be judged is skipped and its weight dropped, never silently 1, and the
result names it (scores.md, section 7). Their columns in the log have `_` for `@`, so that SQL needs
no quotes: `nuplan_cls_1`, `pdms_1`, `epdms_1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivestack.core.episode import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Composed:
    """A score in [0, 1] and the sub-metrics that it was made without."""

    value: float
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Composition:
    """Product of the multipliers times the weighted mean of the other terms.

    Attributes:
        name: the score's id; another formula is another version.
        multipliers: names of measures. weighted: name and weight.
    """

    name: str
    multipliers: tuple[str, ...]
    weighted: tuple[tuple[str, float], ...]

    def score(self, values: Mapping[str, float | None]) -> Composed:
        """The score of one episode's measures; others among them are not looked at.

        Raises:
            ValueError: a measure is outside [0, 1], or there is no weighted one at all.
        """
        known = {name: values.get(name) for name in self.terms}
        present = {name: value for name, value in known.items() if value is not None}
        for name, value in present.items():
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{self.name}: {name} is {value}, not in [0, 1]")
        shares = [(present[name], weight) for name, weight in self.weighted if name in present]
        if not shares:
            raise ValueError(f"{self.name}: no weighted measure among {sorted(values)}")
        product = 1.0
        for name in self.multipliers:
            product *= present.get(name, 1.0)
        mean = sum(value * weight for value, weight in shares) / sum(w for _, w in shares)
        return Composed(product * mean, tuple(n for n in self.terms if n not in present))

    @property
    def column(self) -> str:
        """Its name in the log."""
        return self.name.replace("@", "_")

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of all sub-metrics."""
        return self.multipliers + tuple(name for name, _ in self.weighted)


NUPLAN_CLS = Composition(
    "nuplan_cls@1",
    ("no_at_fault_collision", "drivable_area", "making_progress", "driving_direction"),
    (("ego_progress", 5.0), ("ttc_within_bound", 5.0), ("speed_limit", 4.0), ("comfort", 2.0)),
)
"""nuPlan's closed-loop score: the shipped config's multipliers, 2 m progress floor."""

PDMS = Composition(
    "pdms@1",
    ("no_at_fault_collision_navsim", "drivable_area_strict"),
    (("ego_progress_pdms", 5.0), ("ttc_projected", 5.0), ("comfort", 2.0)),
)
"""NAVSIM v1; DDC has weight 0 there."""

EPDMS = Composition(
    "epdms@1",
    (
        "no_at_fault_collision_navsim",
        "drivable_area_strict",
        "driving_direction",
        "traffic_lights",
    ),
    (
        ("ego_progress_epdms", 5.0),
        ("ttc_projected", 5.0),
        ("lane_keeping", 2.0),
        ("history_comfort", 2.0),
        ("extended_comfort", 2.0),
    ),
)
"""NAVSIM v2, one stage, without its human filter: there is no human."""

COMPOSITIONS: dict[str, Composition] = {c.name: c for c in (NUPLAN_CLS, PDMS, EPDMS)}


def composed(outcome: Outcome, values: Mapping[str, float | None]) -> dict[str, Composed]:
    """Every composed score of an episode by id; a failed one has 0 in each, and is counted.

    Args:
        outcome: how the episode ended. values: its measures, and those against a reference.
    """
    if outcome is Outcome.FAILED:
        return {name: Composed(0.0, ()) for name in COMPOSITIONS}
    return {name: composition.score(values) for name, composition in COMPOSITIONS.items()}


def explained(
    outcome: Outcome, scores: Mapping[str, Composed], values: Mapping[str, float | None]
) -> tuple[Reason, ...]:
    """A reason for each of an episode's composed scores, named as in the log."""
    return tuple(
        Reason(COMPOSITIONS[name].column, score.value, _lost(outcome, COMPOSITIONS[name], values))
        for name, score in scores.items()
    )


def _lost(outcome: Outcome, by: Composition, values: Mapping[str, float | None]) -> str:
    """What is below 1, multipliers first, and what is absent."""
    if outcome is Outcome.FAILED:
        return "the episode failed"
    below = [(name, value) for name in by.terms if (value := values.get(name)) is not None]
    worst = [f"{name} {value:.3g}" for name, value in below if value < 1.0]
    absent = [name for name in by.terms if values.get(name) is None]
    clauses = [f"below 1: {', '.join(worst)}" if worst else "all there is is 1"]
    clauses += [f"absent: {', '.join(absent)}"] if absent else []
    return "; ".join(clauses)
