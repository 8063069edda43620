"""Attributes of OpenDRIVE elements: numbers with bounds, names, lane numbers."""

from __future__ import annotations

import re

from ..xml_reader import Element
from ..xml_values import attribute, finite

_LONGEST_ID = 100
"""Characters of a road's or junction's id; it becomes part of node names."""


def real(element: Element, name: str) -> float:
    """A finite number."""
    return finite(element, attribute(element, name))


def name_of(element: Element, name: str = "id") -> str:
    """An id or a reference to one: OpenDRIVE's are any text."""
    text = attribute(element, name).strip()
    if not text or len(text) > _LONGEST_ID or not text.isprintable():
        raise element.problem(f"{name} should be 1 to {_LONGEST_ID} printable characters")
    return text


def lane_number(element: Element, name: str = "id") -> int:
    """A lane's number: positive to the left of the reference line, negative to the right."""
    text = attribute(element, name).strip()
    if not re.fullmatch(r"[+-]?\d{1,4}", text):
        raise element.problem(f"{name} should be a lane's number, got '{text[:40]}'")
    return int(text)
