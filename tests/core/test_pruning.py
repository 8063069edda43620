"""Caches that stay below a size, and processes that use them while they are pruned."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drivestack.core.pruning import mark_used, prune

DAY = 86_400.0


def entry(root: Path, name: str, size: int, days: float) -> Path:
    """A folder as numba's, of so many bytes in two files, last used so many days ago."""
    folder = root / name
    (folder / "module").mkdir(parents=True)
    for number in range(2):
        (folder / "module" / f"{number}.nbc").write_bytes(b"x" * (size // 2))
    at = time.time() - days * DAY
    os.utime(folder, (at, at))
    return folder


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    old, new, middle = (entry(tmp_path, n, 100, d) for n, d in (("a", 9), ("b", 7), ("c", 8)))
    prune(tmp_path.glob("*"), 250)
    assert [size_of(folder) for folder in (old, middle, new)] == [0, 100, 100]
    assert mark_used(middle)
    prune(tmp_path.glob("*"), 100)
    assert [size_of(folder) for folder in (old, middle, new)] == [0, 100, 0]


def test_what_was_used_within_a_day_stays_however_much_it_is(tmp_path: Path) -> None:
    today, before = entry(tmp_path, "a", 100, 0.9), entry(tmp_path, "b", 100, 1.1)
    prune(tmp_path.glob("*"), 0)
    assert [size_of(today), size_of(before)] == [100, 0]


def test_below_the_size_nothing_goes(tmp_path: Path) -> None:
    folders = [entry(tmp_path, str(n), 100, 7 + n) for n in range(3)]
    prune(tmp_path.glob("*"), 300)
    assert [size_of(folder) for folder in folders] == [100, 100, 100]


def test_entries_may_be_files(tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"{number}.npz"
        path.write_bytes(b"x" * 100)
        os.utime(path, (number, number))
    prune(tmp_path.glob("*"), 200)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.npz", "2.npz"]


def test_folders_go_when_they_have_been_empty_for_long(tmp_path: Path) -> None:
    folder = entry(tmp_path, "a", 100, 9)
    entry(tmp_path, "b", 100, 0)
    prune(tmp_path.glob("*"), 100)
    assert (folder / "module").is_dir(), "somebody may be about to write into it"
    for path in (folder / "module", folder):
        os.utime(path, (0.0, 0.0))
    prune(tmp_path.glob("*"), 99)
    assert not (folder / "module").exists()


def test_what_cannot_be_deleted_or_is_gone_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = entry(tmp_path, "a", 100, 9)

    def refused(path: str) -> None:
        raise PermissionError(13, "read-only", path)

    monkeypatch.setattr(os, "unlink", refused)
    prune([folder, tmp_path / "gone"], 0)
    assert size_of(folder) == 100
    assert not mark_used(tmp_path / "gone")


PROBE = """
import os
from drivestack.core.compiled import kernel, user_cache
from drivestack.core.pruning import prune

@kernel
def double(x):
    return 2 * x

def hits():
    return sum(double.stats.cache_hits.values())

def prune_all():
    for folder in (user_cache() / "kernels").glob("*/*"):
        os.utime(folder, (0, 0))
    prune((user_cache() / "kernels").glob("*/*"), 0)
"""


def test_a_process_goes_on_when_its_kernels_are_pruned(tmp_path: Path) -> None:
    """It has loaded some, compiles another, and that one is kept for the next process."""
    (tmp_path / "probe.py").write_text(PROBE)
    python_path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {
        "DRIVESTACK_CACHE": str(tmp_path / "cache"),
        "PYTHONPATH": python_path,
    }

    def said(calls: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", f"import probe; print({calls})"],
            cwd=Path(__file__).parents[2],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    assert said("probe.double(1.5), probe.prune_all(), probe.double(2)") == ["3.0", "None", "4"]
    assert said("probe.double(2), probe.hits()") == ["4", "1"]
    assert said("probe.double(1.5), probe.hits()") == ["3.0", "0"]
