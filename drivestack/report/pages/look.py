"""What pages are made from, and what a page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Generic, TypeVar

from drivestack.metrics.duty import Standing
from drivestack.metrics.judge import COMPOSED
from drivestack.report.reading import RunLog
from drivestack.sim.overview import shortfall

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A run as pages see it.

    Attributes:
        log: of the run. rows: of episodes, in queue order. acted: spells of interventions by
        episode. embedded: numbers of the episodes that can be replayed in the page.
    """

    log: RunLog
    rows: list[Row]
    acted: dict[int, int]
    embedded: tuple[int, ...]


Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Page(Generic[Seen]):
    """One page.

    Attributes:
        title: of its tab. data: what its script draws, as JSON can say it, of what it is given.
    """

    title: str
    data: Callable[[Seen], Any]


def suite_of(row: Row) -> str:
    """Where a scenario comes from: the folder of its file, or the library that made it."""
    source = str(row["source"])
    if row["env_id"] and source.startswith("highway-env"):
        return "highway-env"
    return PurePath(source).parent.name or PurePath(source).name or "-"


def family_of(row: Row) -> str:
    """The scenario's id without what varies: values, version, seed."""
    name = str(row["scenario"])
    ends = [name.find(mark) for mark in "/@#" if name.find(mark) > 0]
    return name[: min(ends)] if ends else name


def went_wrong(row: Row) -> bool:
    """Whether an episode raised, hit something, left the road, missed what was asked, scored 0."""
    bad = row["outcome"] in ("failed", "contact", "off_road")
    missed = row["expectations"] == "failed" or row["duty_met"] == "no"
    return bad or missed or bool(_scores_of_nothing(row))


def _scores_of_nothing(row: Row) -> str:
    """The composed scores that are 0, since a measure that they are multiplied by is."""
    ids = (name.replace("_1", "@1") for name in COMPOSED if row[name] == 0.0)
    return " and ".join(ids)


def why_wrong(row: Row) -> str:
    """What is to be said of an episode besides its outcome."""
    exempt = row["duty"] == Standing.EXEMPT and row["outcome"] == "contact"
    if row["failure"] or shortfall(row):
        return row["failure"] or shortfall(row)
    if exempt:
        return "exempt: it need not be avoided"
    nothing = _scores_of_nothing(row)
    return f"{nothing}: 0" if nothing and row["outcome"] not in ("contact", "off_road") else ""
