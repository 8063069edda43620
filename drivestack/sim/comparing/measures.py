"""What is compared of two runs: rates of outcomes and means of measures, as SQL over an episode.

An expression is over `e`, a row of episodes, and `f`, what the filter did in it; NULL where an
episode has no such value. An episode that failed (raised) is a hit of `failed` and of nothing else,
scores 0, and has none of the other values, as in the table of a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivestack.core.errors import unknown
from drivestack.metrics.direction import DIRECTIONS, Better
from drivestack.metrics.judge import COMPOSED, FLAGS, MEASURES, SUB_METRICS

DRIVEN = "e.outcome <> 'failed'"
"""The episode came to its end."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Something that two runs are compared by.

    Attributes:
        name: as it is asked for. better: which way. rate: whether it is yes or no. value: SQL.
        needs: columns of `episodes` that it is made of. of_filter: whether it is made of `f`.
        void: SQL; a pair in which it holds of both is left out. gates: whether a loss of it is a
        regression unasked. Quantities in metres, seconds and the like are not: who drives better
        may well drive closer.
    """

    name: str
    better: Better
    rate: bool
    value: str
    needs: tuple[str, ...] = ()
    of_filter: bool = False
    void: str = "false"
    gates: bool = True


def _outcome(name: str) -> Measured:
    return Measured(name, Better.LOWER, True, f"e.outcome = '{name}'", ("outcome",))


def _flag(name: str) -> Measured:
    value = f"CASE WHEN {DRIVEN} THEN e.{name} END"
    return Measured(name, DIRECTIONS[name], True, value, (name,))


def _word(name: str, column: str, better: Better, yes: str, no: str) -> Measured:
    """A column of words, of which two count."""
    value = f"CASE e.{column} WHEN '{yes}' THEN true WHEN '{no}' THEN false END"
    return Measured(name, better, True, value, (column,))


def _filtered(name: str, column: str, rate: bool) -> Measured:
    value = f"coalesce(f.{column}, 0) > 0" if rate else f"coalesce(f.{column}, 0) / e.control_hz"
    value = f"CASE WHEN {DRIVEN} THEN {value} END"
    return Measured(name, Better.LOWER, rate, value, ("control_hz",), of_filter=True, gates=rate)


def _score(name: str) -> Measured:
    value = f"CASE WHEN {DRIVEN} THEN e.{name} ELSE 0.0 END"
    return Measured(name, DIRECTIONS[name], False, value, (name,))


def _quantity(name: str) -> Measured:
    # where both reach the goal, metres only say which line they drove to it
    void = "e.has_goal AND e.goal_reached" if name == "route_progress_m" else "false"
    value = f"CASE WHEN {DRIVEN} THEN e.{name} END"
    return Measured(name, DIRECTIONS[name], False, value, (name,), void=void, gates=False)


_GOAL = Measured(
    "goal_reached",
    DIRECTIONS["goal_reached"],
    True,
    f"CASE WHEN {DRIVEN} AND e.has_goal THEN e.goal_reached END",
    ("goal_reached", "has_goal"),
)

_SCORES = (*COMPOSED, *SUB_METRICS)

COMPARED: tuple[Measured, ...] = (
    _outcome("failed"),
    *(_flag(name) for name in FLAGS if name not in ("goal_reached", "has_goal")),
    _outcome("off_road"),
    _GOAL,
    _word("as_expected", "expectations", Better.HIGHER, "met", "failed"),
    _word("duty_met", "duty_met", Better.HIGHER, "yes", "no"),
    _word("exercised", "exercised", Better.NEITHER, "yes", "no"),
    _filtered("intervened", "acted", True),
    _filtered("emergency_braked", "braked", True),
    _filtered("minimal_risk", "stopped", True),
    _filtered("intervention_s", "acted", False),
    *(_score(name) for name in _SCORES),
    *(_quantity(name) for name in MEASURES if name not in (*FLAGS, *_SCORES)),
)
"""In the order of the log; a new measure of `metrics` is among them by itself."""


def measures_named(names: Sequence[str]) -> tuple[Measured, ...]:
    """Those that are asked for, which then all gate; all if none is.

    Raises:
        InputError: there is none of that name.
    """
    wanted = [name.replace("@", "_") for name in names]
    known = {measure.name for measure in COMPARED}
    for name, plain in zip(names, wanted, strict=True):
        if plain not in known:
            raise unknown("measure", name, known)
    return tuple(
        replace(measure, gates=bool(wanted) or measure.gates)
        for measure in COMPARED
        if not wanted or measure.name in wanted
    )
