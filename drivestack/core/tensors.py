"""Tensors in files: the safetensors format, read and written without running anything in it.

Eight bytes of length, a JSON object (name: dtype, shape, data_offsets; `__metadata__`: strings),
the bytes. Source: huggingface/safetensors, its README. Only float32 is needed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

_LENGTH = 8
_MOST_HEADER, _MOST_FILE = 10**7, 10**9
"""Bytes; the format's own bound of 100 MB is more than any network here needs."""

Tensors = dict[str, NDArray[np.float32]]


def tensor_bytes(tensors: Mapping[str, NDArray], about: Mapping[str, str]) -> bytes:
    """The contents of a file; the same ones for the same tensors."""
    header: dict[str, Any] = {"__metadata__": dict(about)}
    parts, at = [], 0
    for name, tensor in tensors.items():
        data = np.ascontiguousarray(tensor, "<f4").tobytes()
        offsets = [at, at + len(data)]
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": offsets}
        parts.append(data)
        at += len(data)
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(_LENGTH, "little") + text + b"".join(parts)


def read_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """All tensors of a file, and what its header says about them.

    Raises:
        InputError: one sentence: there is no such file, or it is no whole safetensors file.
    """
    try:
        if path.stat().st_size > _MOST_FILE:
            raise InputError(f"{path}: expected a safetensors file of at most 1 GB")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return _parsed(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: expected a whole safetensors file: {why:.120}") from None


def _parsed(data: bytes) -> tuple[Tensors, dict[str, str]]:
    size = int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or size > min(_MOST_HEADER, len(data) - _LENGTH):
        raise ValueError("its header is not there")
    header = json.loads(data[_LENGTH : _LENGTH + size].decode())
    if not isinstance(header, dict):
        raise ValueError("its header is no object")
    about = header.pop("__metadata__", {})
    if not all(isinstance(word, str) for pair in about.items() for word in pair):
        raise ValueError("its metadata are no strings")
    body = data[_LENGTH + size :]
    tensors, used = {}, 0
    for name, told in header.items():
        tensors[name], end = _tensor(name, told, body)
        used = max(used, end)
    if used != len(body):
        raise ValueError(f"{len(body) - used} bytes belong to nothing")
    return tensors, about


def _tensor(name: str, told: dict[str, Any], body: bytes) -> tuple[NDArray[np.float32], int]:
    """One tensor, and where its bytes end."""
    begin, end = told["data_offsets"]
    shape = told["shape"]
    numbers = [begin, end, *shape]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError(f"'{name}' has no shape and place")
    if told["dtype"] != "F32":
        raise ValueError(f"'{name}' is of type {told['dtype']}, not F32")
    count = 1
    for number in shape:
        count *= number
    if end > len(body) or end - begin != 4 * count:
        raise ValueError(f"the bytes of '{name}' are not all there")
    tensor = np.frombuffer(body, "<f4", count, begin).reshape(shape).astype(np.float32)
    if not np.isfinite(tensor).all():
        raise ValueError(f"'{name}' is not finite")
    tensor.setflags(write=False)
    return tensor, end
