"""The shape of the package, enforced by reading its source: layers, imports, sizes, bans.

Each rule is a table and a short test. A new folder needs a line in `LAYER`, a new third-party
package a line in `ALLOWED` and one in docs/dependencies.md.
"""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LONGEST

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "drivestack"

LAYER = {
    "core": 0,
    **dict.fromkeys(("vehicle", "roads"), 1),
    "scenario": 2,
    **dict.fromkeys(("route", "behavior", "motion", "safety", "expert", "world", "metrics"), 3),
    "stack": 4,
    "sim": 5,
    **dict.fromkeys(("shadow", "learn", "report"), 6),
    "cli": 7,
    "": 8,  # drivestack/__init__.py: the verbs as functions
}
"""Folders import only from lower layers; folders of one layer never import each other."""

ALLOWED = {
    "numpy": ("",),
    "numba": ("core/compiled.py", "behavior/forward/panels.py"),
    "llvmlite": ("core/compiled.py", "behavior/forward/panels.py"),
    "highway_env": ("world/highway_env", "scenario/sources/highway_env"),
    "gymnasium": ("world/highway_env", "scenario/sources/highway_env"),
    "pydantic": ("scenario/",),
    "pydantic_core": ("scenario/",),
    "yaml": ("scenario/",),
    "shapely": ("metrics/",),
    "daqp": ("motion/mpc/",),
    "torch": ("behavior/torch_setup.py",),  # whoever needs it takes it from there
    "duckdb": ("sim/",),
    "joblib": ("sim/",),
    "ray": ("sim/workers.py",),
    "tensorboard": ("learn/curves.py",),  # the extra `tensorboard`
    "typer": ("cli/",),
    "rich": ("cli/",),
    "imageio_ffmpeg": ("report/video.py",),  # the extra `video`
    "PIL": ("report/picture.py", "report/video.py"),
    "_typeshed": ("core/rows.py", "core/parameters.py"),  # exists for type checkers only
}
"""Where a third-party package may be imported: prefixes of paths in the package."""

SCENE_MAY_BE_NAMED_IN = ("core", "world", "expert", "metrics", "sim", "learn")

LONGER_FILES = {"core/types.py": "every record that crosses a stage boundary, read as one page"}
"""``path``: why it may exceed the limit of lines."""

LONGER_FUNCTIONS: dict[str, str] = {
    "cli/main.py:run": "each option once as a parameter and once handed on",
    "sim/settings.py:settings_of": "each setting once as a parameter and once handed on",
}
"""``path:function``: why it may exceed the limit of lines."""

FORBIDDEN_NAMES = {"utils", "util", "common", "misc", "helpers"}
FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
FORBIDDEN_CALLS = {"eval", "exec", "torch.load", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}

MOST_LINES, MOST_FUNCTION_LINES, MOST_METHODS, MOST_README_LINES = 400, 60, 12, 60

FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {file: ast.parse(file.read_text()) for file in FILES}
MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in FILES
}


