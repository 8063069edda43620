"""Range, field of view and occlusion against boxes whose shares can be worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivestack.world.sensing.visibility import visible

EGO = np.array([0.0, 0.0, 0.0, 10.0])
THIN = 1e-9
"""Width of a box that is as good as a line [m]."""


def seen(
    boxes: Sequence[Sequence[float]],
    reach: float = math.inf,
    field_of_view: float = math.tau,
    share: float = 0.0,
    ego: Sequence[float] = EGO.tolist(),
) -> list[bool]:
    """Boxes ``x, y, yaw, length, width``."""
    table = np.array(boxes, np.float64).reshape(-1, 5)
    state = np.column_stack([table[:, :3], np.zeros(len(table))])
    present = np.ones(len(table), np.bool_)
    found = visible(np.array(ego), state, table[:, 3:], present, reach, field_of_view, share)
    return found.tolist()


def test_range_is_to_the_nearest_point() -> None:
    car = (50.0, 0.0, 0.0, 5.0, 2.0)
    assert seen([car], reach=47.5) == [True]
    assert seen([car], reach=47.499) == [False]
    turned = (50.0, 0.0, math.pi / 2, 5.0, 2.0)
    assert seen([turned], reach=49.01) == [True]
    assert seen([turned], reach=48.99) == [False]


def test_range_to_a_corner() -> None:
    car = (32.5, 41.0, 0.0, 5.0, 2.0)  # nearest corner at (30, 40)
    assert seen([car], reach=50.001) == [True]
    assert seen([car], reach=49.999) == [False]


def test_field_of_view_turns_with_the_ego() -> None:
    ahead, behind, left = (20, 0, 0, 5, 2), (-20, 0, 0, 5, 2), (0, 20, 0, 5, 2)
    right = (0, -20, 0, 5, 2)
    boxes = [ahead, behind, left, right]
    assert seen(boxes, field_of_view=math.pi / 2) == [True, False, False, False]
    assert seen(boxes, field_of_view=math.pi / 2, ego=(0, 0, math.pi / 2, 0)) == [
        False, False, True, False,
    ]  # fmt: skip
    assert seen(boxes, field_of_view=math.pi / 2, ego=(0, 0, 7 * math.pi, 0)) == [
        False, True, False, False,
    ]  # fmt: skip
    assert seen(boxes) == [True] * 4


def test_a_corner_in_the_field_of_view_is_enough() -> None:
    left = (0.0, 20.0, 0.0, 10.0, 2.0)  # its front corner at (5, 19) has the smallest bearing
    edge = math.atan2(19.0, 5.0)
    assert seen([left], field_of_view=2 * edge + 1e-6) == [True]
    assert seen([left], field_of_view=2 * edge - 1e-6) == [False]


def test_a_wall_hides_what_is_behind_it_whatever_the_order() -> None:
    wall, behind, beside = (10, 0, 0, 1, 10), (30, 0, 0, 5, 2), (30, 25, 0, 5, 2)
    assert seen([wall, behind, beside], share=0.01) == [True, False, True]
    assert seen([behind, beside, wall], share=0.01) == [False, True, True]
    assert seen([wall, behind, beside]) == [True, True, True]


@pytest.mark.parametrize("edge", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_shares_are_those_of_the_angles(edge: float) -> None:
    """A line from (20, -2) to (20, 2), before it at x = 10 a line that ends at y = edge."""
    target = (20.0, 0.0, 0.0, THIN, 4.0)
    cover = (10.0, edge - 10.0, 0.0, THIN, 20.0)
    whole = 2 * math.atan2(2.0, 20.0)
    share = (math.atan2(2.0, 20.0) - math.atan2(edge, 10.0)) / whole
    assert seen([target, cover], share=max(share - 1e-6, 1e-6))[0] == (share > 1e-6)
    assert not seen([target, cover], share=share + 1e-6)[0] or share + 1e-6 > 1.0


def test_a_gap_between_two_covers_counts() -> None:
    target = (20.0, 0.0, 0.0, THIN, 4.0)
    covers = [(10.0, 1.25, 0.0, THIN, 1.5), (10.0, -1.25, 0.0, THIN, 1.5)]  # gap |y| < 0.5
    share = math.atan2(0.5, 10.0) / math.atan2(2.0, 20.0)
    assert seen([target, *covers], share=share - 1e-6)[0]
    assert not seen([target, *covers], share=share + 1e-6)[0]


def test_field_of_view_takes_its_part_of_the_share() -> None:
    target = (20.0, 0.0, 0.0, THIN, 4.0)
    half = math.atan2(1.0, 20.0)
    share = half / math.atan2(2.0, 20.0)
    assert seen([target], field_of_view=2 * half, share=share - 1e-6) == [True]
    assert seen([target], field_of_view=2 * half, share=share + 1e-6) == [False]


def test_behind_where_angles_wrap() -> None:
    wall, behind = (-10, 0, 0, 1, 10), (-30, 0, 0.3, 5, 2)
    assert seen([wall, behind], share=0.01) == [True, False]
    assert seen([wall, behind], share=1.0) == [True, False]
    assert seen([behind], share=1.0) == [True]


def test_a_body_around_the_sensor_is_seen_and_hides_nothing() -> None:
    around, far = (0.5, 0.0, 0.1, 5, 2), (30, 0, 0, 5, 2)
    assert seen([around, far], share=1.0, field_of_view=0.5, reach=40.0) == [True, True]


def test_absent_bodies_hide_nothing_and_are_not_seen() -> None:
    state = np.array([[10.0, 0, 0, 0], [30.0, 0, 0, 0]])
    size, present = np.array([[1.0, 10.0], [5.0, 2.0]]), np.array([False, True])
    found = visible(EGO, state, size, present, math.inf, math.tau, 0.5)
    assert found.tolist() == [False, True]


BOX = st.tuples(
    st.floats(-60, 60), st.floats(-60, 60), st.floats(-3, 3), st.floats(1, 12), st.floats(1, 4)
)


@settings(max_examples=60, deadline=None)
@given(
    boxes=st.lists(BOX, min_size=1, max_size=8),
    share=st.sampled_from([0.0, 0.237, 0.613]),
    opening=st.sampled_from([1.0, 2.5, math.tau]),
    yaw=st.floats(-3, 3),
)
def test_left_and_right_are_alike(
    boxes: list[tuple[float, ...]], share: float, opening: float, yaw: float
) -> None:
    mirrored = [(x, -y, -h, length, width) for x, y, h, length, width in boxes]
    there = seen(boxes, 50.0, opening, share, (0.0, 0.0, yaw, 0.0))
    assert there == seen(mirrored, 50.0, opening, share, (0.0, 0.0, -yaw, 0.0))


@settings(max_examples=60, deadline=None)
@given(boxes=st.lists(BOX, min_size=2, max_size=8), share=st.floats(0.05, 1.0))
def test_order_does_not_matter_and_more_bodies_hide_more(
    boxes: list[tuple[float, ...]], share: float
) -> None:
    found = seen(boxes, share=share)
    assert seen(boxes[::-1], share=share) == found[::-1]
    fewer = seen(boxes[:-1], share=share)
    assert all(a or not b for a, b in zip(fewer, found[:-1], strict=True))


@settings(max_examples=30, deadline=None)
@given(boxes=st.lists(BOX, min_size=2, max_size=6))
def test_shares_agree_with_many_rays(boxes: list[tuple[float, ...]]) -> None:
    """Disjoint or not: a body that 2,000 evenly spaced rays meet first often enough is seen."""
    rays = np.linspace(-math.pi, math.pi, 20_000, endpoint=False)
    entries = np.array([_entries(box, rays) for box in boxes])
    if (entries == 0.0).all(axis=1).any() or _overlap(boxes):
        return
    met = np.isfinite(entries)
    first = met & (entries == entries.min(axis=0))
    for i, share in enumerate(first.sum(axis=1) / np.maximum(met.sum(axis=1), 1)):
        if met[i].sum() < 200:
            continue
        if share > 0.05:
            assert seen(boxes, share=share - 0.03)[i]
        if share < 0.95:
            assert not seen(boxes, share=share + 0.03)[i]


def _entries(box: tuple[float, ...], rays: np.ndarray) -> np.ndarray:
    """Where rays from the origin enter a box; found by clipping in its own frame."""
    x, y, yaw, length, width = box
    turned = rays - yaw
    cx, cy = x * math.cos(yaw) + y * math.sin(yaw), y * math.cos(yaw) - x * math.sin(yaw)
    enter, leave = np.zeros(len(rays)), np.full(len(rays), np.inf)
    for centre, half, towards in (
        (cx, length / 2, np.cos(turned)),
        (cy, width / 2, np.sin(turned)),
    ):
        towards = np.where(np.abs(towards) < 1e-12, 1e-12, towards)
        one, two = (centre - half) / towards, (centre + half) / towards
        enter, leave = (
            np.maximum(enter, np.minimum(one, two)),
            np.minimum(leave, np.maximum(one, two)),
        )
    return np.where(enter <= leave, enter, np.inf)


def _overlap(boxes: list[tuple[float, ...]]) -> bool:
    from drivestack.core.geometry import boxes_overlap

    return any(boxes_overlap(*a, *b) for i, a in enumerate(boxes) for b in boxes[:i])
