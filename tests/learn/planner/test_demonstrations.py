"""Demonstrations: files that are whole, unchanged, and joined by the names of their families."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.learn.planner.demonstrations import Demonstrations, read, read_all, write
from tests.learn.planner.made import made


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    found = made(7)
    write(tmp_path / "a.npz", found)
    again = read(tmp_path / "a.npz")
    assert again.digest() == found.digest()
    assert again.names == ("made",)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]


def test_families_keep_their_names_when_files_are_joined(tmp_path: Path) -> None:
    write(tmp_path / "a.npz", made(3, name="one"))
    write(tmp_path / "b.npz", made(2, name="two"))
    write(tmp_path / "c.npz", made(2, name="one"))
    whole = read_all([tmp_path])
    assert [whole.names[n] for n in whole.family] == ["one"] * 3 + ["two"] * 2 + ["one"] * 2
    assert len(whole.some(np.array([0, 4]))) == 2


def test_none_joins_with_some() -> None:
    assert len(Demonstrations.joined([])) == 0
    whole = Demonstrations.joined([Demonstrations.none(), made(3)])
    assert whole.digest() == made(3).digest()


def test_the_digest_is_of_all_that_is_in_it() -> None:
    found = made(3)
    others = [
        replace(found, names=("other",)),
        replace(found, weight=2 * found.weight),
        replace(found, tokens=replace(found.tokens, ego=found.tokens.ego + np.float32(1))),
    ]
    assert len({found.digest(), *(other.digest() for other in others)}) == 4


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write(path, made(3))
    with np.load(path) as file:
        arrays = dict(file)
    arrays["knots"] = arrays["knots"] + np.float32(0.5)
    np.savez(path, **arrays)
    with pytest.raises(InputError, match="not those it was written with"):
        read(path)


@pytest.mark.parametrize("text", [b"", b"PK\x03\x04nothing", b"text"])
def test_what_is_no_file_of_them_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(text)
    with pytest.raises(InputError, match="no demonstrations of this version"):
        read(path)
    with pytest.raises(InputError, match="no demonstrations of this version"):
        read(tmp_path / "absent.npz")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are no demonstrations"):
        read_all([tmp_path])


def test_lengths_and_names_are_checked() -> None:
    found = made(3)
    with pytest.raises(ValueError, match="2 tokens for 3 knots"):
        replace(found, tokens=made(2).tokens)
    with pytest.raises(ValueError, match="family without a name"):
        replace(found, names=())
