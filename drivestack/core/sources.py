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

_SPACE = r"(?:[ \t\f]|\\\n)*"

_STATEMENT = re.compile(
    rf"\b(?:from\b((?:(?!\bfrom\b)[\w. \t\f]|\\\n)*?)\b)?import\b{_SPACE}"
    r"(?=\(((?:[^)#]|#[^\n]*)*)|((?:[^\n;#\\]|\\\n)*))"
)
"""What stands between ``from`` and ``import``, and the names after it, in parentheses or not.

The names are looked at but not passed by: what only looks like an import hides none behind it.
"""

_COMMENT = re.compile(r"#[^\n]*")

_AROUND_DOT = re.compile(r"\s*\.\s*")


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

    What looks like an import in a text or a comment counts too: that only makes kernels depend on
    more. Imports by a call (``importlib``) are not found.
    """
    text = Path(source).read_text(encoding="utf-8", errors="replace")
    above = os.path.dirname(package)
    inside = os.path.relpath(source, above).split(os.sep)
    found: dict[str, None] = {}
    for name in _names(text, inside):
        if name[:1] == [os.path.basename(package)]:
            found |= dict.fromkeys(_files(os.path.join(above, *name)))
    return tuple(found)


def _names(text: str, inside: list[str]) -> Iterator[list[str]]:
    """Full names, in parts, of what is imported; some are of a module's contents."""
    for origin, several, one in _STATEMENT.findall(text):
        names = list(_listed(several or one))
        if not origin:
            yield from names
            continue
        dotted = "".join(origin.replace("\\", " ").split())
        module = dotted.lstrip(".")
        dots = len(dotted) - len(module)
        start = inside[: len(inside) - dots] if dots else []
        base = start + (module.split(".") if module else [])
        yield base
        yield from ([*base, *name] for name in names)


def _listed(names: str) -> Iterator[list[str]]:
    """``a . b, c as d  # why`` names a.b and c, given in parts."""
    plain = _COMMENT.sub("", names).replace("\\", " ")
    for name in _AROUND_DOT.sub(".", plain).split(","):
        if words := name.split():
            yield words[0].split(".")


@cache
def _files(place: str) -> tuple[str, ...]:
    return tuple(file for file in (f"{place}.py", os.path.join(place, "__init__.py"))
                 if os.path.isfile(file))  # fmt: skip


@cache
def _hashed(file: str) -> bytes:
    return hashlib.sha256(Path(file).read_bytes()).digest()
