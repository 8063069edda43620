"""Imports found by pattern are those that Python's parser finds."""

from __future__ import annotations

import ast
from pathlib import Path

import drivestack
from drivestack.core.sources import imported, source_digest

PACKAGE = Path(drivestack.__file__).resolve().parent


def parsed(source: Path) -> set[Path]:
    """Files of the package that a file imports, by its syntax tree."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(source.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inside = source.relative_to(PACKAGE.parent).parts
            start = list(inside[: len(inside) - node.level]) if node.level else []
            base = start + (node.module.split(".") if node.module else [])
            names = [base, *([*base, alias.name] for alias in node.names)]
        else:
            continue
        for name in names:
            place = PACKAGE.parent.joinpath(*name)
            found |= {place.with_suffix(".py"), place / "__init__.py"}
    return {file for file in found if file.is_file() and file.is_relative_to(PACKAGE)}


def test_every_file_of_the_package() -> None:
    sources = sorted(PACKAGE.rglob("*.py"))
    assert len(sources) > 200
    for source in sources:
        found = set(map(Path, imported(str(source), str(PACKAGE))))
        assert found == parsed(source), source


def test_all_ways_of_writing_an_import(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    (package / "deep").mkdir(parents=True)
    for name in ("a", "b", "c", "d", "e", "f", "__init__", "deep/__init__", "deep/g", "deep/h"):
        (package / f"{name}.py").touch()
    source = package / "deep" / "all.py"
    source.write_text(
        "from .. import (\n    a,  # the first, not d\n    b as other,\n)\n"
        "def late():\n    import pack.c, os\n"
        "from ..e import *\n"
        "from . import \\\n    g\n"
        "import numpy\n"
    )
    found = {Path(file).relative_to(package) for file in imported(str(source), str(package))}
    names = ("a.py", "b.py", "c.py", "e.py", "__init__.py", "deep/__init__.py", "deep/g.py")
    assert found == set(map(Path, names))


def test_a_file_outside_the_package_has_a_digest(tmp_path: Path) -> None:
    source = tmp_path / "kernels.py"
    source.write_text("from drivestack.core.compiled import kernel\n")
    assert source_digest(source, PACKAGE) != source_digest(PACKAGE / "core/errors.py", PACKAGE)
