"""Instances of a rare family, spread over its file's draws, by difficulty."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from drivestack.core.start import Start
from drivestack.scenario.expand import case_at, included
from drivestack.scenario.loader import documents
from drivestack.scenario.resolve import resolve

DIFFICULTY = "difficulty"

Drawn = dict[float, list[Start]]
"""First states by difficulty."""


@dataclass(frozen=True, slots=True)
class Family:
    """One file of a suite.

    Attributes:
        name: the scenario's id. path: of the file.
    """

    name: str
    path: Path

    def drawn(self, each: int) -> Drawn:
        """`each` instances of every difficulty, as many of every other axis as there are."""
        (document,) = documents(self.path)
        numbers = defaultdict[float, list[int]](list)
        size = document.scenario.count * len(document.scenario.seeds)
        points = list(dict.fromkeys(number // size for number in included(document)))
        for point in points:
            parameters = case_at(document, point * size).scenario.parameters
            numbers[float(parameters[DIFFICULTY])].append(point)
        found: Drawn = {}
        for difficulty, places in numbers.items():
            share = -(-each // len(places))
            if share > size:
                raise ValueError(f"{self.path}: {size} draws, {share} are wanted")
            picked = [place * size + draw for draw in range(share) for place in places][:each]
            found[difficulty] = [next(resolve(case_at(document, n))) for n in picked]
        return found


def families(folder: Path) -> list[Family]:
    """The families of a folder, one a file, in the order of their names."""
    return [Family(path.stem, path) for path in sorted(folder.glob("*.yaml"))]
