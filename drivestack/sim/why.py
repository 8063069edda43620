"""Where did it fail: episodes that went wrong, driven again with one stage made perfect."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.errors import InputError, unknown
from drivestack.metrics.judge import COMPOSED, FLAGS, SUB_METRICS

from .intervals import Mean, Rate, means, rate
from .journal import header_in
from .perfect import Stage
from .reading import LoggedEpisodes
from .suite import run

EVERYTHING = "everything"
"""The oracle drives: what no stage can mend is the scenario's."""

BAD_FLAGS = ("at_fault", "contact", "frozen")
"""Flags that say that something went wrong."""

SCORE = "pdms_1"
"""Whose change is told beside what is mended."""

Advance = Callable[[str, int, int], None]
"""Told of an arm, how many of its episodes are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Arm:
    """What became of the failures with one stage made perfect.

    Attributes:
        stage: made perfect. mended: failures that are none any more. change: of the score, paired.
        episodes: ids of those mended.
    """

    stage: str
    mended: Rate
    change: Mean
    episodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Of one run.

    Attributes:
        stack: that drove. measure: that failures are told by. episodes: of the run. failures: ids,
        of which those in `looked_at` were driven again.
    """

    stack: str
    measure: str
    episodes: int
    failures: tuple[str, ...]
    looked_at: tuple[str, ...]
    arms: tuple[Arm, ...]


def why(
    folder: Path, measure: str = "at_fault", most: int = 50, workers: int = 1,
    advance: Advance = lambda arm, done, total: None,
) -> Why:  # fmt: skip
    """Drive a run's failures again, once for each stage.

    Args:
        folder: of the run. measure: a flag of `BAD_FLAGS` that is set, or a score that is below 1.
        most: failures that are looked at, evenly chosen.

    Raises:
        InputError: one sentence: there is no such run or measure, or an expert drove it.
    """
    choices = (*BAD_FLAGS, *SUB_METRICS, *COMPOSED)
    if measure not in choices:
        raise unknown("measure", measure, choices)
    header = header_in(folder)
    settings: dict[str, Any] = header["settings"]
    if settings.get("perfect") is not None:
        raise InputError(f"{folder}: a stage of its stack is perfect already")
    rows = {row["scenario"]: row for row in LoggedEpisodes(folder)}
    failures = tuple(name for name, row in rows.items() if failed(row, measure))
    some = evenly(failures, most)
    arms = []
    if some:
        for stage in (*Stage, EVERYTHING):
            again = _driven(header, settings, stage, some, workers, advance)
            arms.append(arm_of(str(stage), [rows[name] for name in some], again, measure))
    return Why(settings["stack"], measure, len(rows), failures, some, tuple(arms))


def failed(row: dict[str, Any], measure: str) -> bool:
    """Whether an episode went wrong; one without the measure did not."""
    if row["outcome"] == "failed":
        return True
    value = row[measure]
    if value is None:
        return False
    return bool(value) if measure in FLAGS else float(value) < 1.0


def evenly(names: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many of them, evenly chosen."""
    if len(names) <= most:
        return tuple(names)
    return tuple(names[i * len(names) // most] for i in range(most))


def arm_of(
    stage: str, before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], measure: str
) -> Arm:
    """What an arm says of the same episodes before and after, in one order."""
    mended = [row["scenario"] for row in after if not failed(row, measure)]
    pairs = [
        (float(new[SCORE]) - float(old[SCORE]))
        for old, new in zip(before, after, strict=True)
        if old[SCORE] is not None and new[SCORE] is not None
    ]
    change = np.array(pairs)[:, None]
    (mean,) = means(f"why {stage}", change, np.ones(change.shape)) if pairs else (Mean(0, *_NONE),)
    return Arm(stage, rate(len(mended), len(after)), mean, tuple(mended))


_NONE = (None, None, None)


def _driven(
    header: dict[str, Any], settings: dict[str, Any], stage: str, names: Sequence[str],
    workers: int, advance: Advance,
) -> list[dict[str, Any]]:  # fmt: skip
    """The rows of some scenarios, driven again, in the order of their names."""
    chosen = dict(settings) | {"only": list(names), "shard": "1/1", "workers": workers}
    chosen["twins"] = None
    if stage == EVERYTHING:
        for name in ("policy", "scorer", "checks", "bind", "price", "critic", "shadow_layer"):
            chosen.pop(name, None)
        chosen["stack"] = "oracle"
    else:
        chosen["perfect"] = str(stage)
    advance(str(stage), 0, len(names))
    try:
        where = contextlib.chdir(header["folder"])
        with where:
            found = run(*header["paths"], **chosen)
    except FileNotFoundError:
        raise InputError(f"the run was begun in {header['folder']}, which is gone") from None
    advance(str(stage), len(names), len(names))
    rows = {row["scenario"]: row for row in found.episodes}
    return [rows[name] for name in names]
