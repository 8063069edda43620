"""Parameters of a scenario file, and the values that its ``${...}`` stand for.

A field whose whole text is ``${expression}`` takes the expression's value. Parameters may use those
before them. A plain file costs nothing: its block is returned as it is.
"""

from __future__ import annotations

from typing import Any

from drivestack.core.errors import InputError

from .expressions import ExpressionError, Value, parse
from .places import Block, Items, Place, problem

KEY = "parameters"

_KEPT = ("vary", "exclude", KEY)
"""Keys below which nothing is written out."""


def written_out(block: Block) -> Block:
    """A scenario's block with every ``${...}`` replaced by its value.

    Raises:
        InputError: an expression has no value.
    """
    names = parameters_of(block)
    out = block.copy()
    if isinstance(block.get(KEY), Block):
        given = block[KEY].copy()
        for name, value in names.items():
            given[name] = value
        out[KEY] = given
    for key, value in block.items():
        if key not in _KEPT:
            out[key] = _replaced(value, names, block.places[key], key)
    return out


def parameters_of(block: Block) -> dict[str, Value]:
    """The values of a scenario's parameters."""
    names: dict[str, Value] = {}
    for name, (value, place) in _given(block.get(KEY)).items():
        names[name] = _parameter(name, value, names, place)
    return names


class Deferred(dict[str, Any]):
    """Values of parameters; the error of one that has none is raised when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if isinstance(value, InputError):
            raise value
        return value


def deferred(block: Block, varied: Block) -> Deferred:
    """As `parameters_of`, but what is wrong with a parameter only matters to those that use it.

    Args:
        varied: values by name that stand where the file has others, or none.
    """
    names = Deferred()
    for name, (value, place) in (_given(block.get(KEY)) | _given(varied)).items():
        try:
            names[name] = _parameter(name, value, names, place)
        except InputError as error:
            names[name] = error
    return names


def _given(written: Any) -> dict[str, tuple[Any, Place]]:
    if not isinstance(written, Block):
        return {}
    return {name: (value, written.places[name]) for name, value in written.items()}


def _parameter(name: str, value: Any, names: dict[str, Value], place: Place) -> Value:
    field = f"{KEY}.{name}"
    if not isinstance(value, int | float | str):
        raise problem(place, field, "expected a number, true or false, or text")
    return value_of(value, names, place, field)


def value_of(value: Any, names: dict[str, Value], place: Place, field: str) -> Any:
    """What one field's text stands for."""
    if not isinstance(value, str) or not value.startswith("${"):
        return value
    if not value.endswith("}"):
        raise problem(place, field, "expected '}' at the end of the expression")
    try:
        return parse(value[2:-1])(names)
    except ExpressionError as error:
        raise problem(place, field, f"{error} in '{value}'") from None


def _replaced(node: Any, names: dict[str, Value], place: Place, field: str) -> Any:
    """A copy of what changes; all else is shared."""
    if isinstance(node, Block):
        out = node
        for key, value in node.items():
            new = _replaced(value, names, node.places[key], f"{field}.{key}")
            if new is not value:
                out = node.copy() if out is node else out
                out[key] = new
        return out
    if isinstance(node, Items):
        items = node
        for index, value in enumerate(node):
            new = _replaced(value, names, node.places[index], f"{field}.{index}")
            if new is not value:
                items = node.copy() if items is node else items
                items[index] = new
        return items
    return value_of(node, names, place, field)
