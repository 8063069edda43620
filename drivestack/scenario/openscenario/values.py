"""Attribute texts: literals, ``$name`` and ``${expression}``, and parameter types."""

from __future__ import annotations

import functools
import math
import re

from ..expressions import Evaluate, ExpressionError, Scope, Value, parse
from ..xml_reader import Element

LARGEST = 1e12
"""Largest absolute value of a number; public files write 1e10 for 'never'."""

_WHOLE = ("int", "integer", "unsignedInt", "unsignedShort")
TYPES = (*_WHOLE, "double", "string", "boolean", "dateTime")
"""OpenSCENARIO's parameter types; `integer` until 1.1."""

_TRUE, _FALSE = ("true", "1"), ("false", "0")


@functools.lru_cache(maxsize=4096)
def compiled(text: str) -> Evaluate:
    """What a text stands for, given the parameters.

    Raises:
        ExpressionError: an expression that cannot be read; see `parse` for what follows.
    """
    text = text.strip()
    if text.startswith("${") and text.endswith("}"):
        return parse(text[2:-1])
    if re.fullmatch(r"\$\w+", text):
        return parse(text)
    plain = text.removeprefix("\\") if text.startswith("\\$") else text
    return lambda scope: plain


def resolved(element: Element, text: str, scope: Scope) -> Value:
    """The value of a text in an element.

    Raises:
        InputError: the expression, with file, line and element.
    """
    try:
        return compiled(text)(scope)
    except ExpressionError as error:
        raise element.problem(str(error)) from None


def typed(kind: str, value: Value) -> Value:
    """A value as one of `TYPES`; raises ExpressionError if it is none."""
    if kind == "boolean":
        return as_truth(value)
    if kind == "double":
        return as_number(value)
    if kind in _WHOLE:
        return as_whole(value)
    return as_text(value)


def as_number(value: Value) -> float:
    """A finite number; raises ExpressionError."""
    if isinstance(value, bool):
        raise ExpressionError(f"expected a number, got '{as_text(value)}'")
    try:
        number = float(value)
    except ValueError:
        raise ExpressionError(f"expected a number, got '{str(value)[:40]}'") from None
    except OverflowError:
        number = math.inf
    if not abs(number) <= LARGEST:
        raise ExpressionError(f"expected a finite number up to {LARGEST:g}, got {str(value)[:40]}")
    return number


def as_whole(value: Value) -> int:
    """A whole number; raises ExpressionError."""
    number = as_number(value)
    if number != round(number):
        raise ExpressionError(f"expected a whole number, got {number:g}")
    return round(number)


def as_truth(value: Value) -> bool:
    """True or false; raises ExpressionError."""
    text = as_text(value)
    if text not in (*_TRUE, *_FALSE):
        raise ExpressionError(f"expected true or false, got '{text[:40]}'")
    return text in _TRUE


def as_text(value: Value) -> str:
    """The text of a value, as a file would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == round(value) and abs(value) < 1e15:
        return str(round(value))
    return str(value)
