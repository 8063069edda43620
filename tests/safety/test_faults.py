"""Faults have numbers without gaps, names, and what is done about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.safety.faults import ASKING_TO_STOP, NAMES, Fault, no_faults
from drivestack.safety.reasons import GUARDING


def test_numbers_are_places_in_the_order_of_the_names() -> None:
    assert [fault.value for fault in Fault] == list(range(26))
    assert tuple(Fault(place).name.lower() for place in range(len(NAMES))) == NAMES
    assert Fault.CONTROL_MISSING == 0
    assert Fault.PLANNER_STARTING == 25
    assert set(NAMES) <= set(GUARDING)


def test_what_the_command_or_the_ego_needs_asks_to_stop() -> None:
    """A plan that is missing or late does not: the last one is driven until it is too old."""
    names = {fault.name for fault in ASKING_TO_STOP}
    assert names == {
        "CONTROL_MISSING", "OBSERVATION_MISSING", "EGO_NOT_FINITE", "EGO_OUT_OF_RANGE",
        "TRACKS_NOT_FINITE", "TRACKS_OUT_OF_RANGE", "FRAME_OF_THE_FUTURE", "FRAME_FROZEN",
        "CLOCK_RUNS_BACKWARDS", "CONTROLLER_FAILED",
    }  # fmt: skip


def test_faults_by_name() -> None:
    none = no_faults(2, 0.1, 30.0, (4.0, 1.8))
    assert none.by_name(0) == none.by_name(1) == {}
    counts = none.counts.copy()
    counts[1, [Fault.PLAN_MISSING, Fault.PLANNER_LATE]] = 3, 1
    found = replace(none, counts=counts)
    assert found.by_name(0) == {}
    assert found.by_name(1) == {"plan_missing": 3, "planner_late": 1}
    assert none.last["dt"].tolist() == [0.1, 0.1]
    assert none.ego.size.tolist() == [[4.0, 1.8]] * 2
    assert none.ego.state.tolist() == [[0.0, 0.0, 0.0, 30.0]] * 2
    assert none.counts.dtype == none.last["tick"].dtype == np.int32


def test_what_is_remembered_is_checked() -> None:
    none = no_faults(2, 0.1, 30.0, (4.0, 1.8))
    with pytest.raises(TypeError, match="counts"):
        replace(none, counts=none.counts.astype(np.float64))
