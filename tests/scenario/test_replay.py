from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drivestack.scenario.replay import replay_rows


def test_rows_lie_between_recorded_states() -> None:
    times = np.array([0.1, 0.2, 0.3])
    states = np.array([[0.0, 0, 3.1, 1], [1.0, 2, -3.1, 3], [2.0, 2, -3.1, 3]])
    first, rows = replay_rows(times, states, 20, 100)
    assert first == 2
    np.testing.assert_allclose(rows["x"], [0, 0.5, 1, 1.5, 2])
    np.testing.assert_allclose(rows["y"], [0, 1, 2, 2, 2])
    np.testing.assert_allclose(rows["speed"], [1, 2, 3, 3, 3])
    turn = 2 * np.pi - 6.2
    np.testing.assert_allclose(rows["heading"], 3.1 + np.array([0, turn / 2, turn, turn, turn]))


def test_an_episode_takes_its_part_of_a_recording() -> None:
    times = np.arange(-10, 11) * 0.1
    states = np.column_stack([times, times, 0 * times, 0 * times + 1])
    first, rows = replay_rows(times, states, 20, 10)
    assert first == 0
    np.testing.assert_allclose(rows["x"], np.arange(11) / 20, atol=1e-12)
    assert len(replay_rows(times - 5.0, states, 20, 10)[1]) == 0
    assert len(replay_rows(times + 5.0, states, 20, 10)[1]) == 0


def test_one_state_is_one_row() -> None:
    first, rows = replay_rows(np.array([0.2]), np.array([[1.0, 2, 3, 4]]), 20, 10)
    assert (first, rows.tolist()) == (4, [(1.0, 2.0, 3.0, 4.0, 0.0)])


@given(
    st.integers(2, 30), st.sampled_from([(10, 20), (10, 10), (10, 60), (25, 50)]), st.integers(0, 9)
)
def test_recorded_ticks_keep_their_states(n: int, rates: tuple[int, int], start: int) -> None:
    recorded, physics = rates
    times = (start + np.arange(n)) / recorded
    states = np.random.default_rng(n).normal(size=(n, 4)) * [100, 100, 1, 10]
    first, rows = replay_rows(times, states, physics, 10_000)
    each = physics // recorded
    assert first == start * each
    assert len(rows) == (n - 1) * each + 1
    np.testing.assert_allclose(rows["x"][::each], states[:, 0], atol=1e-9)
    assert np.abs(np.diff(rows["heading"])).max() <= np.pi / each + 1e-9