def path_of(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def folder_of(file: Path) -> str:
    parts = file.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def imports(file: Path, nodes: Iterator[ast.AST]) -> Iterator[tuple[str, int]]:
    """Absolute dotted names that import statements name, with their lines."""
    package = file.relative_to(ROOT).parent.parts
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield inner if inner in MODULES else module, node.lineno


def at_load(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that run when a module is loaded: not in functions, not for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not lazy and not typing:
            yield node
            yield from at_load(node)


def report(faults: list[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)


def test_every_folder_has_a_layer() -> None:
    report(
        [f"{path_of(f)}: no layer for '{folder_of(f)}'" for f in FILES if folder_of(f) not in LAYER]
    )


def test_imports_point_downward() -> None:
    faults = []
    for file, tree in TREES.items():
        here = folder_of(file)
        for name, line in imports(file, ast.walk(tree)):
            if name.split(".")[0] != "drivestack":
                continue
            there = folder_of(MODULES[name]) if name in MODULES else "?"
            # the package itself holds nothing but its version
            if there not in (here, "") and LAYER.get(there, 99) >= LAYER.get(here, 99):
                faults.append(f"{path_of(file)}:{line}: {here} may not import {name}")
    report(faults)


def test_no_import_cycles() -> None:
    graph = {
        name: {other for other, _ in imports(file, at_load(TREES[file])) if other in MODULES}
        - {name}
        for name, file in MODULES.items()
    }
    graphlib.TopologicalSorter(graph).prepare()


def test_third_party_packages_stay_in_their_folders() -> None:
    faults = []
    for file, tree in TREES.items():
        for name, line in imports(file, ast.walk(tree)):
            top = name.split(".")[0]
            if top == "drivestack" or top in sys.stdlib_module_names:
                continue
            if not path_of(file).startswith(ALLOWED.get(top, ("nowhere",))):
                faults.append(f"{path_of(file)}:{line}: {top} is not allowed here")
    report(faults)


def test_scene_is_named_only_where_it_may_be_seen() -> None:
    faults = []
    for file, tree in TREES.items():
        if folder_of(file) in SCENE_MAY_BE_NAMED_IN:
            continue
        for node in ast.walk(tree):
            named = isinstance(node, ast.Name) and node.id == "Scene"
            reached = isinstance(node, ast.Attribute) and node.attr == "Scene"
            imported = isinstance(node, ast.alias) and node.name == "Scene"
            if named or reached or imported:
                faults.append(f"{path_of(file)}:{node.lineno}: Scene is privileged")
    report(faults)


def test_forbidden_calls_and_imports() -> None:
    faults = []
    for file, tree in TREES.items():
        for name, line in imports(file, ast.walk(tree)):
            if name.split(".")[0] in FORBIDDEN_IMPORTS:
                faults.append(f"{path_of(file)}:{line}: {name} runs code out of data")
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called in FORBIDDEN_CALLS or (called == "print" and folder_of(file) != "cli"):
                faults.append(f"{path_of(file)}:{node.lineno}: {called}() is not allowed here")
            if any(
                k.arg == "allow_pickle" and ast.unparse(k.value) != "False" for k in node.keywords
            ):
                faults.append(f"{path_of(file)}:{node.lineno}: allow_pickle runs code out of data")
    report(faults)


def test_sizes() -> None:
    faults = []
    for file, tree in TREES.items():
        lines = len(file.read_text().splitlines())
        if lines > MOST_LINES and path_of(file) not in LONGER_FILES:
            faults.append(f"{path_of(file)}: {lines} lines (most: {MOST_LINES})")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                place = f"{path_of(file)}:{node.name}"
                if length > MOST_FUNCTION_LINES and place not in LONGER_FUNCTIONS:
                    faults.append(f"{place}: {length} lines (most: {MOST_FUNCTION_LINES})")
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(part, ast.FunctionDef) for part in node.body)
                if methods > MOST_METHODS:
                    faults.append(f"{path_of(file)}:{node.name}: {methods} methods")
    report(faults)


def test_exceptions_are_still_needed() -> None:
    found = {
        f"{path_of(file)}:{node.name}"
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    assert set(LONGER_FUNCTIONS) <= found
    assert set(LONGER_FILES) <= {path_of(file) for file in FILES}


def test_names_and_depth() -> None:
    faults = [f"{path_of(f)}: a name that says nothing" for f in FILES if f.stem in FORBIDDEN_NAMES]
    # drivestack/scenario/sources/file.py is as deep as it gets
    faults += [f"{path_of(f)}: too deep" for f in FILES if len(f.relative_to(ROOT).parts) > 4]
    report(faults)


def test_every_folder_has_a_short_readme() -> None:
    faults = []
    for folder in (*sorted({file.parent for file in FILES} - {PACKAGE}), ROOT / "scenarios"):
        readme = folder / "README.md"
        if not readme.exists():
            faults.append(f"{folder.relative_to(ROOT)}: no README.md")
        elif len(readme.read_text().splitlines()) > MOST_README_LINES:
            faults.append(f"{readme.relative_to(ROOT)}: more than {MOST_README_LINES} lines")
    report(faults)


def test_files_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (ROOT / "tests" / name).is_file()] == []


def test_every_module_says_what_it_is() -> None:
    report(
        [f"{path_of(f)}: no docstring" for f, tree in TREES.items() if not ast.get_docstring(tree)]
    )


def test_package_never_imports_tools_or_tests() -> None:
    report(
        [
            f"{path_of(file)}:{line}: {name}"
            for file, tree in TREES.items()
            for name, line in imports(file, ast.walk(tree))
            if name.split(".")[0] in ("tools", "tests")
        ]
    )


@pytest.mark.parametrize("package", ["torch", "gymnasium", "highway_env", "matplotlib", "pandas"])
def test_import_is_light(package: str) -> None:
    code = f"import sys, drivestack; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
