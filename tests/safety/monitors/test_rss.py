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
from drivestack.safety.what_if.watch import WATCHED
from tests.safety.alone import alone
from tests.safety.monitors.rss_again import said_again
from tests.safety.plans import plan_at
from tests.scenes import bend, observation, road_map, two_lanes

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
        far = seen(ego, [(102.51 + need + reach, 0.0, yaw, 1.5)], kind)
        assert failing(said(far)) == []
        near = said(seen(ego, [(102.49 + need + reach, 0.0, yaw, 1.5)], kind))
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


Others = list[tuple[float, ...]]


def drawn(rng: np.random.Generator, number: int) -> tuple[Map, tuple[float, ...], Others, Others]:
    """An ego and four others, now and a while later."""
    map = (ROAD, bend(), CROSS, RANKS)[number % 4]
    x, y, yaw = [(300, 0, 0), (70, 0, 0), (120, 0, 0), (120, 0, 0)][number % 4]
    ego = (x + rng.uniform(-9, 9), y + rng.uniform(-1, 1), rng.normal(0, 0.1), rng.uniform(-2, 25))
    low, high = [-40, -9, -0.4, 0], [60, 9, 0.4, 25]
    first: Others = []
    for n in range(4):
        dx, dy, turn, v = rng.uniform(low, high)
        turn += yaw + (0.0, 0.0, math.pi, 1.5)[n] * rng.choice([-1.0, 1.0])
        if n == 3:  # across
            dx, dy, v = abs(dx), -math.copysign(dy * 3.0, turn), v
        first.append((x + dx, y + dy, turn, v))
    later: Others = [
        (ox + 0.5 * v * math.cos(o), oy + 0.5 * v * math.sin(o) - 0.2 * (oy - y), o, v)
        for ox, oy, o, v in first
    ]
    return map, ego, first, later


RANKS = road_map("ranks", {
    ("a", "b"): [straight((0, 0), (300, 0), priority=1)],
    ("c", "d"): [straight((150, 150), (150, -150), priority=1)],
    ("e", "f"): [straight((120, -30), (120, 30), priority=9)],
    ("g", "h"): [straight((140, 12), (160, 12), priority=0)],
})  # fmt: skip


def test_what_is_written_down_is_what_is_said() -> None:
    rng, often = np.random.default_rng(4), dict.fromkeys(Rule, 0)
    braked, off = dict.fromkeys(Rule, 0), np.zeros(2)
    for number in range(160):
        map, ego, *scenes = drawn(rng, number)
        memory, last, kept = OWN.start(1), {}, []
        for others in scenes:
            kept.append(memory)  # or its place would be taken by what comes next
            junk = np.ones_like(memory.met)
            junk["id"] = 99
            del junk
            scene = seen(ego, others, map=map)
            last_is = Kind.ANIMAL if number % 3 == 0 else Kind.CAR
            kind = np.array([[Kind.CAR, Kind.CAR, Kind.TRUCK, last_is]])
            scene = replace(scene, tracks=replace(scene.tracks, kind=kind.astype(np.int32)),
                            ego=replace(scene.ego, steer=np.array([0.03])))  # fmt: skip
            found, memory = alone(OWN, scene, plan_at(scene), np.zeros((1, 2)), memory)
            again = said_again(scene, OWN, last)
            last = again.memory
            for rule in Rule:
                room, need, who = again.found.get(rule, (0.0, 0.0, 0))
                assert found.failed[0, rule] == found.has_object[0, rule] == (rule in again.found)
                assert found.value[0, rule] == pytest.approx(-room)
                assert found.limit[0, rule] == pytest.approx(-need)
                assert found.object[0, rule] == who
                brake = min(max(-4.0, -ego[3] / 0.05), 0.0) if rule in again.brakes else FREE
                assert found.high[0, rule, 0] == pytest.approx(brake)
                often[rule] += rule in again.found
                braked[rule] += rule in again.brakes
            lateral = [found.low[0, Rule.RSS_LATERAL, 1], found.high[0, Rule.RSS_LATERAL, 1]]
            wanted = [0.03 if again.off_right else -FREE, 0.03 if again.off_left else FREE]
            assert lateral == wanted
            off += [again.off_right, again.off_left]
            met = memory.met[0]
            known = {int(m["id"]): (bool(m["along"]), bool(m["across"])) for m in met if m["known"]}
            assert known == last
    assert min(often.values()) >= 5, often
    assert min(braked[rule] for rule in Rule if rule != Rule.RSS_LATERAL) >= 3, braked
    assert (off >= 3).all(), off


EXACT = replace(OWN, accel=0.0, lateral_accel=0.0, fluctuation=0.25)
"""8 m/s need 16 m to stop, and 0.25 m are needed beside who goes straight on."""


