"""What decided a measure: the tick, the road user, the value and the bound, for known drives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.episode import Outcome, Reason, ReferenceRun
from drivestack.core.start import Start
from drivestack.core.types import Floats
from drivestack.metrics.compose import composed, explained
from drivestack.metrics.judge import judged
from tests.metrics.drives import driven, straight_ego
from tests.scenes import starts_of, two_lanes, write_road


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def reasons(
    start: Start, ego: Floats, others: Floats | None = None, contact: int | None = None
) -> dict[str, Reason]:
    episode = driven(start, two_lanes(), ego, others, contact=contact)
    return {reason.measure: reason for reason in judged(episode, ReferenceRun("somebody", 100.0))}


def others_at(ego: Floats, *places: tuple[float, float, float]) -> Floats:
    """Others (T, N, 4) that keep x, y [m] and drive with v [m/s] from there."""
    t = np.arange(len(ego)) * 0.1
    rows = [np.stack([x + v * t, np.full_like(t, y), 0 * t, np.full_like(t, v)], -1)
            for x, y, v in places]  # fmt: skip
    return np.stack(rows, axis=1)


def test_a_contact_names_whom_and_when(start: Start) -> None:
    """The second of two, 20 m ahead, stands; 15 m to it take 1.5 s."""
    ego = straight_ego(10.0)
    found = reasons(start, ego, others_at(ego, (130.0, 4.0, 0.0), (120.0, 0.0, 0.0)), contact=15)
    for name in ("at_fault", "no_at_fault_collision", "no_at_fault_collision_navsim"):
        assert (found[name].tick, found[name].object) == (15, 1)
        assert found[name].measured == pytest.approx(5.0)
    text = "touched car 1 at 1.50 s, delta-v 5.0 m/s, at fault: it stood"
    assert found["no_at_fault_collision"].sentence == text
    assert (found["ttc_within_bound"].object, found["ttc_within_bound"].bound) == (1, 0.95)
    assert found["min_distance_m"].object == 1


def test_time_to_collision_names_the_first_tick_below_the_bound(start: Start) -> None:
    ego = straight_ego(10.0)
    found = reasons(start, ego, others_at(ego, (149.95, 0.0, 1e-4)))["ttc_within_bound"]
    # 44.95 m and 10 m/s: 0.9 s are left after 3.6 s
    assert (found.value, found.tick, found.object) == (0.0, 36, 0)
    assert found.measured == pytest.approx(0.9)
    assert found.sentence.startswith("time to collision 0.9 s at 3.60 s with car 0")


def test_projected_contact(start: Start) -> None:
    ego = straight_ego(10.0)
    found = reasons(start, ego, others_at(ego, (120.0, 0.0, 0.0)), contact=15)["ttc_projected"]
    assert (found.value, found.object, found.tick) == (0.0, 0, 6)
    assert "moved on at its speed for 0.9 s" in found.sentence


def test_the_first_corner_off_the_road(start: Start) -> None:
    ego = straight_ego(10.0)
    ego[:, 1] = np.linspace(0.0, -4.0, len(ego))
    found = reasons(start, ego)
    slack, strict = found["drivable_area"], found["drivable_area_strict"]
    assert (slack.tick, slack.measured, slack.bound) == (13, pytest.approx(0.3), 0.3)
    assert (strict.tick, strict.measured, strict.bound) == (11, pytest.approx(0.1), 0.0)
    assert slack.sentence == (
        "a corner was 0.30 m off the road at 1.30 s, 3.00 m at most; allowed: less than 0.3 m"
    )
    assert strict.sentence.endswith("allowed: none")


def test_metres_against_the_lane(start: Start) -> None:
    ego = straight_ego(-3.0)
    found = reasons(start, ego)["driving_direction"]
    assert (found.value, found.bound, found.tick) == (0.5, 2.0, 7)
    assert found.measured == pytest.approx(2.1)
    text = "2.10 m against its lane in the second that ended at 0.70 s, 3.30 m at most; "
    assert found.sentence.startswith(text)


def test_the_fastest_tick(start: Start) -> None:
    ego = straight_ego(21.0)
    ego[17, 3] = 29.5
    found = reasons(start, ego)["speed_limit"]
    assert (found.tick, found.bound) == (17, 2.23)
    assert found.measured == pytest.approx((40 * 1.0 + 9.5) / 40)
    assert "at 1.70 s: 29.5 where 20.0 m/s are allowed" in found.sentence


def test_the_first_signal_beyond_its_bound(start: Start) -> None:
    ego = straight_ego(10.0)
    ego[20:, 2] = 0.3 * np.minimum(np.arange(21), 10)
    found = reasons(start, ego)["comfort"]
    assert found.value == 0.0
    assert found.bound in (4.89, 8.37, 0.95, 1.93)
    assert found.tick is not None
    assert 14 <= found.tick <= 22
    assert "; later also " in found.sentence
    calm = reasons(start, straight_ego(10.0))["comfort"]
    assert calm.sentence.startswith("nearest to a bound: ")


def test_braking_is_measured_with_its_sign(start: Start) -> None:
    episode = driven(start, two_lanes(), straight_ego(10.0), accel=-4.2)
    (found,) = (reason for reason in judged(episode) if reason.measure == "comfort")
    assert (found.measured, found.bound) == (pytest.approx(-4.2), -4.05)
    assert found.sentence == "longitudinal acceleration -4.20 m/s2 at 0.00 s; bound -4.05"


def test_progress_names_the_reference(start: Start) -> None:
    found = reasons(start, straight_ego(10.0))["ego_progress"]
    assert (found.value, found.measured, found.bound) == (
        pytest.approx(0.4), pytest.approx(40.0), 100.0,
    )  # fmt: skip
    assert found.sentence == "40.0 m along the route, somebody 100.0 m"


def test_composed_scores_name_what_is_below_one_and_what_is_absent() -> None:
    values = {"no_at_fault_collision_navsim": 1.0, "drivable_area_strict": 0.0, "comfort": 1.0,
              "ttc_projected": 1.0, "ego_progress_pdms": None}  # fmt: skip
    scores = {"pdms@1": composed(Outcome.GOAL, {**values, **_others()})["pdms@1"]}
    (reason,) = explained(Outcome.GOAL, scores, values)
    assert (reason.measure, reason.value) == ("pdms_1", 0.0)
    assert reason.sentence == "below 1: drivable_area_strict 0; absent: ego_progress_pdms"
    (failed,) = explained(Outcome.FAILED, scores, values)
    assert failed.sentence == "the episode failed"


def _others() -> dict[str, float]:
    """What the other compositions need."""
    return {"speed_limit": 1.0, "lane_keeping": 1.0}
