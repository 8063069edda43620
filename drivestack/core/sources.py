"""What a module's compiled code depends on: the hash of its own source and of all it imports.

Imports are found by pattern: parsing every source took a second of each start.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_FROM = re.compile(
    r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(?:\(([^)]*)\)|([^\n]*))", re.MULTILINE
)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+([^\n]*)", re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*")


def source_digest(source: Path, package: Path) -> str:
    """Hash of a file and of every file of the package that it imports, directly or not."""
    seen: set[str] = set()
    waiting = [str(source)]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += imported(file, str(package))
    digest = hashlib.sha256()
    for file in sorted(seen):
        # relative, so that a kernel outside the package (a test's, a tool's) has a name too
        digest.update(os.path.relpath(file, package).encode() + b"\0" + _hashed(file))
    return digest.hexdigest()


@cache
def imported(source: str, package: str) -> tuple[str, ...]:
    """Files of the package that a file imports directly, relatively or by full name.

    What looks like an import in a text counts too: that only makes kernels depend on more.
    """
    text = Path(source).read_text(encoding="utf-8").replace("\\\n", " ")
    above = os.path.dirname(package)
    inside = os.path.relpath(source, above).split(os.sep)
    found: dict[str, None] = {}
    for name in _names(text, inside):
        if name[:1] == [os.path.basename(package)]:
            found |= dict.fromkeys(_files(os.path.join(above, *name)))
    return tuple(found)


def _names(text: str, inside: list[str]) -> Iterator[list[str]]:
    """Full names, in parts, of what is imported; some are of a module's contents."""
    for dots, module, several, one in _FROM.findall(text):
        start = inside[: len(inside) - len(dots)] if dots else []
        base = start + (module.split(".") if module else [])
        yield base
        for name in _listed(several or one):
            yield [*base, name]
    for (names,) in (match.groups() for match in _IMPORT.finditer(text)):
        yield from (name.split(".") for name in _listed(names))


def _listed(names: str) -> Iterator[str]:
    """``a, b as c  # why`` names a and b."""
    for name in _COMMENT.sub("", names).split(","):
        if words := name.split():
            yield words[0]


@cache
def _files(place: str) -> tuple[str, ...]:
    return tuple(file for file in (f"{place}.py", os.path.join(place, "__init__.py"))
                 if os.path.isfile(file))  # fmt: skip


@cache
def _hashed(file: str) -> bytes:
    return hashlib.sha256(Path(file).read_bytes()).digest()
