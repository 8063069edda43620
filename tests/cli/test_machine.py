"""What the machine lacks: one sentence, status 3, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenes import write_road

ROOT = Path(__file__).resolve().parents[2]
FULL = Path("/dev/full")


def failed(words: list[str], folder: Path, stdout: Path | None = None, **env: str) -> str:
    """The sentence of a run that ends for want of something."""
    with (stdout or Path(os.devnull)).open("w") as sink:
        done = subprocess.run(
            [sys.executable, "-m", "drivestack", *words],
            cwd=folder,
            env=dict(os.environ) | {"PYTHONPATH": str(ROOT)} | env,
            stdout=sink,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("drivestack: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output(tmp_path: Path) -> None:
    write_road(tmp_path, limit=0.5)
    for words in ([], ["--json"]):
        out = f"run{len(words)}"
        sentence = failed(["run", "road.yaml", *words, "--out", out], tmp_path, FULL)
        assert "cannot write the result: No space left on device" in sentence
        assert (tmp_path / out / "manifest.json").exists(), "the log is whole"


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    """numba would keep its kernels beside the sources, by a rule that can be stale."""
    write_road(tmp_path, limit=0.5)
    (tmp_path / "file").write_text("")
    cache = str(tmp_path / "file" / "cache")
    sentence = failed(["run", "road.yaml", "--out", "run"], tmp_path, DRIVESTACK_CACHE=cache)
    assert "set DRIVESTACK_CACHE to a folder that can be written" in sentence
    assert not (tmp_path / "run").exists()
