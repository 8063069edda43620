"""What only time shows: frozen frames, clocks that run backwards, what is of the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.types import Filtering, Observation, PlanSource, Verdict
from drivestack.safety.faults import ASKING_TO_STOP, NAMES, Fault, Faults
from drivestack.safety.integrity import Integrity
from tests.safety.checked import say
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

OWN = Integrity(0.05)
ROAD = two_lanes()


def seen(tick: int, *others: tuple[float, ...], age: int = 0) -> Observation:
    found = observation([ROAD], [(100, 0, 0, 10)], [np.array(others).reshape(-1, 4)], tick=tick)
    return replace(found, age=np.array([age], np.int32))


def failing(verdict: Verdict, row: int = 0) -> list[str]:
    return [name for name, failed in zip(verdict.names, verdict.failed[row], strict=True) if failed]


def after(*scenes: Observation, memory: Faults | None = None) -> tuple[Verdict, Faults]:
    verdict = None
    for scene in scenes:
        verdict, memory = say(OWN, scene, memory=memory)
    assert verdict is not None
    assert memory is not None
    return verdict, memory


def test_nothing_is_wrong_with_a_scene_that_moves() -> None:
    verdict, memory = after(*(seen(tick, (150.0 + 0.4 * tick, 0, 0, 8)) for tick in range(40)))
    assert failing(verdict) == []
    assert verdict.names == NAMES
    assert memory.by_name(0) == {}
    assert memory.last["seen"].all()
    assert memory.last["tick"].tolist() == [39]
    assert (verdict.limit == 0.0).all()


def test_what_each_fault_asks_for() -> None:
    verdict, _ = say(OWN, seen(0))
    for fault in Fault:
        risk = verdict.response[0, fault] == Filtering.MINIMAL_RISK
        assert risk == (fault in ASKING_TO_STOP), fault
        assert verdict.response[0, fault] in (Filtering.MINIMAL_RISK, Filtering.PASSED)


def test_what_the_entrance_has_found_is_counted_once() -> None:
    memory = OWN.start(2)
    now = np.zeros((2, len(Fault)), np.bool_)
    now[1, [Fault.PLAN_MISSING, Fault.SCORER_FAILED]] = True
    both = observation([ROAD], [(100, 0, 0, 10)] * 2)
    verdict, memory = say(OWN, both, memory=replace(memory, now=now))
    assert failing(verdict, 0) == []
    assert failing(verdict, 1) == ["plan_missing", "scorer_failed"]
    assert verdict.value[1, [Fault.PLAN_MISSING, Fault.EGO_NOT_FINITE]].tolist() == [1.0, 0.0]
    assert memory.by_name(0) == {}
    assert memory.by_name(1) == {"plan_missing": 1, "scorer_failed": 1}
    verdict, memory = say(OWN, both, memory=replace(memory, now=now))
    assert memory.by_name(1) == {"plan_missing": 2, "scorer_failed": 2}
    verdict, memory = say(OWN, both, memory=memory)
    assert failing(verdict, 1) == [], "the tick after starts anew"
    assert memory.by_name(1) == {"plan_missing": 2, "scorer_failed": 2}


@pytest.mark.parametrize(("made", "wrong"), [(19, False), (20, False), (21, True)])
def test_a_plan_of_the_future(made: int, wrong: bool) -> None:
    now = seen(20)
    verdict, _ = say(OWN, now, plan=plan_at(now, made))
    assert failing(verdict) == (["plan_of_the_future"] if wrong else [])
    none, _ = say(OWN, now, plan=plan_at(now, made, PlanSource.FALLBACK))
    assert failing(none) == [], "a plan that is none has no time"


@pytest.mark.parametrize(("age", "wrong"), [(-1, True), (0, False), (5, False)])
def test_a_frame_of_the_future(age: int, wrong: bool) -> None:
    verdict, _ = say(OWN, seen(20, age=age))
    assert failing(verdict) == (["frame_of_the_future"] if wrong else [])


@pytest.mark.parametrize(("tick", "wrong"), [(19, True), (20, False), (21, False)])
def test_a_clock_that_runs_backwards(tick: int, wrong: bool) -> None:
    verdict, memory = after(seen(20), seen(tick))
    assert failing(verdict) == (["clock_runs_backwards"] if wrong else [])
    assert memory.last["tick"].tolist() == [tick]
    first, _ = after(seen(-5))
    assert failing(first) == [], "nothing was seen before"


def frozen(ticks: int, other: tuple[float, ...], age: int = 0, **more: object) -> list[str]:
    scenes = [replace(seen(tick, other, age=age), **more) for tick in range(ticks + 1)]  # pyright: ignore
    return failing(after(*scenes)[0])


def test_a_frame_that_says_it_is_fresh_while_nobody_moves_is_frozen() -> None:
    """For more than half a second: eleven ticks."""
    car = (150.0, 0.0, 0.0, 8.0)
    assert frozen(10, car) == []
    assert frozen(11, car) == ["frame_frozen"]
    assert frozen(11, car, age=10) == ["frame_frozen"], "half a second old is still fresh"
    assert frozen(11, car, age=11) == [], "an old frame says so itself"
    assert frozen(5, car, dt=np.array([0.1])) == []
    assert frozen(6, car, dt=np.array([0.1])) == ["frame_frozen"]


@pytest.mark.parametrize(
    ("speed", "wrong"), [(0.0, False), (0.5, False), (0.51, True), (-0.51, True)]
)
def test_who_stands_may_stay_where_he_is(speed: float, wrong: bool) -> None:
    assert frozen(20, (150.0, 0.0, 0.0, speed)) == (["frame_frozen"] if wrong else [])


def test_one_who_moves_is_enough() -> None:
    scenes = [seen(t, (150.0, 0, 0, 8), (180.0 + 0.4 * t, 4, 0, 8)) for t in range(30)]
    assert failing(after(*scenes)[0]) == []
    across = [seen(t, (150.0, 0.1 * t, 0, 8)) for t in range(30)]
    assert failing(after(*across)[0]) == []
    # what one gains in x the other loses
    crossed = [
        seen(t, (150.0 + 0.4 * t, 0, 0, 8), (180.0 - 0.4 * t, 4, 3.14, 8)) for t in range(30)
    ]
    assert failing(after(*crossed)[0]) == []
    # and what one gains in x he loses in y, thrice weighed
    slanted = [seen(t, (150.0 + 0.4 * t, -0.4 * t, -0.78, 8)) for t in range(30)]
    assert failing(after(*slanted)[0]) == []


def test_who_is_not_seen_does_not_count() -> None:
    def hidden(tick: int) -> Observation:
        found = seen(tick, (150.0, 0, 0, 8))
        tracks = replace(found.tracks, valid=np.zeros((1, 1, 1), np.bool_))
        return replace(found, tracks=tracks)

    assert failing(after(*map(hidden, range(30)))[0]) == []


def test_a_frame_that_moves_again_was_not_frozen() -> None:
    car = (150.0, 0.0, 0.0, 8.0)
    moved = (151.0, 0.0, 0.0, 8.0)
    scenes = [seen(t, car) for t in range(9)] + [seen(t, moved) for t in range(9, 18)]
    verdict, memory = after(*scenes)
    assert failing(verdict) == []
    assert memory.last["still"].tolist() == pytest.approx([0.4])
    back = seen(3, moved)
    verdict, memory = after(back, memory=memory)
    assert memory.last["still"].tolist() == pytest.approx([0.4]), "it adds nothing then"


def test_nothing_is_known_at_first() -> None:
    memory = OWN.start(2)
    assert not memory.last["seen"].any()
    assert memory.ego.state[:, 3].tolist() == [50.0, 50.0], "fast, so that it brakes"
    assert memory.ego.size.tolist() == [[5.0, 2.0]] * 2
    assert memory.last["dt"].tolist() == [0.05, 0.05]
    assert memory.maps == ()
    assert memory.counts.shape == (2, len(Fault))
    for array in (
        memory.counts, memory.now, memory.ego.accel, memory.ego.steer, memory.map_index
    ):  # fmt: skip
        assert not array.any()
    for name in ("tick", "total", "still"):
        assert not memory.last[name].any(), name
    assert not memory.ego.state[:, :3].any()


def test_the_last_good_observation_is_remembered() -> None:
    now = seen(7, (150.0, 0, 0, 8))
    _, memory = say(OWN, now)
    assert memory.maps == now.maps
    assert np.array_equal(memory.map_index, now.map_index)
    for name in ("dt", "tick"):
        assert np.array_equal(memory.last[name], getattr(now, name)), name
    assert memory.ego.state.tolist() == now.ego.state.tolist()
