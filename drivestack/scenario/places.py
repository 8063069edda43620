"""Where a value of an input file came from, so that errors can name file, line and field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drivestack.core.errors import InputError

LONGEST_NAME, LONGEST_SENTENCE = 200, 600
"""Characters of a field's name and of a sentence that are shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """One line of one file. A file read as binary has no lines; `line` is 0 there."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Block(dict[str, Any]):
    """A mapping that knows where it and each of its keys stand."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: dict[str, Place] = {}

    def put(self, key: str, value: Any, place: Place) -> None:
        """Set a key together with its place."""
        self[key] = value
        self.places[key] = place

    def copy(self) -> Block:
        """A copy of this level; the values are shared."""
        out = Block(self.place)
        out.update(self)
        out.places.update(self.places)
        return out


class Items(list[Any]):
    """A sequence that knows where it and each of its items stand."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self.places: list[Place] = []

    def add(self, value: Any, place: Place) -> None:
        """Append an item together with its place."""
        self.append(value)
        self.places.append(place)

    def copy(self) -> Items:
        """A copy of this level; the items are shared."""
        out = Items(self.place)
        for value, place in zip(self, self.places, strict=True):
            out.add(value, place)
        return out


def problem(place: Place, field: str, sentence: str) -> InputError:
    """The error for a field of a file: ``file:line: field: sentence``."""
    name = f"{one_line(field, LONGEST_NAME)}: " if field else ""
    return InputError(f"{place}: {name}{one_line(sentence, LONGEST_SENTENCE)}")


def one_line(text: str, longest: int) -> str:
    """Text from an input file made fit for a message: one line, printable, not too long."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= longest else shown[:longest] + "..."


def locate(root: Block, steps: Iterable[str | int]) -> tuple[Place, str]:
    """The deepest known place along `steps`, and the field's dotted name.

    Steps that name a variant of a union (pydantic puts them into error locations) are left out:
    they are the `kind` of the block they stand at, or are written ``<like this>``.
    """
    node: Any = root
    place = root.place
    names: list[str] = []
    in_variant = False
    for step in steps:
        if isinstance(step, str) and step.startswith("<"):
            continue
        if isinstance(node, Block) and isinstance(step, str):
            if not in_variant and node.get("kind") == step:
                in_variant = True
                continue
            place = node.places.get(step, node.place)
            node = node.get(step)
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            place = node.places[step]
            node = node[step]
        else:
            continue
        names.append(str(step))
        in_variant = False
    return place, ".".join(names)
