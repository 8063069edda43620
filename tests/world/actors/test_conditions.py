"""When cues fire: every measure at the tick that arithmetic says, edges, delays and groups."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.world import build_world
from tests.world.actors.playing import HZ, LEFT, RIGHT, fired, played, scripted, started, tracks

EGO = {"lane": RIGHT, "s": 5.0, "speed": 10.0}
NOTHING = {"offset": {"to": 0.0, "time": 1.0}}


def at(
    folder: Path, when: object, ego: dict = EGO, accel: float = 0.0, **keys: object
) -> int | None:
    """The tick at which a cue fires; the actor stands at s = 100 of the left lane by default."""
    start = started(folder, scripted("a", {"when": when, "do": NOTHING}, **keys), ego=ego)
    return fired(played(start, 15, accel))


def tick_of(seconds: float) -> int:
    return math.ceil(round(seconds * HZ, 6))


@pytest.mark.parametrize(
    ("when", "seconds"),
    [
        ({"time": 1.0}, 1.0),
        ({"travelled": {"at_least": 30.0}}, 3.0),
        ({"near": {"position": [65.0, 1.75], "radius": 10.0}}, 5.0),
        ({"near": {"lane": RIGHT, "s": 65.0, "radius": 10.0}}, 5.0),
        ({"distance": {"at_most": 40.0}}, 5.0),  # 95 m of centres less a car's length
        ({"distance": {"at_most": 40.0, "free": False}}, 5.5),
        ({"distance": {"at_most": 40.0, "frame": "lane"}}, 5.0),
        ({"distance": {"below": 60.11, "axis": "straight", "free": False}}, 3.5),
        ({"headway": {"at_most": 4.0}}, 5.0),
        ({"ttc": {"at_most": 4.0}}, 5.0),  # the lateral 3.5 m do not count
        ({"ttc": {"at_most": 4.0, "frame": "lane"}}, 5.0),
        ({"ttc": {"at_most": 4.0, "free": False}}, 5.5),
        # straight: (x * x + 3.5 * 3.5) / (10 * x) with x = 95 - 10 * t
        ({"ttc": {"at_most": 4.0, "axis": "straight", "free": False}}, 5.531),
        ({"ttc": {"at_most": 4.0, "axis": "lateral"}}, None),
        ({"contact": {}}, None),
        ({"speed": {"above": 10.0}}, None),
        ({"speed": {"at_least": 10.0}}, 0.0),
        ({"relative_speed": {"at_least": 10.0}}, 0.0),
    ],
)  # fmt: skip
def test_a_measure_fires_when_it_should(tmp_path: Path, when: dict, seconds: float | None) -> None:
    assert at(tmp_path, when) == (None if seconds is None else tick_of(seconds))


def test_a_lateral_time_to_collision_counts_lateral_motion(tmp_path: Path) -> None:
    walker = {"kind": "scripted", "name": "w", "position": [50, -20], "heading": math.pi / 2,
              "speed": 2.0, "type": "pedestrian"}  # fmt: skip
    when = {"ttc": {"to": "w", "axis": "lateral", "free": False, "at_most": 5.0}}
    start = started(
        tmp_path, scripted("a", {"when": when, "do": NOTHING}), walker, ego={**EGO, "speed": 1.0}
    )
    assert fired(played(start, 8)) == tick_of((21.75 - 10.0) / 2.0)


def test_a_time_to_collision_follows_the_lane(tmp_path: Path) -> None:
    """On an arc one at 10 m/s is 90 m behind one at 5 m/s."""
    bend = [{"kind": "circular", "from": "a", "to": "b", "center": [0, 50], "radius": 50,
             "start_phase": -math.pi / 2, "end_phase": math.pi / 2}]  # fmt: skip
    when = {"ttc": {"of": "b", "to": "a", "frame": "lane", "free": False, "at_most": 8.02}}
    start = started(tmp_path, scripted("a", s=100.0, speed=5.0),
                    scripted("b", {"when": when, "do": NOTHING}, s=10.0, speed=10.0),
                    ego={"lane": LEFT, "s": 1.0, "speed": 0.0}, lanes=bend)  # fmt: skip
    assert fired(played(start, 11)) == tick_of((90.0 - 8.02 * 5.0) / 5.0)


def test_speed_and_acceleration_of_a_braking_ego(tmp_path: Path) -> None:
    assert at(tmp_path, {"speed": {"below": 6.0}}, accel=-2.0) == 41
    assert at(tmp_path, {"acceleration": {"at_most": -2.0}}, accel=-2.0) == 0  # the one in force
    assert at(tmp_path, {"standstill": {"seconds": 1.0}}, accel=-5.0) == 60


def test_a_distance_lies_between_points_behind_the_centres(tmp_path: Path) -> None:
    """95 m of centres; the points are 1.4 m behind the ego's and 6 m behind the other's."""
    between = {"free": False, "behind": [1.4, 6.0]}
    assert at(tmp_path, {"distance": {"at_most": 40.0, **between}}) == tick_of(5.04)
    assert at(tmp_path, {"distance": {"at_most": 40.0, "frame": "lane", **between}}) == tick_of(
        5.04
    )
    assert at(tmp_path, {"ttc": {"at_most": 4.0, **between}}) == tick_of(5.04)
    straight = {"axis": "straight", **between}  # 38.59 ** 2 + 3.5 ** 2 = 38.75 ** 2
    assert at(tmp_path, {"distance": {"at_most": 38.75, **straight}}) == tick_of(5.181)
    facing = {"against": True, "s": 100.0}  # its point is 6 m further, not nearer
    assert at(tmp_path, {"distance": {"at_most": 40.0, **between}}, **facing) == tick_of(6.24)


def test_lateral_distances_are_between_the_boxes(tmp_path: Path) -> None:
    assert at(tmp_path, {"distance": {"axis": "lateral", "below": 1.6}}) == 0
    assert at(tmp_path, {"distance": {"axis": "lateral", "below": 1.4}}) is None


def test_contact_counts_overlap(tmp_path: Path) -> None:
    start = started(tmp_path, scripted("a", lane=LEFT, s=60.0),
                    scripted("b", {"when": {"contact": {"of": "a"}}, "do": NOTHING}, s=30.0,
                             speed=10.0), ego=EGO)  # fmt: skip
    assert fired(played(start, 4)) == tick_of(2.5)


def test_a_distance_lies_between_actors_too(tmp_path: Path) -> None:
    start = started(tmp_path, scripted("a", lane=LEFT, s=200.0),
                    scripted("b", {"when": {"distance": {"of": "b", "to": "a", "at_most": 45.0}},
                                   "do": NOTHING}, s=100.0, speed=10.0), ego=EGO)  # fmt: skip
    assert fired(played(start, 8)) == tick_of(5.0)


def test_edges_do_not_count_at_the_first_look(tmp_path: Path) -> None:
    assert at(tmp_path, {"time": 0.0, "edge": "rising"}) is None
    assert at(tmp_path, {"time": 0.5, "edge": "rising"}) == 10
    assert at(tmp_path, {"distance": {"above": 90.0, "free": False}, "edge": "falling"}) == tick_of(
        0.5
    )
    assert at(tmp_path, {"time": 0.5, "edge": "either"}) == 10


def test_delays_shift_levels_and_edges(tmp_path: Path) -> None:
    assert at(tmp_path, {"time": 1.0, "delay": 2.0}) == 60
    assert at(tmp_path, {"time": 1.0, "delay": 2.0, "edge": "rising"}) == 60
    assert at(tmp_path, {"speed": {"at_least": 1.0}, "delay": 0.5}) == 10


def test_a_delayed_level_that_has_passed_still_counts(tmp_path: Path) -> None:
    within = {"near": {"position": [25.0, 1.75], "radius": 5.0}, "delay": 3.0}
    assert at(tmp_path, within) == tick_of(1.5 + 3.0)


def test_all_of_a_group_or_any_of_the_groups(tmp_path: Path) -> None:
    both = [{"time": 2.0}, {"distance": {"at_most": 60.0}}]
    assert at(tmp_path, both) == tick_of(3.0)
    assert at(tmp_path, {"any": [both, {"time": 2.5}]}) == tick_of(2.5)
    assert at(tmp_path, {"any": [{"time": 9.0}, both]}) == tick_of(3.0)


def test_events_follow_each_other(tmp_path: Path) -> None:
    first = {"name": "one", "when": {"time": 1.0}, "do": {"offset": {"to": 1.0, "time": 2.0}}}
    second = {"name": "two", "when": {"after": "one", "delay": 0.5}, "do": {"brake": {"rate": 5.0}}}
    scenes = played(started(tmp_path, scripted("a", first, second, speed=10.0), ego=EGO), 8)
    assert (fired(scenes, 0), int(scenes[-1].cue_ended[0, 0]), fired(scenes, 1)) == (20, 60, 70)


def test_events_begin_together_a_tick_apart(tmp_path: Path) -> None:
    first = {"name": "one", "when": {"time": 1.0}, "do": {"offset": {"to": 1.0, "time": 2.0}}}
    second = {"when": {"after": {"event": "one", "begun": True}}, "do": {"brake": {"rate": 5.0}}}
    later = {"when": {"after": {"event": "one", "begun": True}, "delay": 0.5},
             "do": {"speed": {"to": 1.0, "rate": 1.0}}}  # fmt: skip
    actor = scripted("a", first, second, later, speed=10.0)
    scenes = played(started(tmp_path, actor, ego=EGO), 3)
    assert [fired(scenes, cue) for cue in range(3)] == [20, 21, 31]


def test_what_takes_over_stops_the_other(tmp_path: Path) -> None:
    first = {"name": "one", "do": {"offset": {"to": 1.0, "time": 4.0}}}
    second = {"name": "two", "when": {"time": 1.0}, "do": {"offset": {"to": -1.0, "time": 1.0}}}
    stopped = {"name": "three", "when": {"after": "one"}, "do": {"speed": {"to": 1.0, "rate": 1.0}}}
    regular = {"name": "four", "when": {"after": {"event": "one", "regularly": True}},
               "do": {"brake": {"rate": 1.0}}}  # fmt: skip
    actor = scripted("a", first, second, stopped, regular, speed=10.0)
    scenes = played(started(tmp_path, actor, ego=EGO), 6)
    assert fired(scenes, 2) in (20, 21)
    assert fired(scenes, 3) is None
    assert tracks(scenes)[-1, 1] == pytest.approx(4.25)


def test_the_end_comes_with_its_condition(tmp_path: Path) -> None:
    start = started(tmp_path, scripted("a"), ego=EGO, end={"time": 2.0})
    scenes = played(start, 3)
    assert [bool(scene.ended[0]) for scene in scenes].index(True) == 41


def test_a_fork_plays_on_from_the_same_state(tmp_path: Path) -> None:
    change = {
        "when": {"distance": {"at_most": 60.0}},
        "do": {"lane_change": {"left": -1, "rate": 1}},
    }
    start = started(tmp_path, scripted("a", change, speed=5.0), ego=EGO)
    world = build_world("engine")
    world.reset([start, start])
    for _ in range(100):
        world.step(np.zeros((2, 2)))
    copy = world.fork(2)
    for _ in range(60):
        world.step(np.zeros((2, 2)))
        copy.step(np.zeros((4, 2)))
    whole, part = world.observe(), copy.observe()
    np.testing.assert_array_equal(part.agents.state[::2], whole.agents.state)
    np.testing.assert_array_equal(part.cue_began[::2], whole.cue_began)


def test_a_slot_is_refilled_with_a_fresh_script(tmp_path: Path) -> None:
    start = started(tmp_path, scripted("a", {"when": {"time": 1.0}, "do": {"brake": {"rate": 4}}},
                                       speed=10.0), ego=EGO)  # fmt: skip
    other = started(tmp_path, ego=EGO)
    world = build_world("engine")
    world.reset([other, start])
    for _ in range(30):
        world.step(np.zeros((2, 2)))
    world.refill(0, start)
    for _ in range(30):
        world.step(np.zeros((2, 2)))
    scene = world.observe()
    assert scene.cue_began[0, 0] == scene.cue_began[1, 0] == 20
    assert scene.agents.state[0, 0, 0, 3] == pytest.approx(8.0)
