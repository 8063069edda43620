"""Everything there is to say of one episode: each measure, the composed scores, and the reasons."""

from __future__ import annotations

from drivestack.core.episode import Episode, Reason, ReferenceRun

from . import METRICS
from .compose import COMPOSITIONS, composed, explained
from .evidence import gathered

MEASURES: tuple[str, ...] = tuple(name for metric in METRICS.values() for name in metric.names)
"""Every measure, in the order of the log."""

COMPOSED: tuple[str, ...] = tuple(one.column for one in COMPOSITIONS.values())
"""Every composed score, as it is called in the log."""

SUB_METRICS: tuple[str, ...] = tuple(
    dict.fromkeys(term for one in COMPOSITIONS.values() for term in one.terms)
)
"""What the composed scores are made of: 1 is best."""

FLAGS: tuple[str, ...] = ("contact", "crashed", "at_fault", "goal_reached", "has_goal", "frozen")
"""Measures that are yes or no and no score."""


def judged(episode: Episode, reference: ReferenceRun | None = None) -> tuple[Reason, ...]:
    """A reason for each of `MEASURES`, then for each of `COMPOSED`.

    Args:
        reference: who else drove this scenario; EP and MP are absent without.
    """
    evidence = gathered(episode, reference)
    reasons = tuple(r for metric in METRICS.values() for r in metric.measure(evidence))
    values = {reason.measure: reason.value for reason in reasons}
    scores = composed(episode.outcome, values)
    return reasons + explained(episode.outcome, scores, values)


def measured(episode: Episode, reference: ReferenceRun | None = None) -> dict[str, float | None]:
    """The value of each measure and composed score by name; None where there was nothing."""
    return {reason.measure: reason.value for reason in judged(episode, reference)}


def absent(values: dict[str, float | None]) -> tuple[str, ...]:
    """Sub-metrics that an episode's composed scores were made without."""
    return tuple(name for name in SUB_METRICS if values.get(name) is None)
