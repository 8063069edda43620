"""Parameters of a scenario file, and the values that its ``${...}`` stand for.

A field whose whole text is ``${expression}`` takes the expression's value. Parameters may use those
before them. A plain file costs nothing: its block is returned as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expressions import ExpressionError, Value, parse
from .places import Block, Items, Place, problem

KEY = "parameters"

_KEPT = ("vary", "exclude", KEY)
"""Keys below which nothing is written out."""

_AS_WRITTEN: Mapping[str, Any] = {}


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


def parameters_of(block: Block, varied: Mapping[str, Any] = _AS_WRITTEN) -> dict[str, Value]:
    """The values of a scenario's parameters.

    Args:
        varied: values by name that stand where the file has others, or none.
    """
    given = block.get(KEY)
    written: Block = given if isinstance(given, Block) else Block(block.place)
    names: dict[str, Value] = {}
    for name, value in {**written, **varied}.items():
        place = written.places.get(name, written.place)
        if not isinstance(value, int | float | str):
            raise problem(place, f"{KEY}.{name}", "expected a number, true or false, or text")
        names[name] = value_of(value, names, place, f"{KEY}.{name}")
    return names


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
