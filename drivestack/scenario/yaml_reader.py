"""Read YAML into blocks that know their lines, refusing whatever could surprise or exhaust us.

Built on the parser's event stream, so nothing is constructed before it is checked. Aliases, tags,
duplicate keys, several documents, NaN and infinity are refused; numbers follow YAML 1.2's core
schema (``1e3`` is a number, ``yes`` and ``010`` are not what YAML 1.1 makes of them).
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import yaml

from drivestack.core.errors import InputError

from .files import read_text
from .places import Block, Items, Place, problem

MAX_DEPTH = 32
MAX_NODES = 50_000
MAX_NUMBER = 64
"""Longest number [characters]."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


def read_yaml(path: Path) -> Block:
    """The mapping that a YAML file holds.

    Raises:
        InputError: one sentence with file, line and, where there is one, the field.
    """
    return parse_yaml(read_text(path), str(path))


def parse_yaml(text: str, file: str) -> Block:
    """The mapping that a YAML text holds; `file` is for messages."""
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(f"{file}:{line}: not YAML: {error.reason}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = 1 if mark is None else mark.line + 1
        reason = f"not YAML: {error.problem or error.context}"
        if "nesting depth" in reason:  # PyYAML's own bound, from 6.0.4 on
            reason = f"nested deeper than {MAX_DEPTH} levels"
        raise InputError(f"{file}:{line}: {reason}") from None
    if not isinstance(builder.root, Block):
        raise InputError(f"{file}:1: expected a mapping of keys to values")
    return builder.root


class _Builder:
    """Builds blocks and items from events, with an explicit stack."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Any = None
        self.documents = 0
        self.nodes = 0
        self.stack: list[Block | Items] = []
        self.names: list[str] = []
        self.key: tuple[str, Place] | None = None

    def take(self, event: yaml.Event) -> None:
        """Digest one event."""
        mark = event.start_mark
        place = Place(self.file, 1 if mark is None else mark.line + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise problem(place, self.field(), "a file holds one document, found a second")
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event, place)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
            self.names.pop()

    def field(self) -> str:
        """The dotted name of the value that comes next."""
        return ".".join(name for name in [*self.names, self._name()] if name)

    def _name(self) -> str:
        if self.stack and isinstance(self.stack[-1], Items):
            return str(len(self.stack[-1]))
        return self.key[0] if self.key else ""

    def _take_node(self, event: yaml.NodeEvent, place: Place) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise problem(place, self.field(), f"more than {MAX_NODES} values in one file")
        if event.anchor is not None:
            raise problem(place, self.field(), "anchors and aliases (& and *) are not accepted")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise problem(place, self.field(), f"the tag '{tag}' is not accepted")
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event, place)
            return
        if len(self.stack) >= MAX_DEPTH:
            raise problem(place, "", f"nested deeper than {MAX_DEPTH} levels")
        node = Block(place) if isinstance(event, yaml.MappingStartEvent) else Items(place)
        name = self._name()
        self._attach(node, place)
        self.stack.append(node)
        self.names.append(name)

    def _take_scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        parent = self.stack[-1] if self.stack else None
        if isinstance(parent, Block) and self.key is None:
            self.key = (event.value, place)
            if event.value in parent:
                first = parent.places[event.value].line
                raise problem(place, self.field(), f"key given twice, first in line {first}")
            return
        plain = event.implicit[0]
        self._attach(self._scalar(event.value, place) if plain else event.value, place)

    def _attach(self, value: Any, place: Place) -> None:
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        if isinstance(parent, Items):
            parent.add(value, place)
        elif self.key is None:
            raise problem(place, self.field(), "a key must be a plain word")
        else:
            parent.put(self.key[0], value, self.key[1])
            self.key = None

    def _scalar(self, text: str, place: Place) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if _NOT_FINITE.fullmatch(text):
            raise problem(place, self.field(), f"expected a finite number, got {text}")
        if not _FLOAT.fullmatch(text):
            return text
        if len(text) > MAX_NUMBER:
            raise problem(place, self.field(), f"number longer than {MAX_NUMBER} characters")
        if _INTEGER.fullmatch(text):
            return int(text)
        if not math.isfinite(float(text)):
            raise problem(place, self.field(), f"expected a finite number, got {text}")
        return float(text)
