"""Rows of two runs side by side, by scenario id; only the columns that are asked for are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError
from drivestack.core.types import Floats
from drivestack.sim.parquet import Connection

from .measures import Measured
from .opening import Opened
from .records import Unpaired

_NAMED = 1000
"""Scenarios of one run only that are named; all are counted."""

_CELLS = 1_000_000
"""Values of a run that are in memory at a time, unless one measure has more."""

_FAMILY = "regexp_extract(scenario, '^[^/@]*')"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Values of some measures.

    Attributes:
        measures: m of them. values: (2, n, m) of base and other. known: (n, m), where both have
        one; elsewhere the values are 0.
    """

    measures: tuple[Measured, ...]
    values: Floats
    known: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Two runs whose common scenarios stand in the table `pairs` (base, other, scenario).

    Attributes:
        sides: base and other. families: names in order of appearance. family: (n,) index of each
        pair's. connection: to the database that has the table.
    """

    connection: Connection
    sides: tuple[Opened, Opened]
    families: tuple[str, ...]
    family: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.family)

    def blocks(self, measures: Sequence[Measured]) -> Iterator[Block]:
        """Values of all measures, pair by pair; all of them at once where that is little."""
        step = max(_CELLS // self.count, 1)
        for at in range(0, len(measures), step):
            some = tuple(measures[at : at + step])
            found = self.connection.execute(self._query(some)).fetchnumpy()
            values = np.zeros((2, self.count, len(some)))
            known = np.ones((self.count, len(some)), np.bool_)
            for k in range(len(some)):
                for side, name in enumerate(("base", "other")):
                    column = np.ma.asarray(found[f"{name}{k}"])
                    known[:, k] &= ~np.ma.getmaskarray(column)
                    values[side, :, k] = column.filled(0.0)
                known[:, k] &= ~np.ma.asarray(found[f"void{k}"]).filled(False).astype(np.bool_)
            values[:, ~known] = 0.0
            yield Block(some, values, known)

    def _query(self, measures: Sequence[Measured]) -> str:
        """Base's and other's values, and whether a pair is left out."""
        numbers = range(len(measures))
        inner = [
            *(f"({m.value})::DOUBLE AS v{k}" for k, m in enumerate(measures)),
            *(f"({m.void}) AS x{k}" for k, m in enumerate(measures)),
        ]
        outer = [
            *(f"base.v{k} AS base{k}, other.v{k} AS other{k}" for k in numbers),
            *(f"base.x{k} AND other.x{k} AS void{k}" for k in numbers),
        ]
        return f"SELECT {', '.join(outer)} {self.joined(inner)} ORDER BY pairs.base"

    def joined(self, expressions: Sequence[str]) -> str:
        """The clause FROM that puts expressions over `e` and `f` of both runs side by side."""
        parts = [
            f"JOIN (SELECT e.episode, {', '.join(expressions)} FROM {side.episodes} e "
            f"LEFT JOIN {name}_filter f USING (episode)) {name} ON {name}.episode = pairs.{name}"
            for name, side in zip(("base", "other"), self.sides, strict=True)
        ]
        return f"FROM pairs {' '.join(parts)}"


def paired(connection: Connection, base: Opened, other: Opened) -> Pairs:
    """Pair two runs.

    Raises:
        InputError: a scenario is in a run twice, or no scenario is in both.
    """
    for name, side in (("base", base), ("other", other)):
        _check_unique(connection, side)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name}_filter AS {_filter(side)}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS "
        f"SELECT a.episode AS base, b.episode AS other, scenario, {_FAMILY} AS family "
        f"FROM {base.episodes} a JOIN {other.episodes} b USING (scenario)"
    )
    found = connection.execute(
        "SELECT family, min(base) AS first FROM pairs GROUP BY family ORDER BY first"
    ).fetchall()
    if not found:
        raise InputError(
            f"{other.path}: has no scenario in common with {base.path}; "
            f"{_first_of(connection, other)} stands there, {_first_of(connection, base)} here"
        )
    names = tuple(str(name) for name, _ in found)
    connection.execute("CREATE OR REPLACE TEMP TABLE families (name VARCHAR, number BIGINT)")
    connection.execute(
        "INSERT INTO families SELECT unnest($1), unnest($2)", [list(names), list(range(len(names)))]
    )
    codes = connection.execute(
        "SELECT number FROM pairs JOIN families ON family = name ORDER BY base"
    ).fetchnumpy()["number"]
    return Pairs(connection, (base, other), names, np.asarray(codes, np.int64))


def _filter(side: Opened) -> str:
    """Decisions of every episode that the safety filter changed."""
    if not side.ticks:
        return "SELECT 0 AS episode, 0 AS acted, 0 AS braked, 0 AS stopped WHERE false"
    return (
        "SELECT episode, count(*) AS acted, "
        "count(*) FILTER (filtering = 'emergency_brake') AS braked, "
        "count(*) FILTER (filtering = 'minimal_risk') AS stopped "
        f"FROM {side.ticks} WHERE filtering <> 'passed' GROUP BY episode"
    )


def _check_unique(connection: Connection, side: Opened) -> None:
    query = f"SELECT scenario FROM {side.episodes} GROUP BY 1 HAVING count(*) > 1 LIMIT 1"
    for (scenario,) in connection.execute(query).fetchall():
        raise InputError(f"{side.path}: has {scenario} twice, so that it cannot be paired")


def _first_of(connection: Connection, side: Opened) -> str:
    rows = connection.execute(f"SELECT scenario FROM {side.episodes} LIMIT 1").fetchall()
    return str(rows[0][0]) if rows else "nothing"


def only_in(pairs: Pairs, name: str) -> Unpaired:
    """Scenarios of `base` or `other` that the other one has not.

    Args:
        name: "base" or "other".
    """
    side = pairs.sides[("base", "other").index(name)]
    clause = f"FROM {side.episodes} e ANTI JOIN pairs ON e.episode = pairs.{name}"
    run = pairs.connection.execute
    ((count,),) = run(f"SELECT count(*) {clause}").fetchall()
    first = run(f"SELECT scenario {clause} ORDER BY e.episode LIMIT {_NAMED}").fetchall()
    return Unpaired(int(count), tuple(str(row[0]) for row in first))


def differing(pairs: Pairs, column: str) -> int:
    """In how many pairs a column of text differs; 0 where a run lacks it."""
    if any(column not in side.columns for side in pairs.sides):
        return 0
    query = f"SELECT count(*) {pairs.joined([f'hash(e.{column}) AS h'])} WHERE base.h <> other.h"
    ((count,),) = pairs.connection.execute(query).fetchall()
    return int(count)
