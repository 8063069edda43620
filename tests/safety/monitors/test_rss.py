"""RSS around the ego: who is dangerous, what the proper response is, and the hole at cut-ins."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.map import Map
from drivestack.core.tables import Kind
from drivestack.core.types import Observation, Verdict
from drivestack.roads.build import straight
from drivestack.safety import BARE, WHOLE, filter_of
from drivestack.safety.bounds import FREE
from drivestack.safety.monitors.rss import NAMES, REMEMBERED, RssMonitor, Rule
from drivestack.safety.reference import rss
from tests.safety.alone import alone
from tests.safety.plans import plan_at
from tests.scenes import observation, road_map, two_lanes

OWN = RssMonitor(0.05)
ROAD = two_lanes()
CROSS = road_map("cross", {
    ("a", "b"): [straight((0, 0), (300, 0), priority=1)],
    ("c", "d"): [straight((150, 150), (150, -150))],
})  # fmt: skip


def seen(
    ego: tuple[float, ...],
    others: list[tuple[float, ...]],
    kind: Kind = Kind.CAR,
    map: Map = ROAD,
) -> Observation:
    found = observation([map], [ego], [np.array(others, np.float64).reshape(-1, 4)])
    kinds = np.full(found.tracks.kind.shape, kind, np.int32)
    return replace(found, tracks=replace(found.tracks, kind=kinds))


def said(*scenes: Observation) -> Verdict:
    """The verdict on the last of some scenes in a row."""
    memory, verdict = OWN.start(1), None
    for scene in scenes:
        verdict, memory = alone(OWN, scene, plan_at(scene), np.zeros((1, 2)), memory)
    assert verdict is not None
    assert (verdict.failed == (verdict.value > verdict.limit)).all()
    return verdict


def failing(verdict: Verdict) -> list[str]:
    return [name for name, failed in zip(NAMES, verdict.failed[0], strict=True) if failed]


def same_way(v: float, lead: float) -> float:
    return float(rss.longitudinal_same_direction(v, lead, 1.0, 3.5, 4.0, 8.0).metres)


@pytest.mark.parametrize(("v", "lead"), [(13.9, 13.9), (27.8, 27.8), (20.0, 0.0)])
def test_the_distance_behind_another(v: float, lead: float) -> None:
    need = same_way(v, lead)
    ego = (100.0, 0.0, 0.0, v)
    assert failing(said(seen(ego, [(105.0 + need + 0.01, 0, 0, lead)]))) == []
    near = said(seen(ego, [(105.0 + need - 0.01, 0, 0, lead)]))
    assert failing(near) == ["rss_longitudinal", "rss_lateral"]
    assert near.limit[0, Rule.RSS_LONGITUDINAL] == pytest.approx(-need)
    assert near.value[0, Rule.RSS_LONGITUDINAL] == pytest.approx(0.01 - need)
    assert near.high[0, Rule.RSS_LONGITUDINAL, 0] == -4.0, "first met in danger: brake"
    assert near.object[0, Rule.RSS_LONGITUDINAL] == 0


def test_who_is_ahead_never_brakes() -> None:
    found = said(seen((150.0, 0.0, 0.0, 10.0), [(140.0, 0.0, 0.0, 20.0)]))
    assert failing(found) == ["rss_longitudinal", "rss_lateral"]
    assert (found.high == FREE).all()


def test_beside_each_other_in_two_lanes_is_safe() -> None:
    assert failing(said(seen((100.0, 0, 0, 20), [(100.0, 4.0, 0, 20)]))) == []
    assert failing(said(seen((100.0, 0, 0, 20), [(100.0, 2.6, 0, 20)]))) != []


def test_the_hole_at_cut_ins() -> None:
    """safety.md, 1: the lateral distance was safe last, so the speed is left free."""
    scenes = []
    for tick in range(9):
        lateral = 2.0 + 2.3 - (2.3 + 2.0) * tick / 8.0
        yaw = -math.asin(min(0.9, (2.3 + 2.0) / 0.8 / 15.0)) if tick else 0.0
        scenes.append(seen((100.0, 0.0, 0.0, 25.0), [(113.0, max(lateral, 0.05), yaw, 15.0)]))
    found = said(*scenes)
    assert failing(found) == ["rss_longitudinal", "rss_lateral"]
    assert found.high[0, Rule.RSS_LONGITUDINAL, 0] == FREE
    assert found.high[0, Rule.RSS_LATERAL].tolist() == [FREE, 0.0]
    assert found.low[0, Rule.RSS_LATERAL].tolist() == [-FREE, -FREE]


def test_who_came_nearer_along_the_lane_is_braked_for() -> None:
    far, near = (seen((100.0, 0, 0, 20), [(x, 0, 0, 10)]) for x in (250.0, 130.0))
    found = said(far, near)
    assert found.high[0, Rule.RSS_LONGITUDINAL].tolist() == [-4.0, FREE]
    assert (found.low == -FREE).all()
    slow = said(seen((100.0, 0, 0, 0.1), [(105.2, 0, 0, 0)]))
    assert slow.high[0, Rule.RSS_LONGITUDINAL, 0] == pytest.approx(-2.0), "it does not reverse"


def test_oncoming() -> None:
    mine = float(rss.stopping(15.0, 1.0, 3.5, 3.0).metres)
    his = float(rss.stopping(10.0, 2.0, 3.5, 4.0).metres)
    ego = (100.0, 0.0, 0.0, 15.0)
    assert failing(said(seen(ego, [(105.1 + mine + his, 0.0, math.pi, 10.0)]))) == []
    found = said(seen(ego, [(104.9 + mine + his, 0.0, math.pi, 10.0)]))
    assert failing(found) == ["rss_lateral", "rss_opposite"]
    assert found.high[0, Rule.RSS_OPPOSITE, 0] == -4.0
    assert failing(said(seen(ego, [(104.0 + mine, 4.0, math.pi, 10.0)]))) == []
    assert failing(said(seen(ego, [(80.0, 0.0, math.pi, 10.0)]))) == [], "they have passed"


@pytest.mark.parametrize(("y", "dangerous"), [(30.0, True), (90.0, False), (-20.0, False)])
def test_crossings(y: float, dangerous: bool) -> None:
    ego, other = (120.0, 0.0, 0.0, 20.0), (150.0, y, -math.pi / 2, 18.0)
    on_open_ground = said(seen(ego, [other]))
    assert failing(on_open_ground) == (["rss_intersection"] if dangerous else [])
    assert (on_open_ground.high[0, Rule.RSS_INTERSECTION, 0] == -4.0) == dangerous
    with_priority = said(seen(ego, [other], map=CROSS))
    assert failing(with_priority) == (["rss_intersection"] if dangerous else [])
    assert with_priority.high[0, Rule.RSS_INTERSECTION, 0] == FREE, "the other has to give way"


def test_a_crossing_is_safe_if_one_can_stop() -> None:
    assert failing(said(seen((120.0, 0, 0, 5.0), [(150.0, 9.0, -math.pi / 2, 18.0)]))) == []


@pytest.mark.parametrize("kind", [Kind.PEDESTRIAN, Kind.ANIMAL])
def test_walkers_may_go_anywhere(kind: Kind) -> None:
    ego = (100.0, 0.0, 0.0, 10.0)
    need = float(rss.stopping(10.0, 1.0, 3.5, 4.0).metres)
    reach = float(rss.stopping(1.5, 0.5, 2.0, 4.0).metres) + 0.5 * math.hypot(5.0, 2.0)
    for yaw in (0.0, 2.0):
        far = seen(ego, [(102.6 + need + reach, 0.0, yaw, 1.5)], kind)
        assert failing(said(far)) == []
        near = said(seen(ego, [(102.4 + need + reach, 0.0, yaw, 1.5)], kind))
        assert failing(near) == ["rss_unstructured"]
        assert near.high[0, Rule.RSS_UNSTRUCTURED, 0] == -4.0
    aside = seen(ego, [(120.0, 1.0 + reach, 0.0, 1.5)], kind)
    assert failing(said(aside)) == []
    assert failing(said(seen(ego, [(99.0, 0.0, 0.0, 1.5)], kind))) == []


@pytest.mark.compiled
@given(st.floats(-60, 60), st.floats(-8, 8), st.floats(-3.1, 3.1), st.floats(0, 30))
def test_mirrored(ahead: float, aside: float, yaw: float, v: float) -> None:
    """On the middle of a lane, far from its ends: right and left are alike."""
    alone = road_map("alone", {("a", "b"): [straight((0, 0), (600, 0))]})
    one = said(seen((300.0, 0, 0, 15), [(300 + ahead, aside, yaw, v)], map=alone))
    two = said(seen((300.0, 0, 0, 15), [(300 + ahead, -aside, -yaw, v)], map=alone))
    np.testing.assert_allclose(one.value, two.value, atol=1e-6)
    np.testing.assert_allclose(one.high[..., 0], two.high[..., 0])
    np.testing.assert_allclose(one.high[..., 1], -two.low[..., 1])


def test_it_acts_only_if_it_is_bound() -> None:
    scene = seen((100.0, 0, 0, 20), [(130.0, 0, 0, 20)])
    for layer, braked in ((WHOLE, 0.5), (replace(BARE, bound=("rss",)), -4.0)):
        own = filter_of(layer, 0.05)
        _, done, _ = own.apply(scene, plan_at(scene), np.array([[0.5, 0.0]]), own.start(1))
        assert done.filtered[0, 0] == braked


def test_more_than_can_be_remembered_are_judged_by_what_is_seen() -> None:
    ego, safe = (100.0, 0.0, 0.0, 1.0), (400.0, 0.0, 0.0, 5.0)
    assert failing(said(seen(ego, [safe] * (REMEMBERED + 2)))) == []
    found = said(seen(ego, [safe] * REMEMBERED + [(106.0, 0.0, 0.0, 0.0)]))
    assert failing(found) == ["rss_longitudinal", "rss_lateral"]
    assert found.high[0, Rule.RSS_LONGITUDINAL, 0] == -4.0


def test_the_hole_at_cut_ins_from_the_right() -> None:
    """And off all lanes, where places are told along the ego's heading."""
    for y in (0.0, 300.0):
        scenes = []
        for tick in range(9):
            lateral = 4.3 - 4.3 * tick / 8.0
            yaw = math.asin(min(0.9, 4.3 / 0.8 / 15.0)) if tick else 0.0
            other = (113.0, y - max(lateral, 0.05), yaw, 15.0)
            scenes.append(seen((100.0, y, 0.0, 25.0), [other]))
        found = said(*scenes)
        assert failing(found) == ["rss_longitudinal", "rss_lateral"]
        assert found.low[0, Rule.RSS_LATERAL].tolist() == [-FREE, 0.0]
        assert (found.high == FREE).all()


def test_who_is_not_there_is_not_judged() -> None:
    scene = seen((100.0, 0, 0, 20), [(120.0, 0, 0, 0)])
    gone = replace(scene.tracks, valid=np.zeros((1, 1, 1), np.bool_))
    assert failing(said(replace(scene, tracks=gone))) == []
