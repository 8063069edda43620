"""What there is to say of a run's episodes, gathered in one pass over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .summary import Line, Tally

_MOST_NAMED = 5
"""Episodes of one kind that are named; all are in the log."""


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """What a run came to.

    Attributes:
        lines: its table. drivers: who drove: stacks with their controllers, or kinds of ego that
        drive themselves, and on what. raised, unexpected: the first scenarios that failed, or came
        out otherwise than expected or than they had to, and why.
    """

    lines: list[Line]
    drivers: tuple[str, ...]
    raised: tuple[tuple[str, str], ...]
    unexpected: tuple[tuple[str, str], ...]


def overview(episodes: Iterable[dict[str, Any]], seconds: float) -> Overview:
    """Go through the rows of a run once.

    Args:
        episodes: in queue order. seconds: the run's wall time, for the total's rate.
    """
    tally = Tally()
    drivers: dict[str, None] = {}
    raised: list[tuple[str, str]] = []
    unexpected: list[tuple[str, str]] = []
    for row in episodes:
        tally.add(row)
        own = f"{row['stack']}/{row['controller']}" if row["stack"] else f"ego {row['ego_kind']}"
        drivers[f"{own} on {row['backend']}"] = None
        if row["outcome"] == "failed" and len(raised) < _MOST_NAMED:
            raised.append((row["scenario"], row["failure"]))
        if len(unexpected) < _MOST_NAMED and (why := shortfall(row)):
            unexpected.append((row["scenario"], why))
    return Overview(tally.lines(seconds), tuple(drivers), tuple(raised), tuple(unexpected))


def shortfall(row: dict[str, Any]) -> str:
    """What an episode did not come up to: its scenario's expectations, its duty; empty: nothing."""
    unavoided = row["duty_met"] == "no" and row["outcome"] != "failed"
    clauses = (row["unmet"], "contact had to be avoided" if unavoided else "")
    return "; ".join(clause for clause in clauses if clause)
