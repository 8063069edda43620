"""Which combinations of varied values a scenario's `exclude:` leaves out."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drivestack.core.errors import nearest

from .loader import Document
from .parameters import KEY, deferred, value_of
from .places import Block, Place, locate, problem

_NAMED = f"{KEY}."


@dataclass(frozen=True, slots=True)
class Condition:
    """A ``${condition}`` and where it stands."""

    text: str
    place: Place
    field: str


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Exclusions of one document; a combination that any of them names is left out.

    Attributes:
        block: the document's. tables: values to leave out, by path. conditions: over parameters.
        named: varied parameters, their names and places by path.
    """

    block: Block
    tables: tuple[Mapping[str, Any], ...]
    conditions: tuple[Condition, ...]
    named: Mapping[str, tuple[str, Place]]

    @staticmethod
    def of(document: Document) -> Exclusions:
        """All those of a document.

        Raises:
            InputError: one is about a path that is not varied.
        """
        tables: list[Mapping[str, Any]] = []
        conditions: list[Condition] = []
        vary = document.scenario.vary
        for index, exclusion in enumerate(document.scenario.exclude):
            if isinstance(exclusion, str):
                place, field = locate(document.block, ("exclude", index))
                conditions.append(Condition(exclusion, place, field))
                continue
            for path in exclusion:
                if path not in vary:
                    place, field = locate(document.block, ("exclude", index, path))
                    raise problem(place, field, f"not a varied path; {nearest(path, vary)}")
            tables.append(exclusion)
        named = {
            path: (path.removeprefix(_NAMED), locate(document.block, ("vary", path))[0])
            for path in vary if path.startswith(_NAMED)
        }  # fmt: skip
        return Exclusions(document.block, tuple(tables), tuple(conditions), named)

    def split(self, known: Container[str]) -> tuple[Exclusions, Exclusions]:
        """Those that the values at these paths suffice for, and the others."""
        early = tuple(table for table in self.tables if all(path in known for path in table))
        late = tuple(table for table in self.tables if table not in early)
        suffice = all(path in known for path in self.named)
        first, second = (self.conditions, ()) if suffice else ((), self.conditions)
        return (
            replace(self, tables=early, conditions=first),
            replace(self, tables=late, conditions=second),
        )

    def __bool__(self) -> bool:
        return bool(self.tables or self.conditions)

    def match(self, values: Mapping[str, Any]) -> bool:
        """Whether a combination, its values by path, is left out.

        Raises:
            InputError: a condition is neither true nor false, or has no value.
        """
        for table in self.tables:
            if all(_is(values[path], wanted) for path, wanted in table.items()):
                return True
        return bool(self.conditions) and self._any_holds(values)

    def _any_holds(self, values: Mapping[str, Any]) -> bool:
        varied = Block(self.block.place)
        for path, (name, place) in self.named.items():
            if path in values:
                varied.put(name, values[path], place)
        names = deferred(self.block, varied)
        for condition in self.conditions:
            found = value_of(condition.text, names, condition.place, condition.field)
            if not isinstance(found, bool):
                sentence = f"expected a condition, true or false, but {condition.text} is {found!r}"
                raise problem(condition.place, condition.field, sentence)
            if found:
                return True
        return False


def _is(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list | tuple) else value == wanted
