"""Rows of batched records, taken and put back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivestack.core.rows import join_rows, layout, put_rows, take_rows
from tests.scenes import observation, two_lanes


def test_rows_repeat_for_a_fork() -> None:
    seen = observation([two_lanes()], [(0, 0, 0, 1), (5, 4, 0, 2)])
    forked = take_rows(seen, np.array([0, 0, 1, 1]))
    assert forked.ego.state[:, 3].tolist() == [1, 1, 2, 2]
    assert forked.maps is seen.maps


def test_put_changes_only_its_rows() -> None:
    seen = observation([two_lanes()], [(0, 0, 0, 1), (5, 4, 0, 2), (9, 4, 0, 3)])
    part = take_rows(seen, np.array([2]))
    changed = put_rows(seen, np.array([0]), part)
    assert changed.ego.state[:, 3].tolist() == [3, 2, 3]
    assert seen.ego.state[:, 3].tolist() == [1, 2, 3]
    assert not changed.ego.state.flags.writeable


def test_records_of_equal_layout_are_joined() -> None:
    one = observation([two_lanes()], [(0, 0, 0, 1), (5, 4, 0, 2)])
    other = replace(observation([two_lanes()], [(9, 4, 0, 3)]), maps=one.maps)
    assert layout(one) == layout(other)
    both = join_rows([one, other])
    assert both.ego.state[:, 3].tolist() == [1, 2, 3]
    crowded = observation([two_lanes()], [(0, 0, 0, 1)], [np.zeros((3, 4))])
    assert layout(crowded) != layout(one)
