"""What a module's compiled code depends on: the hash of its own source and of all it imports."""

from __future__ import annotations

import ast
import hashlib
import os
from functools import cache
from pathlib import Path


@cache
def _imported(source: Path, package: Path) -> tuple[Path, ...]:
    """Files of the package that a file imports directly, relatively or by full name."""
    found: list[Path] = []
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inside = Path(os.path.relpath(source, package.parent)).parts
            start = list(inside[: len(inside) - node.level]) if node.level else []
            base = start + (node.module.split(".") if node.module else [])
            names = [base, *([*base, alias.name] for alias in node.names)]
        else:
            continue
        for name in names:
            if name[:1] == [package.name]:
                place = package.parent.joinpath(*name)
                found += [place.with_suffix(".py"), place / "__init__.py"]
    return tuple(file for file in found if file.is_file())


def source_digest(source: Path, package: Path) -> str:
    """Hash of a file and of every file of the package that it imports, directly or not."""
    seen: set[Path] = set()
    waiting = [source]
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += _imported(file, package)
    digest = hashlib.sha256()
    for file in sorted(seen):
        # relative, so that a kernel outside the package (a test's, a tool's) has a name too
        digest.update(os.path.relpath(file, package).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
