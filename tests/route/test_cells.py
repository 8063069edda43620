"""Cells: how lanes are cut, what closures do to them, where one may change lanes and how long."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.roads.build import straight
from drivestack.route.cells import Cells, Closed, LaneChange, cells_of
from drivestack.route.tables import MOST, NONE, cell_at
from tests.route.test_lane_router import merge
from tests.scenes import road_map, two_lanes

ROOM = LaneChange()


def stretches(cells: Cells) -> list[tuple[int, float, float, bool]]:
    columns = ("lane", "start", "end", "closed")
    return list(zip(*(cells.stretch[name].tolist() for name in columns), strict=True))


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ((), [(0, 0.0, 600.0, False), (1, 0.0, 600.0, False)]),
        (
            ((1, 100.0, 150.0),),
            [
                (0, 0.0, 600.0, False),
                (1, 0.0, 100.0, False),
                (1, 100.0, 150.0, True),
                (1, 150.0, 600.0, False),
            ],
        ),
        (((0, -5.0, 700.0),), [(0, 0.0, 600.0, True), (1, 0.0, 600.0, False)]),
        (
            ((0, 50.0, 70.0), (0, 60.0, 80.0), (0, 89.5, 95.0), (0, 91.0, 92.0)),
            [
                (0, 0.0, 50.0, False),
                (0, 50.0, 95.0, True),
                (0, 95.0, 600.0, False),
                (1, 0.0, 600.0, False),
            ],
        ),
        (
            ((0, 9.5, 20.0), (0, 580.0, 590.8), (1, 650.0, 700.0), (1, 30.0, 30.0)),
            [
                (0, 0.0, 20.0, True),
                (0, 20.0, 580.0, False),
                (0, 580.0, 600.0, True),
                (1, 0.0, 600.0, False),
            ],
        ),
    ],
    ids=["open", "a part", "a lane", "overlapping, and a crumb between", "ends, beside, empty"],
)
def test_closures_cut_lanes(closed: Closed, expected: list[tuple[int, float, float, bool]]) -> None:
    assert stretches(cells_of(two_lanes(), closed, ROOM)) == expected


def test_cells_are_as_long_as_the_shortest_lane_change() -> None:
    lengths = {39.0: 1, 40.0: 2, 15.0: 1, 110.0: 5}
    for length, number in lengths.items():
        cells = cells_of(two_lanes(length), (), ROOM)
        assert len(cells.cell) == 2 * number
        np.testing.assert_allclose(cells.cell["length"], length / number)


def test_every_place_has_a_cell() -> None:
    cells = cells_of(two_lanes(), ((1, 100.0, 150.0),), ROOM)
    for s in (-3.0, 0.0, 19.9, 99.9, 100.0, 149.0, 150.0, 599.0, 700.0):
        cell = cells.cell[cell_at(cells.stretch, cells.lane_at, 1, s)]
        assert cell["lane"] == 1
        assert cell["start"] <= np.clip(s, 0.0, 599.99) <= cell["start"] + cell["length"]


def test_closed_cells_are_left_and_not_entered() -> None:
    cells = cells_of(two_lanes(), ((1, 100.0, 150.0),), ROOM)
    shut = cells.stretch["closed"][cells.cell["stretch"]]
    assert shut.sum() == 2
    assert not shut[cells.after["cell"]].any()
    beside = cells.cell["beside"]
    assert not shut[beside[beside != NONE]].any()
    assert (beside[shut, 0] != NONE).all(), "a car that stands in it may leave to the left"


def test_one_may_not_change_into_a_forbidden_lane() -> None:
    cells = cells_of(merge(), (), ROOM)
    lane = cells.cell["lane"]
    assert (cells.cell["beside"][lane == 1, 1] == NONE).all()
    assert (cells.cell["adjacent"][lane == 1, 1] != NONE).all()
    assert (cells.cell["beside"][lane == 2, 0] != NONE).all()


def test_a_change_lasts_as_long_as_lanes_go_on_beside_each_other() -> None:
    roads = {
        ("a", "b"): [straight((0, 0), (200, 0)), straight((0, -4), (200, -4))],
        ("b", "c"): [straight((200, -4), (400, -4))],
    }
    cells = cells_of(road_map("narrow", roads), (), ROOM)
    own = cells.cell[cells.cell["lane"] == 1]
    assert own["clear"][:, 0].tolist() == [5, 5, 5, 5, 5, 5, 4, 3, 2, 1]
    assert own["clear"].max() == MOST
    assert (own["clear"][:, 1] == 0).all()


def test_lanes_that_drift_apart_are_not_beside_each_other() -> None:
    roads = {("a", "b"): [straight((0, 0), (200, 0)), straight((0, -4), (200, -24))]}
    beside = cells_of(road_map("fan", roads), (), ROOM).cell["beside"]
    assert (beside[:10, 1] != NONE).tolist() == [True] + 9 * [False]
