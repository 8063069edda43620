"""The array check that every record runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.arrays import check_fields, checked, frozen
from drivestack.core.tables import LANE


def test_letters_tie_axes_of_one_record_together() -> None:
    sizes: dict[str, int] = {}
    checked("a", np.zeros((2, 3)), "B K", sizes)
    assert sizes == {"B": 2, "K": 3}
    with pytest.raises(ValueError, match="b: axis K should be 3"):
        checked("b", np.zeros((2, 4)), "B K", sizes)


@pytest.mark.parametrize(
    ("array", "axes", "error", "message"),
    [
        (np.zeros(3, np.float32), "B", TypeError, "expected an array of float64, got float32"),
        ([0.0], "B", TypeError, "expected an array of float64, got list"),
        (np.zeros((2, 2)), "B", ValueError, "expected axes"),
        (np.zeros((2, 3)), "B 4", ValueError, "axis 4 should be 4"),
        (np.array([0.0, np.nan]), "B", ValueError, "not finite at"),
        (np.array([[0.0, -np.inf]]), "B 2", ValueError, "absence is a mask"),
    ],
)
def test_wrong_arrays_are_refused(
    array: np.ndarray, axes: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        checked("x", array, axes, {})


def test_a_table_from_a_file_has_lost_its_alignment_mark(tmp_path: Path) -> None:
    np.save(tmp_path / "lanes.npy", np.zeros(2, LANE))
    loaded = np.load(tmp_path / "lanes.npy")
    assert loaded.dtype == LANE
    with pytest.raises(TypeError, match=r"lost the mark .*\.view"):
        checked("lanes", loaded, "L", {}, LANE)
    checked("lanes", loaded.view(LANE), "L", {}, LANE)


def test_checked_arrays_are_read_only() -> None:
    array = np.zeros(2)
    checked("x", array, "B", {})
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1.0


def test_fields_are_named_by_their_record() -> None:
    class Pair:
        left = np.zeros(2)
        right = np.zeros(3)

    with pytest.raises(ValueError, match=r"Pair\.right: axis B should be 2"):
        check_fields(Pair(), {"left": ("B", np.float64), "right": ("B", np.float64)})


def test_frozen_is_a_copy() -> None:
    array = np.arange(6.0).reshape(2, 3).T
    copy = frozen(array)
    array[0, 0] = 9.0
    assert copy[0, 0] == 0.0
    assert copy.flags.c_contiguous
    assert not copy.flags.writeable


@pytest.mark.parametrize(
    ("right", "message"),
    [
        (np.array([1.0, np.nan]), r"Pair\.right: not finite at \(1,\)"),
        (np.zeros(3), r"Pair\.right: axis B should be 2"),
        (np.zeros((2, 1)), r"Pair\.right: expected axes"),
        (np.zeros(2, np.float32), r"Pair\.right: expected an array of float64, got float32"),
        ([0.0, 0.0], r"Pair\.right: expected an array of float64, got list"),
    ],
)
def test_what_fitted_once_is_no_excuse(right: object, message: str) -> None:
    class Pair:
        def __init__(self, right: object) -> None:
            self.left, self.right = np.zeros(2), right

    layout = {"left": ("B", np.float64), "right": ("B", np.float64)}
    for _ in range(2):
        assert check_fields(Pair(np.zeros(2)), layout) == {"B": 2}
        with pytest.raises((TypeError, ValueError), match=message):
            check_fields(Pair(right), layout)