def on_exact(*others: tuple[float, ...], ego: tuple[float, ...] = (100, 0, 0, 8),
             own: RssMonitor = EXACT) -> Verdict:  # fmt: skip
    """The verdict after another one has been where he was before."""
    memory, found = own.start(1), None
    for other in others:
        scene = seen(ego, [other])
        found, memory = alone(own, scene, plan_at(scene), np.zeros((1, 2)), memory)
    assert found is not None
    return found


def test_what_is_exactly_as_far_as_is_needed_is_safe() -> None:
    assert failing(on_exact((121, 0, 0, 0))) == []
    assert failing(on_exact((120.9, 0, 0, 0))) == ["rss_longitudinal", "rss_lateral"]
    assert failing(on_exact((110, 2.25, 0, 0))) == []
    assert failing(on_exact((110, 2.24, 0, 0))) == ["rss_longitudinal", "rss_lateral"]
    # both were safe last, so both have to be cared for
    for safe in ((121, 3, 0, 0), (130, 2.25, 0, 0)):
        found = on_exact(safe, (110, 0.5, 0, 0))
        assert found.high[0, Rule.RSS_LONGITUDINAL, 0] == -4.0
        assert found.high[0, Rule.RSS_LATERAL, 1] == 0.0


def test_who_is_met_in_danger_beside_the_ego_is_not_steered_to() -> None:
    near = replace(EXACT, fluctuation=0.75)
    for beside, kept in ((2.5, True), (2.0, True), (1.99, False)):
        found = on_exact((103, beside, 0, 0), own=near)
        assert found.high[0, Rule.RSS_LONGITUDINAL, 0] == -4.0
        assert found.high[0, Rule.RSS_LATERAL, 1] == (0.0 if kept else FREE)
    found = on_exact((103, 3, 0, 0), (103, 0, 0, 0))
    assert found.low[0, Rule.RSS_LATERAL, 1] == 0.0, "who is in the middle counts as on the right"


@pytest.mark.parametrize(
    ("v", "other", "high"),
    [
        (0.0, (90, 0, 0, 20), FREE),  # who stands is not to brake for who comes from behind
        (8.0, (100, 1, 0, 8), -4.0),  # side by side both are
        (-3.0, (94, 0, 0, 0), 0.0),  # who reverses has the other ahead of him behind
        (-3.0, (106, 0, 0, 0), FREE),
        (-3.0, (100, 1, 0, 0), 0.0),
    ],
)
def test_the_one_behind_brakes(v: float, other: tuple[float, ...], high: float) -> None:
    found = on_exact(other, ego=(100, 0, 0, v), own=OWN)
    assert found.failed[0, Rule.RSS_LONGITUDINAL]
    assert found.high[0, Rule.RSS_LONGITUDINAL, 0] == high


def test_the_numbers_of_the_sources() -> None:
    """Two who drive straight on need 0.125 m and 0.5 m beside each other, and 0.1 m to sway."""
    for beside, fails in ((2.724, True), (2.726, False)):
        assert (failing(on_exact((105, beside, 0, 8), own=OWN)) != []) == fails
    # along the ego's heading the other is beside its way, along the lane he is on it
    turned = (590.0, 0.0, 0.3, 20.0)
    for x, on_lane in ((619.9, True), (620.1, False)):
        found = on_exact((x, 0, 0, 0), ego=turned, own=OWN)
        assert found.failed[0, Rule.RSS_LONGITUDINAL] == on_lane


def test_sixty_four_are_remembered_and_no_more() -> None:
    assert REMEMBERED == WATCHED
    ego, memory = (100.0, 0.0, 0.0, 1.0), OWN.start(1)
    scene = seen(ego, [(400.0, 0.0, 0.0, 5.0)] * REMEMBERED + [(100.0, 4.0, 0.0, 1.0)])
    _, memory = alone(OWN, scene, plan_at(scene), np.zeros((1, 2)), memory)
    assert sorted(memory.met["id"][0].tolist()) == list(range(REMEMBERED))
    assert memory.met["known"].all()
    assert memory.met["along"].all()
    assert not memory.met["across"].any()
    nobody = seen(ego, [])
    _, memory = alone(OWN, nobody, plan_at(nobody), np.zeros((1, 2)), memory)
    assert not memory.met["known"].any()


def test_who_has_priority_is_told_by_the_lane_of_his_heading() -> None:
    """Where he is, a lane of a lower rank lies across his."""
    found = said(seen((125.0, 0, 0, 20.0), [(150.0, 12.0, -math.pi / 2, 4.0 * math.pi)], map=RANKS))
    assert found.high[0, Rule.RSS_INTERSECTION, 0] == -4.0


def test_of_two_who_lack_as_much_the_first_is_named() -> None:
    found = said(seen((100.0, 0, 0, 20.0), [(120.0, 0, 0, 0), (120.0, 0, 0, 0)]))
    assert found.object[0, : Rule.RSS_LATERAL + 1].tolist() == [0, 0]


def test_what_is_remembered_is_checked() -> None:
    with pytest.raises(TypeError, match="met"):
        replace(OWN.start(1), met=np.zeros((1, 3)))
