"""The least risky recovery, by what it leads to."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.safety.what_if.options import RECOVERIES, TRIED, Path, Speeds
from drivestack.safety.what_if.parameters import Abilities, Beliefs, Judgement
from drivestack.safety.what_if.recover import recover
from drivestack.safety.what_if.tables import Ego, Model, seen_in
from tests.scenes import observation, two_lanes


def chosen(
    egos: list[tuple[float, ...]], others: list[list[tuple[float, ...]]], rows: list[int]
) -> tuple[list[int], Floats]:
    """Which recoveries, and their first controls; -7 and NaN where nothing was written."""
    seen = observation([two_lanes()], egos, [np.array(o).reshape(-1, 4) for o in others])
    own, batch = seen.ego, len(egos)
    ego = Ego(own.state, own.accel, own.steer, own.size, np.zeros((batch, 2)))
    parts = (Beliefs(), Abilities(), Judgement())
    model = Model(RECOVERIES, TRIED, *(parameter_table(part) for part in parts))
    control, number = np.full((batch, 2), np.nan), np.full(batch, -7, np.int64)
    map = seen.maps[0]
    recover(
        np.array(rows), lanes_of(map), links_of(map), ego, seen_in(seen), model, control, number
    )
    return number.tolist(), control


def option(number: int) -> tuple[int, int, int]:
    path, side, speeds = RECOVERIES[number].tolist()
    return path, side, speeds


EGO = (100.0, 0.0, 0.0, 20.0)


def test_alone_it_is_the_first_of_the_policy() -> None:
    numbers, control = chosen([EGO], [[]], [0])
    assert numbers == [0]
    assert option(0) == (Path.LANE, 0, Speeds.STOP)
    assert control[0].tolist() == pytest.approx([-4.0, 0.0])


def test_rows_that_are_not_asked_for_are_not_written() -> None:
    numbers, control = chosen([EGO, EGO, EGO], [[], [(150, 0, 0, 0)], []], [1])
    assert numbers[0] == numbers[2] == -7
    assert np.isnan(control[[0, 2]]).all()
    assert option(numbers[1])[2] == Speeds.BRAKE
    assert control[1, 0] == -8.0


def test_who_stands_so_near_that_nothing_clears_is_braked_for_all_the_same() -> None:
    """Of contacts the slowest is the cheapest."""
    numbers, _ = chosen([EGO], [[(118, 0, 0, 0), (110, 4, 0, 20)]], [0])
    assert option(numbers[0])[2] == Speeds.BRAKE


def test_who_ahead_might_brake_is_braked_for_where_a_gentle_stop_would_not_do() -> None:
    """That is unlikely, but costs nothing here."""
    numbers, _ = chosen([EGO], [[(112, 0, 0, 20)]], [0])
    assert option(numbers[0]) == (Path.LANE, 0, Speeds.BRAKE)


def test_it_clears_forward_or_holds_where_braking_would_be_struck() -> None:
    numbers, control = chosen([EGO], [[(96.0, 2.6, -0.0485, 16.5)]], [0])
    assert option(numbers[0])[2] in (Speeds.HOLD, Speeds.GAIN)
    assert control[0, 0] >= 0.0


def test_from_the_left_lane_it_may_pull_over_to_the_right() -> None:
    """Somebody ahead who is slower than a gentle stop can bear, and nobody to the right."""
    left = (100.0, 4.0, 0.0, 20.0)
    numbers, control = chosen([left], [[(148, 4, 0, 0)]], [0])
    assert option(numbers[0]) in ((Path.RIGHT, 0, Speeds.STOP), (Path.LANE, 0, Speeds.BRAKE))
    assert control[0, 0] in (-4.0, -8.0)
    taken, _ = chosen([left], [[(148, 4, 0, 0), (112, 0, 0, 12)]], [0])
    assert option(taken[0])[0] == Path.LANE


@pytest.mark.parametrize(
    ("ego", "others", "number"),
    [
        ((100.0, 0.0, 0.0, 12.0), [(123.2, 0, 0, 0)], 2),  # met in the last step of a gentle stop
        ((100.0, 4.0, 0.0, 12.0), [(106.5, 4, 0, 0)], 2),  # of what is as dear as can be the first
        ((100.0, 4.0, 0.0, 5.0), [(107.7, 4, 0, 5), (134.1, 4, 0, 0)], 0),  # without more length
        ((100.0, 4.0, 0.0, 30.0), [(106.2, 0, 0, 15), (176.6, 4, 0, 15)], 2),  # and without delay
        ((-6.0, 0.0, 0.0, 5.0), [(12.0, 4, 0, 5)], 0),  # no farther than futures go
        # the least of what differs by less than a thousandth of a collision
        ((100.0, 4.0, 0.0, 5.0), [(130.7, 4, 0, 5), (134.7, 0, 0, 0), (106.6, 4, 0, 2.5)], 2),
    ],
)
def test_what_is_chosen(
    ego: tuple[float, ...], others: list[tuple[float, ...]], number: int
) -> None:
    assert chosen([ego], [others], [0])[0] == [number]
