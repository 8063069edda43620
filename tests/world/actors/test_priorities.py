"""Events of one maneuver: what overrides, what is skipped, what runs beside others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.types import Scene
from tests.world.actors.playing import HZ, fired, played, scripted, started, tracks

SLOW = {"name": "slow", "when": {"time": 1.0}, "maneuver": "m",
        "do": {"speed": {"to": 0.0, "time": 10.0}}}  # fmt: skip


def scenes_of(folder: Path, *events: dict) -> list[Scene]:
    return played(started(folder, scripted("a", *events, speed=10.0)), 13)


def test_override_stops_whatever_else_runs(tmp_path: Path) -> None:
    """A move aside overrides a slow-down: the speed that was reached, 8 m/s, is kept."""
    aside = {"when": {"time": 3.0}, "maneuver": "m", "priority": "override",
             "do": {"offset": {"to": 1.0, "time": 2.0}}}  # fmt: skip
    scenes = scenes_of(tmp_path, SLOW, aside)
    states = tracks(scenes)
    t = np.arange(len(states)) / HZ
    along = np.diff(states[:, 0]) * HZ
    np.testing.assert_allclose(along[60:], 8.0, atol=1e-9)
    assert states[-1, 1] == pytest.approx(6.25)
    assert int(scenes[-1].cue_ended[0, 0]) == 60
    assert states[:60, 3] == pytest.approx(np.minimum(10.0, 11.0 - t[:60]))


def test_override_stops_a_trajectory_and_goes_straight_on(tmp_path: Path) -> None:
    points = [[100, 5.25], [120, 5.25], [120, 40]]
    line = {"maneuver": "m", "do": {"follow": {"points": points, "headings": [0.0, 0.0, 1.5]}}}
    new = {"when": {"time": 1.0}, "maneuver": "m", "priority": "override",
           "do": {"speed": {"to": 12.0, "shape": "step"}}}  # fmt: skip
    states = tracks(scenes_of(tmp_path, line, new))
    np.testing.assert_allclose(states[:, 1], 5.25, atol=1e-9)
    assert states[-1, 0] == pytest.approx(110.0 + 12.0 * 12.0)


def test_other_maneuvers_are_left_alone(tmp_path: Path) -> None:
    aside = {"when": {"time": 3.0}, "maneuver": "other", "priority": "override",
             "do": {"offset": {"to": 1.0, "time": 2.0}}}  # fmt: skip
    assert tracks(scenes_of(tmp_path, SLOW, aside))[-1, 3] == 0.0


def test_parts_of_one_event_leave_each_other_alone(tmp_path: Path) -> None:
    both = {"when": {"time": 3.0}, "maneuver": "m", "part_of": "e", "priority": "override"}
    faster = both | {"do": {"speed": {"to": 12.0, "time": 2.0}}}
    aside = both | {"do": {"offset": {"to": 1.0, "time": 2.0}}}
    states = tracks(scenes_of(tmp_path, SLOW, faster, aside))
    assert (states[-1, 1], states[-1, 3]) == pytest.approx((6.25, 12.0))


def test_skip_waits_while_another_runs_and_starts_then(tmp_path: Path) -> None:
    faster = {"when": {"time": 3.0}, "maneuver": "m", "priority": "skip",
              "do": {"speed": {"to": 20.0, "time": 1.0}}}  # fmt: skip
    scenes = scenes_of(tmp_path, SLOW, faster)
    assert tracks(scenes)[11 * HZ, 3] == pytest.approx(0.0, abs=1e-9)
    assert fired(scenes, 1) == 11 * HZ


def test_a_skipped_edge_is_gone(tmp_path: Path) -> None:
    faster = {"when": {"time": 3.0, "edge": "rising"}, "maneuver": "m", "priority": "skip",
              "do": {"speed": {"to": 20.0, "time": 1.0}}}  # fmt: skip
    assert fired(scenes_of(tmp_path, SLOW, faster), 1) is None


def test_parallel_takes_over_only_what_it_does_itself(tmp_path: Path) -> None:
    aside = {"when": {"time": 3.0}, "maneuver": "m", "do": {"offset": {"to": 1.0, "time": 2.0}}}
    states = tracks(scenes_of(tmp_path, SLOW, aside))
    assert (states[-1, 1], states[-1, 3]) == pytest.approx((6.25, 0.0))


def test_a_priority_needs_others(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs maneuver"):
        started(tmp_path, scripted("a", {"priority": "skip", "do": {"vanish": True}}))
