"""Imports found by pattern are those that Python's parser finds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from .. import (\n    a,  # the first\n    b as other,\n)\n", "a b __init__"),
        ("from .. import (a,  # of b()\n c)\n", "a c __init__"),
        ("from .. import (a, # not \\\n c)\n", "a c __init__"),
        ("from ..import(a)\n", "a __init__"),
        ("def late():\n    import pack.c, os\n", "c"),
        ("if X: from ..a import b\n", "a"),
        ("x = 1; from ..a import b\n", "a"),
        ("x = '#'; from ..a import b\n", "a"),
        ("from..a import b\n", "a"),
        ("from . . a import b\n", "a"),
        ("from ..a import b; from ..c import d\n", "a c"),
        ("import os; import pack.d\n", "d"),
        ("import pack . d as e, pack.deep\\\n.g\n", "d deep/g"),
        ("from ..e import *\n", "e"),
        ("from . import \\\n    g, \\\n    h # and \\\n", "deep/__init__ deep/g deep/h"),
        ("from \\\n    pack.deep \\\n    import g\n", "deep/__init__ deep/g"),
        ("from\t..\fa\timport\tb\n", "a"),
        ("print('an import (')\nfrom ..a import b\nprint(')')\n", "a"),
        ("# from here \\\nfrom ..a import b\n", "a"),
        ("import numpy\nraise E from e\nimport pack.a\n", "a"),
        ("important = 1; reimport = pack.a\n", ""),
        ("import pack.a # and\r\nimport pack.b\r\n", "a b"),
        ("\ufefffrom ..a import b\n", "a"),
    ],
)  # fmt: skip
def test_all_ways_of_writing_an_import(tmp_path: Path, text: str, names: str) -> None:
    package = tmp_path / "pack"
    (package / "deep").mkdir(parents=True)
    for name in ("a", "b", "c", "d", "e", "f", "__init__", "deep/__init__", "deep/g", "deep/h"):
        (package / f"{name}.py").touch()
    source = package / "deep" / "all.py"
    source.write_text(text, newline="", encoding="utf-8")
    found = {Path(file).relative_to(package) for file in imported(str(source), str(package))}
    assert found == {Path(f"{name}.py") for name in names.split()}


def test_a_file_outside_the_package_has_a_digest(tmp_path: Path) -> None:
    source = tmp_path / "kernels.py"
    source.write_text("from drivestack.core.compiled import kernel\n")
    assert source_digest(source, PACKAGE) != source_digest(PACKAGE / "core/errors.py", PACKAGE)
