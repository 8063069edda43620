"""Blocks of a page back to arrays, as `page/decode.js` does it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import numpy as np


def unpacked(text: str) -> dict[str, Any]:
    """Facts and arrays of a block; whole numbers in their unit."""
    raw = gzip.decompress(base64.b64decode(text))
    size = int.from_bytes(raw[:4], "little")
    header, data = json.loads(raw[4 : 4 + size]), raw[4 + size :]
    found = dict(header)
    for name, layout in header["arrays"].items():
        dtype = np.dtype(f"<{layout['type']}")
        count = int(np.prod(layout["shape"]))
        planes = np.frombuffer(data, np.uint8, count * dtype.itemsize, layout["at"])
        joined = np.ascontiguousarray(planes.reshape(dtype.itemsize, count).T)
        values = joined.view(dtype).reshape(layout["shape"])
        for _ in range(layout["order"]):
            values = np.cumsum(values, axis=-1, dtype=dtype)
        found[name] = values * layout["step"] if dtype.kind != "f" else values
    return found


def blocks_of(page: str) -> dict[str, str]:
    """Every block of a page by name."""
    return dict(re.findall(r'octet-stream" id="([\w-]+)">([^<]*)<', page))


def data_of(page: str) -> Any:
    """The data of the pages."""
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    return json.loads(text)
