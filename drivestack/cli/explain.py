"""Why episodes have the scores they have: names that may be asked for, sentences on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivestack.sim.log import Explanation

ALL = "all"
"""Stands for every sub-metric of the composed scores."""

_MOST = 12
"""Episodes of one measure on the screen; the log has them all."""


def measures_of(names: Sequence[str]) -> tuple[str, ...]:
    """The measures that are asked for, in the order of the log.

    Raises:
        InputError: there is no measure of that name.
    """
    from drivestack.core.errors import unknown
    from drivestack.metrics.judge import COMPOSED, MEASURES, SUB_METRICS

    known = (*MEASURES, *COMPOSED)
    wanted: set[str] = set()
    for name in names:
        plain = name.replace("@", "_")
        if plain != ALL and plain not in known:
            raise unknown("measure", name, (*known, ALL))
        wanted |= set(SUB_METRICS) if plain == ALL else {plain}
    return tuple(name for name in known if name in wanted)


def explanations(folder: Path, measures: Sequence[str]) -> list[Explanation]:
    """Reasons from a finished run: of scores those that are not 1, of other measures all."""
    from drivestack.metrics.judge import COMPOSED, SUB_METRICS
    from drivestack.sim.log import explanations_in

    scores = (*SUB_METRICS, *COMPOSED)
    found = explanations_in(folder, measures) if measures else []
    return [one for one in found if one.measure not in scores or one.value != 1.0]


def print_explanations(measures: Sequence[str], found: Sequence[Explanation]) -> None:
    """One line an episode, by measure; those that are 1 everywhere in one line together."""
    for measure in measures:
        own = [one for one in found if one.measure == measure]
        if not own:
            continue
        known = [one for one in own if one.value is not None]
        print(f"\n{measure}:")
        for one in known[:_MOST]:
            print(f"  {one.scenario}: {one.value:.4g}: {one.sentence}")
        if len(known) > _MOST:
            print(f"  and {len(known) - _MOST} more, in reasons.parquet")
        if len(known) < len(own):
            absent = next(one for one in own if one.value is None)
            print(f"  absent in {len(own) - len(known)}: {absent.sentence}")
    said = {one.measure for one in found}
    perfect = [measure for measure in measures if measure not in said]
    if perfect:
        print(f"\n1 in every episode: {', '.join(perfect)}")
