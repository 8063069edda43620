"""A variation file's distributions as axes of our `vary`, and which combinations it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..expressions import Value
from ..files import Stamp, stamp_of
from ..opendrive.roads import read_plan
from .scenario import OpenScenario, Template, read_file
from .translate import check
from .variations import Variation

_PARAMETERS, _SETS = "map.parameters.", "map.sets."


@dataclass(frozen=True, slots=True)
class Variations:
    """A file that was named, a scenario or a variation of one.

    Attributes:
        template: the scenario. variation: None: it is not varied.
    """

    template: Template
    variation: Variation | None

    @staticmethod
    def of(path: Path) -> Variations:
        """Of a file, read once until it or the scenario that it varies changes.

        Raises: as `read_file`.
        """
        found, stamps = _known.get(path, (None, ()))
        if found is None or stamps != _stamps(path, found):
            found = Variations(*read_file(path))
            _known[path] = found, _stamps(path, found)
            if len(_known) > _MOST_KNOWN:
                del _known[next(iter(_known))]
        return found

    def axes(self) -> dict[str, list[Any]]:
        """Values by path, in the order of the file; value sets are numbered from 1."""
        found: dict[str, list[Any]] = {}
        for number, axis in enumerate(() if self.variation is None else self.variation.axes, 1):
            if len(axis.names) == 1:
                found[_PARAMETERS + axis.names[0]] = [value for (value,) in axis.values]
            else:
                found[f"{_SETS}{number}"] = list(range(1, len(axis.values) + 1))
        return found

    def leaves_out(self, values: Mapping[str, Any]) -> bool:
        """Whether values by path violate the constraints of the scenario's parameters."""
        scope = self.template.parameters.scope(self.given(values), {})
        return self.template.parameters.violated(scope) is not None

    def given(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """The scenario's parameters that values by path replace, by name."""
        return self._given(_below(_PARAMETERS, values), _below(_SETS, values))

    def notes(self) -> tuple[str, ...]:
        """What of the scenario has no effect here, with places, at its default parameters."""
        return self.template.at({}).notes

    def check(self) -> None:
        """Refuse roads that cannot be read and, unless it is varied, what cannot be translated; at
        once, as no compiled code is loaded."""
        if self.variation is None:
            check(self.template.at({}))
        else:
            read_plan(self.template.at({}).road)

    def at(self, parameters: Mapping[str, Value], sets: Mapping[str, int]) -> OpenScenario:
        """The scenario with these parameters and value sets."""
        return self.template.at(self._given(parameters, sets))

    def _given(self, parameters: Mapping[str, Value], sets: Mapping[str, int]) -> dict[str, Value]:
        given: dict[str, Value] = {}
        axes = () if self.variation is None else self.variation.axes
        for number, axis in enumerate(axes, 1):
            if len(axis.names) > 1 and str(number) in sets:
                given |= dict(zip(axis.names, axis.values[sets[str(number)] - 1], strict=True))
        return given | dict(parameters)


_known: dict[Path, tuple[Variations, tuple[Stamp, ...]]] = {}

_MOST_KNOWN = 64
"""Files kept at a time; our choice: several times what one suite names."""


def _stamps(path: Path, found: Variations) -> tuple[Stamp, ...]:
    return stamp_of(path), stamp_of(found.template.file)


def _below(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {path.removeprefix(prefix): value for path, value in values.items()
            if path.startswith(prefix)}  # fmt: skip
