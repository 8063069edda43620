"""Attributes and numbers of XML elements, checked where read; what is not read is named."""

from __future__ import annotations

import math
from collections.abc import Iterable

from drivestack.core.errors import nearest

from .xml_reader import Element

LARGEST = 1e8
"""Largest absolute value of a number; UTM coordinates have 1e7 m."""


def attribute(element: Element, name: str) -> str:
    """An attribute that must be there."""
    if name not in element.attributes:
        raise element.problem(f"missing attribute '{name}'")
    return element.attributes[name]


def finite(element: Element, text: str) -> float:
    """The finite number that a text of an element stands for."""
    try:
        value = float(text)
    except ValueError:
        raise element.problem(f"expected a number, got '{text[:40]}'") from None
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise element.problem(f"expected a finite number up to {LARGEST:g}, got {text[:40]}")
    return value


def check_children(element: Element, read: Iterable[str], ignored: Iterable[str]) -> None:
    """Refuse child elements that are neither read nor known to be without effect here."""
    known = {*read, *ignored}
    for child in element.children:
        if child.tag not in known:
            raise child.unsupported(f"not supported in '{element.tag}'; {nearest(child.tag, read)}")
