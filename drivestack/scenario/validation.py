"""Validate a block against a schema model; what is wrong becomes one sentence with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from drivestack.core.errors import InputError, nearest

from .model import Model
from .places import Block, locate, problem

_Model = TypeVar("_Model", bound=Model)

_LONGEST_VALUE = 60
"""Characters of a wrong value that are shown."""

_WORDING = (
    (re.compile(r"^Input should be a valid dictionary.*"), "expected a mapping"),
    (re.compile(r"^Input should be a valid (tuple|list).*"), "expected a list"),
    (re.compile(r"^Input should be a valid string.*"), "expected text"),
    (re.compile(r"^Input should be a valid integer.*"), "expected a whole number"),
    (re.compile(r"^Input should be a valid boolean.*"), "expected true or false"),
    (re.compile(r"^Input should be a valid number.*"), "expected a number"),
    (re.compile(r"^Input should be "), "expected a number "),
    (re.compile(r"^String should match pattern"), "expected text of the form"),
    (re.compile(r"^\w+ should have (.*?)( after validation, not \d+)?$"), r"expected \1"),
)


def validated(model: type[_Model], block: Block) -> _Model:
    """The block as a checked `model`.

    Raises:
        InputError: the first thing wrong: ``file:line: field: sentence``.
    """
    try:
        return model.model_validate(block)
    except ValidationError as error:
        raise _first_problem(error, block) from None


def _first_problem(error: ValidationError, block: Block) -> InputError:
    details = error.errors(include_url=False)[0]
    steps = (*details["loc"], *_further_steps(details))
    place, field = locate(block, steps)
    return problem(place, field, _sentence(details))


def _further_steps(details: ErrorDetails) -> Sequence[str | int]:
    """What the error's own location lacks."""
    if details["type"] == "fault":
        return details.get("ctx", {}).get("steps", ())
    if details["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return ("kind",)
    return ()


def _sentence(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    value = details["input"]
    match details["type"]:
        case "fault":
            return str(context["sentence"])
        case "missing":
            return "missing key" if isinstance(value, dict) else "a value is missing"
        case "union_tag_not_found":
            if not isinstance(value, dict):
                return f"expected a mapping, got {_shown(value)}"
            return f"missing key 'kind'; found: {', '.join(value) or 'nothing'}"
        case "union_tag_invalid":
            return f"unknown kind; {_nearest_of(context['tag'], context['expected_tags'])}"
        case "enum" | "literal_error" if isinstance(value, str):
            return f"unknown value '{value}'; {_nearest_of(value, context['expected'])}"
    message = details["msg"]
    for pattern, words in _WORDING:
        message, found = pattern.subn(words, message)
        if found:
            break
    return f"{message[0].lower()}{message[1:]}, got {_shown(value)}"


def _nearest_of(name: str, quoted: str) -> str:
    """`nearest` for pydantic's list of choices, such as ``'a', 'b' or 'c'``."""
    return nearest(str(name), re.findall(r"'([^']*)'", quoted))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing"
    text = f"'{value}'" if isinstance(value, str) else str(value).lower()
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "..."
