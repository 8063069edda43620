"""Tensors in files: the format of safetensors, and nothing else is taken for it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.errors import InputError
from drivestack.core.tensors import read_tensors, tensor_bytes

TENSORS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros((0,), np.float32)}


def _read(folder: Path, data: bytes) -> object:
    file = folder / "x.safetensors"
    file.write_bytes(data)
    return read_tensors(file)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    tensors, about = _read(tmp_path, tensor_bytes(TENSORS, {"kind": "ß"}))  # pyright: ignore
    assert about == {"kind": "ß"}
    for name, tensor in TENSORS.items():
        assert np.array_equal(tensors[name], tensor)
        assert tensors[name].dtype == np.float32
        assert not tensors[name].flags.writeable


def test_the_bytes_are_those_of_the_format() -> None:
    data = tensor_bytes({"a": np.array([1.0], np.float32)}, {})
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    assert size % 8 == 0
    assert header["a"] == {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    assert data[8 + size :] == b"\0\0\x80?"


def test_every_shorter_file_is_refused(tmp_path: Path) -> None:
    data = tensor_bytes(TENSORS, {})
    for length in range(len(data)):
        with pytest.raises(InputError, match=r"x\.safetensors: expected a whole safetensors file"):
            _read(tmp_path, data[:length])
    with pytest.raises(InputError, match="1 bytes belong to nothing"):
        _read(tmp_path, data + b"\0")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('a file was run')",)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a whole safetensors file"):
        _read(tmp_path, pickle.dumps(Trap()))


def test_an_absent_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent: cannot be read: No such file"):
        read_tensors(tmp_path / "absent")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_tensors(tmp_path)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F64", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]},
        {"shape": [1]},
        [],
        None,
    ],
)
def test_other_headers_are_refused(tmp_path: Path, entry: object) -> None:
    text = json.dumps({"a": entry}).encode()
    with pytest.raises(InputError, match="expected a whole safetensors file"):
        _read(tmp_path, len(text).to_bytes(8, "little") + text + b"\0\0\x80?")


def test_what_is_not_finite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'a' is not finite"):
        _read(tmp_path, tensor_bytes({"a": np.array([np.nan], np.float32)}, {}))


@given(data=st.data())
def test_whatever_is_changed_is_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = bytearray(tensor_bytes(TENSORS, {"kind": "x"}))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("changed")
    try:
        tensors, _ = _read(folder, bytes(whole))  # pyright: ignore
    except InputError:
        return
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
