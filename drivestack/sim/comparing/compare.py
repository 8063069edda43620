"""Runs against a first one, by scenario: `drivestack.compare`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from drivestack.core.errors import InputError
from drivestack.sim.parquet import Connection, connected

from .changes import changes_of
from .judging import groups_of
from .measures import Measured, measures_named
from .opening import Opened, deviations, opened
from .pairing import differing, only_in, paired
from .records import Against, Comparison


def compare(
    base: str | Path,
    *others: str | Path,
    measures: Sequence[str] = (),
    tolerances: Mapping[str, float] | None = None,
) -> Comparison:
    """Compare runs with a first one on the scenarios (and so seeds) that both have.

    Args:
        base, others: run folders. measures: names of those that are looked at; none: all.
        tolerances: by measure, in its unit (rates and scores: shares of 1), a loss that is no
        regression as long as no greater one is established.

    Raises:
        InputError: a folder is no finished run, is damaged, of a newer schema, or has no scenario
        in common with the base; there is no such measure; a tolerance is no number from 0.
    """
    if not others:
        raise InputError(f"nothing to compare {base} with; give two or more run folders")
    chosen = measures_named(measures)
    allowed = _allowed(tolerances or {}, chosen)
    with connected() as connection:
        first = opened(Path(base), connection)
        found = []
        for path in others:
            other = opened(Path(path), connection)
            try:
                found.append(_against(connection, first, other, chosen, allowed))
            except duckdb.Error as error:
                reason = " ".join(str(error).split())
                raise InputError(f"{path}: cannot be compared with {base}: {reason}") from error
            except RuntimeError as error:
                if "interrupted" not in str(error):
                    raise
                raise KeyboardInterrupt from error  # DuckDB has made this of Ctrl-C
    return Comparison(str(base), tuple(found))


def _allowed(tolerances: Mapping[str, float], chosen: Sequence[Measured]) -> dict[str, float]:
    """Tolerances by the names of columns."""
    found = {}
    for name, value in tolerances.items():
        (measure,) = measures_named([name])
        if measure.name not in {one.name for one in chosen}:
            raise InputError(f"a tolerance is given of {name}, which is not compared")
        if not (math.isfinite(value) and value >= 0.0):
            raise InputError(f"the tolerance of {name} must be a number from 0, got {value}")
        found[measure.name] = value
    return found


def _against(
    connection: Connection,
    base: Opened,
    other: Opened,
    measures: Sequence[Measured],
    tolerances: Mapping[str, float],
) -> Against:
    pairs = paired(connection, base, other)
    have = base.columns & other.columns
    usable = [
        measure
        for measure in measures
        if have.issuperset(measure.needs)
        and (not measure.of_filter or (base.ticks and other.ticks))
    ]
    total, families = groups_of(pairs, usable, tolerances)
    changed, changes = changes_of(pairs)
    return Against(
        run=str(other.path),
        pairs=pairs.count,
        base_only=only_in(pairs, "base"),
        other_only=only_in(pairs, "other"),
        redefined=differing(pairs, "resolved"),
        rescored=differing(pairs, "absent"),
        deviations=deviations(base, other),
        uncompared=tuple(measure.name for measure in measures if measure not in usable),
        total=total,
        families=families,
        changed=changed,
        changes=changes,
    )
