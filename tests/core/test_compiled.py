"""The kernel cache: any edit to any kernel's file opens a new folder, so no code is ever stale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drivestack.core import compiled

CALLEE = """
from .core.compiled import kernel

@kernel
def inner(x):
    return x + {number}
"""

CALLER = """
from . import callee
from .core.compiled import kernel

inner = callee.inner

@kernel
def outer(x):
    return 10 * inner(x)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A tiny package with a copy of the decorator, a kernel and a kernel that calls it."""
    folder = tmp_path / "tiny"
    (folder / "core").mkdir(parents=True)
    for name in ("__init__.py", "core/__init__.py", "core/tables.py"):
        (folder / name).touch()
    for name in ("compiled.py", "errors.py", "pruning.py", "sources.py"):
        shutil.copy(Path(compiled.__file__).with_name(name), folder / "core")
    (folder / "callee.py").write_text(CALLEE.format(number=1))
    (folder / "caller.py").write_text(CALLER)
    return folder


def run(package: Path) -> tuple[float, str, bool]:
    """What `outer(1)` gives in a fresh process, its cache folder, and if it came from there."""
    code = (
        "from pathlib import Path; from tiny import caller; from tiny.core import compiled;"
        "print(caller.outer(1.0), compiled.cache_folder(Path(caller.__file__)).name,"
        "sum(caller.outer.stats.cache_hits.values()))"
    )
    # Python itself does trust clocks: it would take an edit within a second for none
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    environment["DRIVESTACK_CACHE"] = str(package.parent / "cache")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=package.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    value, folder, hits = done.stdout.split()
    return float(value), folder, hits == "1"


def test_editing_a_callee_is_never_missed(package: Path) -> None:
    value, folder, from_cache = run(package)
    assert (value, from_cache) == (20.0, False)
    assert run(package) == (20.0, folder, True)
    callee = package / "callee.py"
    stamp = callee.stat()
    callee.write_text(CALLEE.format(number=2))
    os.utime(callee, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # no clock is trusted
    edited, other, from_cache = run(package)
    assert (edited, from_cache) == (30.0, False)
    assert other != folder
    callee.write_text(CALLEE.format(number=1))
    os.utime(callee, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert run(package)[:2] == (20.0, folder)


def test_only_what_is_imported_matters(package: Path) -> None:
    _, folder, _ = run(package)
    (package / "other.py").write_text(CALLEE.format(number=3))
    assert run(package)[1:] == (folder, True)


def test_checkouts_of_the_same_code_share_kernels(package: Path) -> None:
    _, folder, _ = run(package)
    (package.parent / "elsewhere").mkdir()
    moved = shutil.copytree(package, package.parent / "elsewhere" / "tiny")
    for file in moved.rglob("*.py"):
        os.utime(file, (1.0, 1.0))
    (moved.parent / "cache").symlink_to(package.parent / "cache")
    assert run(moved) == (20.0, folder, True)


def test_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRIVESTACK_CACHE", str(tmp_path))
    assert compiled.user_cache() == tmp_path
    monkeypatch.delenv("DRIVESTACK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiled.user_cache() == tmp_path / "drivestack"


def test_arithmetic_is_strict() -> None:
    @compiled.kernel
    def divide(a: float, b: float) -> float:
        return a / b

    assert divide(1.0, 0.0) == float("inf")
    assert os.environ["NUMBA_DISABLE_INTEL_SVML"] == "1"
