"""When bodies meet: against brute force, and what must hold for any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivestack.core.geometry import boxes_overlap
from drivestack.core.meeting import boxes_meet, gap_closes, growing_discs_meet

speeds, accelerations = st.floats(0.0, 40.0), st.floats(-9.0, 4.0)


def simulated(
    gap: float, v: float, a: float, lead: float, lead_a: float, dt: float = 1e-3
) -> float:
    """Exact steps: who would reverse within a step stops in it."""
    for step in range(int(60.0 / dt)):
        if gap <= 0.0:
            return step * dt
        for_v, for_lead = v + a * dt, lead + lead_a * dt
        mine = v * dt + 0.5 * a * dt * dt if for_v >= 0.0 else v * v / (-2.0 * a)
        his = (
            lead * dt + 0.5 * lead_a * dt * dt if for_lead >= 0.0 else lead * lead / (-2.0 * lead_a)
        )
        gap += his - mine
        v, lead = max(for_v, 0.0), max(for_lead, 0.0)
        if v == 0.0 and a <= 0.0:
            break
    return math.inf


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ((20.0, 10.0, 0.0, 0.0, 0.0), 2.0),
        ((20.0, 10.0, 0.0, 10.0, 0.0), math.inf),
        ((20.0, 10.0, 0.0, 11.0, 0.0), math.inf),
        ((0.0, 10.0, 0.0, 11.0, 0.0), 0.0),
        ((4.0, 10.0, 0.0, 10.0, -2.0), 2.0),  # 4 = t^2
        ((12.5, 10.0, -4.0, 0.0, 0.0), 2.5),  # just touches as it stops
        ((12.6, 10.0, -4.0, 0.0, 0.0), math.inf),
        ((10.0, 10.0, 0.0, 2.0, -4.0), 1.05),  # the lead stands after 0.5 s and 0.5 m
        ((8.0, 0.0, 4.0, 0.0, 0.0), 2.0),
        ((5.0, 0.0, 0.0, 0.0, -3.0), math.inf),  # nobody reverses
        ((24.0, 2.0, 0.0, 4.0, -1.0), 16.0),  # falls back first: 8 + 24 m at 2 m/s
    ],
)
def test_known_answers(case: tuple[float, ...], expected: float) -> None:
    assert gap_closes(*case) == pytest.approx(expected)


@given(st.floats(0.5, 80.0), speeds, accelerations, speeds, accelerations)
def test_agrees_with_simulation(gap: float, v: float, a: float, w: float, b: float) -> None:
    assume(abs(a) > 0.05 and abs(b) > 0.05)
    exact, stepped = gap_closes(gap, v, a, w, b), simulated(gap, v, a, w, b, 0.005)
    if exact < 50.0 and stepped < 50.0:
        assert exact == pytest.approx(stepped, abs=0.02)
    elif (exact < 50.0) != (stepped < 50.0):  # a touch at a standstill may be missed by rounding
        assert math.isfinite(gap_closes(gap * (1 - 1e-6), v, a, w, b)) != math.isfinite(
            gap_closes(gap * (1 + 1e-6), v, a, w, b)
        )


@given(st.floats(0.5, 80.0), speeds, speeds)
def test_finite_if_and_only_if_the_gap_shrinks(gap: float, v: float, w: float) -> None:
    assert math.isfinite(gap_closes(gap, v, 0.0, w, 0.0)) == (v > w)


@given(st.floats(0.5, 80.0), speeds, accelerations, speeds, accelerations, st.floats(0.0, 5.0))
def test_a_lead_that_brakes_more_never_raises_it(
    gap: float, v: float, a: float, w: float, b: float, more: float
) -> None:
    before, after = gap_closes(gap, v, a, w, b), gap_closes(gap, v, a, w, b - more)
    assert after <= before * (1.0 + 1e-9) + 1e-9


@given(st.floats(0.5, 80.0), speeds, accelerations, speeds, accelerations, st.floats(0.1, 10.0))
def test_scaling(gap: float, v: float, a: float, w: float, b: float, scale: float) -> None:
    """All lengths in another unit: the same time."""
    one = gap_closes(gap, v, a, w, b)
    other = gap_closes(gap * scale, v * scale, a * scale, w * scale, b * scale)
    assume(not (math.isinf(one) ^ math.isinf(other)))  # at the edge rounding decides
    assert other == pytest.approx(one, rel=1e-6)


box = st.tuples(st.floats(-40, 40), st.floats(-40, 40), st.floats(-3, 3), st.floats(-20, 20),
                st.floats(-20, 20))  # fmt: skip


@given(box)
def test_boxes_meet_when_they_begin_to_overlap(other: tuple[float, ...]) -> None:
    x, y, yaw, u, w = other
    time = boxes_meet(x, y, yaw, u, w, 2.5, 1.0, 2.0, 0.9)

    def overlap(t: float, grown: float) -> bool:
        return boxes_overlap(0.0, 0.0, 0.0, 5.0 + grown, 2.0 + grown, x + u * t, y + w * t, yaw,
                             4.0 + grown, 1.8 + grown)  # fmt: skip

    assert boxes_meet(x, -y, -yaw, u, -w, 2.5, 1.0, 2.0, 0.9) == pytest.approx(time)
    if math.isfinite(time) and time < 100.0:
        assert overlap(time, 1e-6)
        assert time == 0.0 or not overlap(time * (1 - 1e-6) - 1e-6, -1e-3) or time < 1e-3
    for step in range(40):
        if overlap(0.1 * step, -1e-6):
            assert time <= 0.1 * step + 1e-9
            break


@given(box, st.floats(0.5, 5.0), st.floats(1.0, 25.0))
def test_discs_meet_when_their_distance_is_gone(
    other: tuple[float, ...], reach: float, pull: float
) -> None:
    x, y, _, u, w = other
    time = growing_discs_meet(x * x + y * y, x * u + y * w, u * u + w * w, reach, pull)
    left = math.hypot(x + u * time, y + w * time) - reach - 0.5 * pull * time * time
    assert left <= 1e-6
    if time == 0.0:
        return
    assert abs(left) < 1e-4
    for part in range(1, 10):
        t = time * part / 10.0
        assert math.hypot(x + u * t, y + w * t) - reach - 0.5 * pull * t * t > -1e-6
