"""Writes the page of a comparison: which pairs are embedded, their values, the document."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from drivestack.core.errors import InputError
from drivestack.sim.comparing import opening
from drivestack.sim.comparing.measures import measures_named
from drivestack.sim.comparing.pairing import Pairs, paired
from drivestack.sim.comparing.records import Against, Comparison
from drivestack.sim.parquet import connected

from .document import document
from .pages import COMPARED
from .pages.both import Both, Pair
from .reading import RunLog, opened
from .writing import saved, with_blocks

EMBEDDED = 10
"""Pairs in a page unless told otherwise: the 20 episodes of a report, about 3 MB at most."""

SIDES = ("base", "other")


def write_comparison(found: Comparison, path: str | Path, episodes: int = EMBEDDED) -> Path:
    """Write the page of a comparison of two runs.

    Args:
        found: what `drivestack.compare` has found. path: of the file. episodes: how many pairs can
        be replayed side by side: those that came out otherwise first, worst first.

    Raises:
        InputError: more than two runs were compared, or one has a log of another schema.
    """
    both = seen(found, episodes)
    pages = {name: (page.title, page.data(both)) for name, page in COMPARED.items()}
    title = " - ".join((*(log.folder.resolve().name for log in both.logs), "drivestack"))
    return saved(document(title, pages, _blocks(both)), Path(path))


def seen(found: Comparison, episodes: int) -> Both:
    """What the pages are made from; arguments and errors as of `write_comparison`."""
    if len(found.against) != 1:
        raise InputError(
            f"a page shows two runs, and {1 + len(found.against)} were given; "
            "give the base and one other"
        )
    (against,) = found.against
    logs = opened(Path(found.base)), opened(Path(against.run))
    acted = logs[0].acted(), logs[1].acted()
    measures = tuple(one.measure for one in against.total.differences if one.changed)
    pairs = _worst_first(_pairs(logs, against, measures), against, measures, acted)
    names = tuple(pair.name for pair in pairs[: max(episodes, 0)])
    return Both(against, logs, acted, measures, pairs, names)


def _pairs(logs: tuple[RunLog, RunLog], against: Against, measures: tuple[str, ...]) -> list[Pair]:
    """All of them, in the order of the base."""
    rows = [{row["episode"]: row for row in log.episodes()} for log in logs]
    changes = {change.scenario: change for change in against.changes}
    made: list[Pair] = []
    with connected() as connection:
        sides = [opening.opened(log.folder, connection) for log in logs]
        found = paired(connection, *sides)
        query = "SELECT scenario, base, other FROM pairs ORDER BY base"
        numbers = connection.execute(query).fetchall()
        values = _values(found, measures)
        for place, (scenario, first, second) in enumerate(numbers):
            change = changes.get(scenario)
            appeared, vanished = (change.appeared, change.vanished) if change else ((), ())
            sides_of = rows[0][first], rows[1][second]
            made.append(Pair(*sides_of, values[:, place], appeared, vanished))
    return made


def _values(pairs: Pairs, measures: tuple[str, ...]) -> np.ma.MaskedArray:
    """(2, n, m) of base and other; masked where they are not compared."""
    table = np.ma.masked_all((2, pairs.count, len(measures)))
    order = {name: place for place, name in enumerate(measures)}
    for block in pairs.blocks(measures_named(measures)) if measures else ():
        columns = [order[measure.name] for measure in block.measures]
        unknown = np.broadcast_to(~block.known, block.values.shape)
        table[:, :, columns] = np.ma.MaskedArray(block.values, unknown)
    return table


def _worst_first(
    pairs: list[Pair],
    against: Against,
    measures: tuple[str, ...],
    acted: tuple[dict[int, int], dict[int, int]],
) -> tuple[Pair, ...]:
    """What came out otherwise, as the comparison has it; lost score; where the filter acted."""
    order = {change.base: place for place, change in enumerate(against.changes)}
    score = measures.index("pdms_1") if "pdms_1" in measures else None

    def rank(pair: Pair) -> tuple[int, float, bool, int]:
        gain = 0.0
        if score is not None and not np.ma.is_masked(pair.values[:, score]):
            gain = float(pair.values[1, score] - pair.values[0, score])
        quiet = not (acted[0].get(pair.name) or acted[1].get(pair.other["episode"]))
        return order.get(pair.name, len(order)), gain, quiet, pair.name

    return tuple(sorted(pairs, key=rank))


def _blocks(both: Both) -> dict[str, str]:
    """Episodes of both runs, and their maps, by name."""
    found: dict[str, str] = {}
    shown = [pair for pair in both.pairs if pair.name in both.embedded]
    for side, log in zip(SIDES, both.logs, strict=True):
        rows = [getattr(pair, side) for pair in shown]
        found |= with_blocks(log, rows, f"{side}-", found)
    return found
