"""Lane keeping: two seconds off the middle, intersections skipped, lane changes excused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.start import Start
from drivestack.core.types import Bools, Floats, Ints
from drivestack.metrics.judge import measured
from drivestack.metrics.lane_keeping import Spell, spells
from tests.metrics.drives import driven, straight_ego
from tests.scenes import starts_of, two_lanes, write_road


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def found(
    lateral: Floats,
    lane: Ints | None = None,
    road: Ints | None = None,
    crossing: Bools | None = None,
) -> list[Spell]:
    none = np.zeros(len(lateral), np.int32)
    return list(
        spells(
            lateral,
            none if lane is None else lane,
            none if road is None else road,
            np.zeros(len(lateral), np.bool_) if crossing is None else crossing,
        )
    )


def off(frames: int, metres: float = 0.6) -> Floats:
    """A series that is off the middle for so many frames."""
    return np.concatenate([np.zeros(5), np.full(frames, metres), np.zeros(5)])


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_spells_are_frames_in_a_row(side: float) -> None:
    (spell,) = found(side * off(21))
    assert (spell.last, spell.frames, spell.changed) == (25, 21, False)
    assert spell.seconds == pytest.approx(2.0)
    assert found(off(21, 0.5)) == []
    assert [s.frames for s in found(np.concatenate([off(3), off(4)]))] == [3, 4]
    assert found(np.zeros(0)) == []


def test_intersections_do_not_count_and_do_not_reset() -> None:
    lateral, crossing = off(30), np.zeros(40, np.bool_)
    crossing[10:20] = True
    (spell,) = found(lateral, crossing=crossing)
    assert (spell.frames, spell.last) == (20, 34)
    # on the middle within an intersection is no way back to it either
    lateral[12:18] = 0.0
    assert [s.frames for s in found(lateral, crossing=crossing)] == [20]
    assert found(lateral, crossing=np.ones(40, np.bool_)) == []


def test_a_lane_change_leads_into_another_lane_of_the_same_road() -> None:
    lateral, lane = off(30), np.zeros(40, np.int32)
    lane[20:] = 1
    (change,) = found(lateral, lane=lane)
    assert change.changed
    assert change.excused
    (on,) = found(lateral, lane=lane, road=lane)  # the road goes on in another one
    assert not on.excused
    there_and_back = np.zeros(40, np.int32)
    there_and_back[15:25] = 1
    assert found(lateral, lane=there_and_back)[0].excused
    long = np.zeros(81, np.int32)
    long[40:] = 1
    assert not found(off(71), lane=long)[0].excused


@pytest.mark.parametrize(
    ("y", "seconds", "kept"),
    [(0.49, 4.0, 1.0), (0.51, 4.0, 0.0), (-0.51, 4.0, 0.0), (0.51, 1.9, 1.0), (0.51, 2.0, 0.0)],
)
def test_beside_the_middle(start: Start, y: float, seconds: float, kept: float) -> None:
    values = measured(driven(start, two_lanes(), straight_ego(10.0, seconds=seconds, y=y)))
    assert (values["lane_keeping"], values["lane_change_s"]) == (kept, 0.0)


@pytest.mark.parametrize(("seconds", "kept"), [(5.0, 1.0), (12.0, 0.0)])
def test_changing_the_lane_and_straddling(start: Start, seconds: float, kept: float) -> None:
    """From one middle to the next one; who takes too long for it straddles."""
    ego = straight_ego(10.0, seconds=seconds)
    ego[:, 1] = np.linspace(0.0, 4.0, len(ego))
    values = measured(driven(start, two_lanes(), ego))
    assert values["lane_keeping"] == kept
    assert (values["lane_change_s"] or 0.0) == pytest.approx(
        0.75 * seconds if kept else 0.0, abs=0.2
    )
