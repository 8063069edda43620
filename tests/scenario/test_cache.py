"""First states on disk: damaged, foreign and unwritable files are no error; maps are shared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.start import Start
from drivestack.scenario.cache import cached_start, packed, unpacked
from drivestack.scenario.sources.highway_env import load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRIVESTACK_CACHE", str(tmp_path))
    return tmp_path / "starts"


@pytest.fixture
def start(folder: Path) -> Start:
    return load("lane-keeping-v0", 0)


def test_round_trip_is_exact(start: Start) -> None:
    first = packed(start)
    again = packed(unpacked(first))
    assert all(first[name].tobytes() == again[name].tobytes() for name in first)
    assert unpacked(first).map is start.map
    assert unpacked(first).bodies.dtype.isalignedstruct


def test_damaged_files_are_made_anew(start: Start, folder: Path) -> None:
    made = []

    def build() -> Start:
        made.append(1)
        return start

    cached_start(Path(__file__), {"which": "damaged"}, build)
    (path,) = (p for p in folder.iterdir() if b"damaged" in p.read_bytes().replace(b"\0", b""))
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    damages = [b"", good[:100], good[: len(good) // 2], b"PK\x03\x04" + bytes(200)]
    places = rng.integers(0, len(good), 60)
    damages += [good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :] for at in places]
    for damage in damages:
        path.write_bytes(damage)
        found = cached_start(Path(__file__), {"which": "damaged"}, build)
        assert (found.bodies == start.bodies).all()
        assert found.map is start.map
        path.write_bytes(good)
    assert len(made) >= 4


def test_keys_and_sources_are_kept_apart(start: Start, tmp_path: Path) -> None:
    made = []

    def build() -> Start:
        made.append(1)
        return start

    source = tmp_path / "source.py"
    source.write_text("x = 1\n")
    for key in ({"a": 1}, {"a": 1}, {"a": 2}):
        cached_start(source, key, build)
    assert len(made) == 2
    edited = tmp_path / "edited.py"
    edited.write_text("x = 2\n")
    cached_start(edited, {"a": 1}, build)
    assert len(made) == 3


def test_an_unwritable_cache_is_no_error(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("DRIVESTACK_CACHE", str(blocked))
    assert (load("lane-keeping-v0", 0).bodies == start.bodies).all()


def test_equal_maps_are_one_object(folder: Path) -> None:
    assert load("merge-v1", 0).map is load("merge-v1", 1).map
    assert load("merge-v1", 0).map is not load("merge-v0", 0).map


def test_files_hold_no_pickle(start: Start, folder: Path) -> None:
    (path,) = folder.iterdir()
    with np.load(path, allow_pickle=False) as arrays:
        assert sorted(arrays) == ["key", "start", "tables"]
        assert all(arrays[name].dtype.kind != "O" for name in arrays)
