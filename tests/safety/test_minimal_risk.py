"""The minimal-risk condition: gently to a stop where that is safe, and what is less risky else."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.safety.minimal_risk import LeastRisk
from drivestack.safety.what_if.options import RECOVERIES, Path, Speeds
from tests.scenes import observation, two_lanes

OWN = LeastRisk(0.05)


def control(others: list[tuple[float, float, float, float]], v: float = 20.0) -> list[float]:
    """For a car in lane 1 of two, at x = 100."""
    return OWN.control(observation([two_lanes()], [(100, 0, 0, v)], [others]))[0].tolist()


def test_alone_it_stops_gently_in_its_lane() -> None:
    assert control([]) == pytest.approx([-4.0, 0.0])
    assert control([(100, 4, 0, 20), (40, 0, 0, 25)]) == pytest.approx([-4.0, 0.0])


def test_it_never_reverses() -> None:
    assert control([], v=0.0) == [0.0, 0.0]
    assert control([], v=0.1)[0] == pytest.approx(-2.0)
    assert control([], v=-0.01)[0] == 0.0, "nor is it its business to end that"


def test_it_brakes_as_hard_as_it_must() -> None:
    assert control([(150, 0, 0, 0)]) == pytest.approx([-8.0, 0.0])
    assert control([(145, 0, 0, 5)])[0] == pytest.approx(-8.0)


def test_it_does_not_brake_into_who_cuts_in_behind_its_middle() -> None:
    """Beside it, drifting in: a slower ego would be struck, a faster one is past him."""
    accel, _ = control([(96.0, 2.6, -0.0485, 16.5)])
    assert accel >= 0.0, "it holds its speed, or clears forward"


def test_every_recovery_is_another_one_and_none_needs_a_plan() -> None:
    rows = {tuple(row) for row in RECOVERIES.tolist()}
    assert len(rows) == len(RECOVERIES)
    assert not any(row[0] == Path.PLAN or row[2] == Speeds.PLANNED for row in rows)


def test_rows_do_not_depend_on_their_batch() -> None:
    egos = [(100, 0, 0, 20), (100, 0, 0, 20), (100, 0, 0, 5)]
    tracks = [[(150, 0, 0, 0)], [], [(103, 4, 0, 5)]]
    together = OWN.control(observation([two_lanes()], egos, tracks))
    alone = [
        OWN.control(observation([two_lanes()], [ego], [track]))[0]
        for ego, track in zip(egos, tracks, strict=True)
    ]
    assert np.array_equal(together, np.array(alone))
