"""From the truth to the observation: each effect alone, all together, and nothing by default."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.rows import put_rows, take_rows
from drivestack.core.sensor import GHOST_ID, PERFECT, Sensor
from drivestack.core.types import Observation, Scene
from drivestack.world.sensing import Memory, fresh, reset_rows, sense
from tests.world.sensing.scenes import joined, mount, scene, seen_ids, states, watched

EVERYTHING = Sensor(
    range=80.0,
    field_of_view=2.0,
    visible_share=0.2,
    position_noise=0.5,
    speed_noise=0.3,
    latency=3,
    miss_probability=0.2,
    ghost_probability=0.1,
    ghost_ticks=4,
    freeze_probability=0.1,
    freeze_ticks=2,
)


def moving(tick: int, room: int = 0) -> Scene:
    """Two cars that drive away; their x tells the tick."""
    return scene([(20.0 + tick, 0, 0, 20), (30.0 + tick, 8, 0, 20)], tick, room=room)


def same(a: Observation, b: Observation) -> None:
    for row in range(len(a.tick)):
        assert seen_ids(a, row) == seen_ids(b, row)
        assert states(a, row).tobytes() == states(b, row).tobytes()
    assert a.age.tolist() == b.age.tolist()


def test_perfect_is_the_truth_itself() -> None:
    truth = moving(3, room=2)
    memory = fresh(1, 0)
    seen, after = sense(truth, [mount(PERFECT)], memory)
    assert seen.tracks is truth.agents
    assert seen.ego is truth.ego
    assert after is memory
    assert seen.age.tolist() == [0]
    assert seen.tick.tolist() == [3]


def test_perfect_beside_others_is_bit_equal_to_the_truth() -> None:
    truths = [joined(moving(t, room=1), moving(t, room=1)) for t in range(8)]
    found, _ = watched(truths, mount(PERFECT), mount(EVERYTHING))
    for truth, seen in zip(truths, found, strict=True):
        assert seen.age[0] == 0
        for name in ("state", "size", "kind", "id", "age", "valid"):
            want, got = getattr(truth.agents, name)[0], getattr(seen.tracks, name)[0]
            assert got[: len(want)].tobytes() == want.tobytes()
            assert not seen.tracks.valid[0, len(want) :].any()


def test_nothing_is_left_of_what_is_not_seen() -> None:
    truth = scene([(20, 0, 0, 20), (90, 4, 0.2, 20)])
    ((seen,), _) = watched([truth], mount(Sensor(range=50.0)))
    assert seen_ids(seen) == [0]
    hidden = ~seen.tracks.valid[0, :, 0]
    assert not seen.tracks.state[0, hidden].any()
    assert not seen.tracks.size[0, hidden].any()
    assert not seen.tracks.id[0, hidden].any()
    assert not seen.tracks.kind[0, hidden].any()


def test_a_truck_hides_the_car_ahead_of_it() -> None:
    truth = scene([(20, 0, 0, 20), (40, 0, 0, 20)], sizes=[(12, 2.5), (5, 2)])
    ((seen,), _) = watched([truth], mount(Sensor(visible_share=0.1)))
    assert seen_ids(seen) == [0]


def test_noise_has_its_deviation_and_no_bias() -> None:
    truths = [scene([(20, 0, 0.3, 15)], tick) for tick in range(2000)]
    found, _ = watched(truths, mount(Sensor(position_noise=0.5, speed_noise=0.2)))
    errors = np.array([states(seen)[0] for seen in found]) - [20, 0, 0.3, 15]
    assert not errors[:, 2].any()
    for column, sd in ((0, 0.5), (1, 0.5), (3, 0.2)):
        assert abs(errors[:, column].mean()) < 4 * sd / math.sqrt(2000)
        assert errors[:, column].std() == pytest.approx(sd, rel=0.07)
    assert abs(np.corrcoef(errors[:, [0, 1, 3]].T) - np.eye(3)).max() < 0.1
    assert abs(np.corrcoef(errors[1:, 0], errors[:-1, 0])[0, 1]) < 0.1


def test_noise_of_a_body_depends_on_nobody_else() -> None:
    sensor = mount(Sensor(position_noise=0.5))
    ((alone,), _) = watched([scene([(20, 0, 0, 15)], 5)], sensor)
    ((beside,), _) = watched([scene([(20, 0, 0, 15), (40, 0, 0, 9)], 5)], sensor)
    assert states(alone)[0].tobytes() == states(beside)[0].tobytes()


def test_misses_come_at_their_rate_and_independently() -> None:
    truths = [scene([(20, 0, 0, 15), (40, 0, 0, 15)], tick) for tick in range(3000)]
    found, _ = watched(truths, mount(Sensor(miss_probability=0.3)))
    missed = np.array([[i not in seen_ids(seen) for i in (0, 1)] for seen in found])
    assert missed.mean(axis=0) == pytest.approx([0.3, 0.3], abs=4 * math.sqrt(0.21 / 3000))
    assert missed.all(axis=1).mean() == pytest.approx(0.09, abs=4 * math.sqrt(0.082 / 3000))
    always, _ = watched(truths[:5], mount(Sensor(miss_probability=1.0)))
    assert [seen_ids(seen) for seen in always] == [[]] * 5


@pytest.mark.parametrize("k", [0, 1, 2, 7])
def test_latency_is_exactly_k_ticks(k: int) -> None:
    found, _ = watched([moving(t) for t in range(20)], mount(Sensor(latency=k, range=1e6)))
    for tick, seen in enumerate(found):
        age = min(k, tick)
        assert states(seen)[:, 0].tolist() == [20.0 + tick - age, 30.0 + tick - age]
        assert seen.age.tolist() == [age]
        assert seen.tick.tolist() == [tick]
        assert seen.tracks.age[seen.tracks.valid[:, :, 0]].tolist() == [age, age]
        assert seen.ego.state[0, 0] == 0.0


def test_a_latency_beyond_the_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="1 ticks deep, a sensor needs 2"):
        sense(moving(0), [mount(Sensor(latency=2))], fresh(1, 1))


def test_the_age_of_frozen_frames_grows() -> None:
    """Always hanging after the first tick, except one tick in between: it never thaws."""
    found, _ = watched([moving(t) for t in range(10)], mount(Sensor(freeze_probability=1.0)))
    assert [int(seen.age[0]) for seen in found] == list(range(10))
    assert all(states(seen)[:, 0].tolist() == [20.0, 30.0] for seen in found)
    assert [seen.tracks.age[0, 0] for seen in found] == list(range(10))


@pytest.mark.parametrize("latency", [0, 3])
def test_freezes_last_their_time_and_come_at_their_rate(latency: int) -> None:
    sensor = Sensor(freeze_probability=0.05, freeze_ticks=4, latency=latency)
    found, _ = watched([moving(t) for t in range(2000)], mount(sensor))
    age = np.array([int(seen.age[0]) for seen in found])
    for tick, seen in enumerate(found):
        assert states(seen)[0, 0] == 20.0 + tick - age[tick]
    settled = age[latency:] - latency
    spells = np.flatnonzero((settled[1:] == 0) & (settled[:-1] > 0))
    assert set((settled[spells] % 4).tolist()) == {0}
    # a spell of 4 ticks begins with 0.05 at each tick that does not hang: 0.2 / (0.95 + 0.2)
    assert (settled > 0).mean() == pytest.approx(0.2 / 1.15, abs=0.04)


def test_ghosts_come_at_their_rate_last_their_time_and_stand() -> None:
    sensor = Sensor(range=60.0, field_of_view=2.0, ghost_probability=0.02, ghost_ticks=5)
    found, _ = watched([scene([], tick) for tick in range(3000)], mount(sensor))
    born: dict[int, list[np.ndarray]] = {}
    for seen in found:
        assert len(seen_ids(seen)) <= 1
        for number, state in zip(seen_ids(seen), states(seen), strict=True):
            born.setdefault(number, []).append(state)
    # 5 ticks, then on average 0.98 / 0.02 = 49 without
    assert len(born) == pytest.approx(3000 / 54, abs=4 * math.sqrt(3000 / 54))
    assert all(len(life) == 5 for life in list(born.values())[:-1])
    assert all(np.ptp(life, axis=0).max() == 0.0 for life in born.values())
    assert all(number >= GHOST_ID for number in born)
    places = np.array([life[0] for life in born.values()])
    distance = np.hypot(places[:, 0], places[:, 1])
    assert distance.max() <= 60.0
    assert distance.min() >= 5.0
    assert np.abs(np.arctan2(places[:, 1], places[:, 0])).max() <= 1.0
    # evenly over the area: half of it lies beyond 60 / sqrt 2
    assert (distance > 42.6).mean() == pytest.approx(0.5, abs=0.2)
    assert not places[:, 3].any()


def test_a_ghost_that_is_passed_is_gone() -> None:
    sensor = Sensor(range=30.0, field_of_view=1.0, ghost_probability=1.0, ghost_ticks=1000)
    truths = [scene([], tick, ego=(10.0 * tick, 0, 0, 10)) for tick in range(8)]
    found, _ = watched(truths, mount(sensor))
    shown = [len(seen_ids(seen)) for seen in found]
    assert shown[0] == 1
    assert shown[-1] == 0
    assert sorted(shown, reverse=True) == shown


def test_effects_are_composed_and_do_not_move_each_other() -> None:
    """Noise with latency is the noise of then; misses do not change the noise of who is seen."""
    truths = [moving(t) for t in range(30)]
    noisy, _ = watched(truths, mount(Sensor(position_noise=0.5)))
    late, _ = watched(truths, mount(Sensor(position_noise=0.5, latency=4)))
    holes, _ = watched(truths, mount(Sensor(position_noise=0.5, miss_probability=0.4)))
    for tick in range(4, 30):
        assert states(late[tick]).tobytes() == states(noisy[tick - 4]).tobytes()
    assert any(len(seen_ids(seen)) < 2 for seen in holes)
    for with_holes, whole in zip(holes, noisy, strict=True):
        kept = seen_ids(with_holes)
        assert states(with_holes).tobytes() == states(whole)[kept].tobytes()


def test_seed_scenario_and_tick_name_the_numbers() -> None:
    sensor = Sensor(position_noise=1.0)

    def x(seed: int, name: str, tick: int) -> float:
        ((seen,), _) = watched([scene([(20, 0, 0, 15)], tick)], mount(sensor, seed, name))
        return float(states(seen)[0, 0])

    assert x(1, "a", 5) == x(1, "a", 5)
    assert len({x(1, "a", 5), x(2, "a", 5), x(1, "b", 5), x(1, "a", 6)}) == 4


def test_rows_do_not_depend_on_their_batch_or_on_empty_places() -> None:
    mounts = [mount(EVERYTHING, seed) for seed in range(3)] + [mount(Sensor(latency=9), 7)]
    alone = [watched([moving(t) for t in range(40)], one)[0] for one in mounts]
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        batch = [joined(*[moving(t, room=t // 9)] * 4) for t in range(40)]
        found, _ = watched(batch, *[mounts[i] for i in order])
        for tick, seen in enumerate(found):
            for row, i in enumerate(order):
                same(take_rows(seen, np.array([row])), alone[i][tick])


def halfway(mounts: int) -> Memory:
    truths = [joined(*[moving(t)] * mounts) for t in range(20)]
    return watched(truths, *[mount(EVERYTHING, seed) for seed in range(mounts)])[1]


def test_forked_rows_go_on_alike() -> None:
    memory = halfway(2)
    forked = take_rows(memory, np.array([0, 0, 1, 1]))
    seeds = (0, 0, 1, 1)
    copies, _ = watched(
        [joined(*[moving(t)] * 4) for t in range(20, 40)],
        *[mount(EVERYTHING, seed) for seed in seeds],
        memory=forked,
    )
    plain, _ = watched(
        [joined(*[moving(t)] * 2) for t in range(20, 40)],
        *[mount(EVERYTHING, seed) for seed in (0, 1)],
        memory=memory,
    )
    for many, few in zip(copies, plain, strict=True):
        same(many, take_rows(few, np.array([0, 0, 1, 1])))


def test_a_row_put_back_is_as_it_was() -> None:
    memory = halfway(3)
    moved = put_rows(memory, np.array([2]), take_rows(memory, np.array([0])))
    assert moved.state[2].tobytes() == memory.state[0].tobytes()
    assert moved.state[1].tobytes() == memory.state[1].tobytes()
    assert moved.faults.ghost_left[2] == memory.faults.ghost_left[0]


def test_a_reset_row_begins_anew_and_the_others_go_on() -> None:
    """A refilled slot shows what a new one shows, at its own ticks."""
    memory = reset_rows(halfway(2), np.array([1]))
    begun = fresh(1, 3)
    for step in range(20):
        both = joined(moving(20 + step), moving(step))
        seen, memory = sense(both, [mount(EVERYTHING, 0), mount(EVERYTHING, 9)], memory)
        new, begun = sense(moving(step), [mount(EVERYTHING, 9)], begun)
        same(take_rows(seen, np.array([1])), new)
    whole, _ = watched([moving(t) for t in range(40)], mount(EVERYTHING, 0))
    same(take_rows(seen, np.array([0])), whole[-1])


def test_records_are_frozen() -> None:
    memory = halfway(1)
    assert not memory.state.flags.writeable
    assert not memory.faults.ghost.flags.writeable


@pytest.mark.parametrize(
    ("field", "value"),
    [("range", -1.0), ("latency", -1), ("miss_probability", 1.5), ("field_of_view", math.nan),
     ("ghost_ticks", 0), ("ghost_probability", 0.5)],
)  # fmt: skip
def test_impossible_sensors_are_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"Sensor.{field}"):
        Sensor(**{field: value})  # pyright: ignore[reportArgumentType]


def test_nothing_that_lasts_outlives_a_reset() -> None:
    """A sensor that hangs for ever and shows a ghost: both are the old scenario's."""
    sensor = Sensor(range=50.0, ghost_probability=1.0, ghost_ticks=1000)
    frozen = Sensor(range=1e6, freeze_probability=1.0, freeze_ticks=1000)
    mounts = [mount(sensor), mount(frozen)]
    _, memory = watched([joined(*[moving(t)] * 2) for t in range(5, 10)], *mounts)
    seen, _ = sense(joined(*[moving(0)] * 2), mounts, reset_rows(memory, np.array([0, 1])))
    assert seen_ids(seen, 0) == [0, 1, GHOST_ID]
    assert seen.age.tolist() == [0, 0]
    assert states(seen, 1)[:, 0].tolist() == [20.0, 30.0]


def test_purposes_have_numbers_of_their_own() -> None:
    one = mount(PERFECT)
    draws = {one.random(purpose, 3).random() for purpose in ("miss", "noise", "ghost", "freeze")}
    assert len(draws) == 4
