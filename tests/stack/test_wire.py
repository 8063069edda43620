"""Records as bytes: what comes back is what was sent, and nothing else is taken for a record."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.types import Ints, Observation
from drivestack.stack.messages import NewMap
from drivestack.stack.wire import WireError, packed, unpacked
from tests.contracts.situations import assert_same
from tests.scenes import bend, observation, two_lanes


@dataclass(frozen=True)
class Small:
    number: int
    names: tuple[str, ...]
    counts: Ints


SMALL = Small(7, ("a", "ß"), np.array([[1, -2]], np.int32))


def seen() -> Observation:
    made = observation([bend()], [(60.0, 0.3, 0.0, 10.0)] * 2, [np.array([[70.0, 0, 0, 1]])], 3)
    return replace(made, maps=())


def test_a_record_comes_back() -> None:
    assert_same(unpacked(Observation, packed(seen())), seen())
    back = unpacked(Small, packed(SMALL))
    assert (back.number, back.names) == (7, ("a", "ß"))
    assert back.counts.dtype == np.int32
    assert back.counts.tolist() == [[1, -2]]


@pytest.mark.parametrize("make", [bend, two_lanes])
def test_a_map_comes_back_with_the_fields_of_its_tables(make: type) -> None:
    map = make()
    assert_same(unpacked(NewMap, packed(NewMap(map))).map, map)


def test_arrays_are_contiguous_whatever_they_were() -> None:
    turned = replace(SMALL, counts=np.arange(6, dtype=np.int32).reshape(2, 3).T)
    back = unpacked(Small, packed(turned)).counts
    assert back.flags.c_contiguous
    assert back.flags.aligned
    assert np.array_equal(back, turned.counts)


def test_every_shorter_text_is_refused() -> None:
    data = packed(SMALL)
    for length in range(len(data)):
        with pytest.raises(WireError, match="no Small"):
            unpacked(Small, data[:length])
    with pytest.raises(WireError, match="1 bytes too many"):
        unpacked(Small, data + b"\0")


@given(st.data())
def test_whatever_is_changed_is_a_record_or_refused(data: st.DataObject) -> None:
    whole = bytearray(packed(seen()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    try:
        found = unpacked(Observation, bytes(whole))
    except WireError:
        return
    assert np.isfinite(found.ego.state).all()


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(WireError):
        unpacked(Small, noise)


@pytest.mark.parametrize(
    "text",
    [
        b"[7, [], ['<i4', 1, 1]]",
        b'[7, [], ["|O", 1]]',
        b'[7, [], ["<i4", -1]]',
        b'[7, [], ["<i4", 1e9]]',
        b'[7, [], ["<i4", 99999999999999999999]]',
        b'["7", [], ["<i4", 0]]',
        b'[7, "ab", ["<i4", 0]]',
        b'[7, [3], ["<i4", 0]]',
        b"[7, []]",
        b'{"number": 7}',
        b"[" * 100_000,
    ],
)
def test_other_texts_are_refused(text: bytes) -> None:
    with pytest.raises(WireError, match="no Small"):
        unpacked(Small, len(text).to_bytes(4, "little") + text)


def test_a_truth_value_is_nothing_between() -> None:
    data = packed(seen())
    with pytest.raises(WireError, match="truth value"):
        unpacked(Observation, data[:-1] + b"\2")
