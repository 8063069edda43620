"""What smoothing keeps, what it takes out, and what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from drivestack.scenario import load
from drivestack.scenario.commonroad.recording import Recording, read_recording
from drivestack.scenario.commonroad.smoothing import LEAST_ACCEL, MOST_ACCEL, smoothed
from tests.scenario.writing import document, recorded, write

STEPS = 41


def holding(folder: Path, *tracks: Sequence[tuple[float, ...]], first: int = 0) -> Recording:
    """A recording of cars 31, 33, ... of which all but the first begin at a step."""
    more = "".join(
        recorded(31 + 2 * k, track, first=first if k else 0) for k, track in enumerate(tracks)
    )
    return read_recording(write(folder, "r.xml", document("2020a", more=more)))


def along(speed: float, accel: float, heading: float = 0.4) -> list[tuple[float, ...]]:
    """A straight drive of constant acceleration."""
    t = 0.1 * np.arange(STEPS)
    s = speed * t + 0.5 * accel * t**2
    return [
        (10.0 + np.cos(heading) * way, 3.0 + np.sin(heading) * way, heading, speed + accel * at)
        for way, at in zip(s.tolist(), t.tolist(), strict=True)
    ]


@pytest.mark.parametrize(("speed", "accel"), [(12.0, 0.0), (5.0, 1.5), (20.0, -3.0), (0.0, 0.0)])
def test_constant_acceleration_is_left_as_it_is(tmp_path: Path, speed: float, accel: float) -> None:
    track = along(speed, accel)
    found, change = smoothed(holding(tmp_path, track))
    np.testing.assert_allclose(found.tracks[2].states, track, atol=1e-9)
    assert change.displacement.max() < 1e-9
    assert change.clipped == 0


def test_a_spike_is_taken_out_and_its_neighbours_stay(tmp_path: Path) -> None:
    track = np.array(along(10.0, 0.0, 0.0))
    track[20, 0] += 1.0
    found, change = smoothed(holding(tmp_path, [tuple(row) for row in track.tolist()]))
    states = found.tracks[2].states
    clean = np.array(along(10.0, 0.0, 0.0))
    off = np.abs(states[:, 0] - clean[:, 0])
    assert off[20] == off.max() < 0.2, "the middle weight of 15 at order 2 is 0.151"
    assert off[:13].max() < 1e-9
    assert off[28:].max() < 1e-9
    accel = np.diff(states[:, 3]) / 0.1
    assert np.abs(accel).max() < 3.0 < 50.0 < np.abs(np.diff(track[:, 0], 2)).max() / 0.01
    assert change.displacement.max() == pytest.approx(1.0 - 0.151, abs=1e-3)


def test_noise_shrinks_and_the_drive_stays(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    clean = np.array(along(10.0, 1.0, 0.0))
    noisy = clean + rng.normal(0.0, 0.1, clean.shape) * [1.0, 1.0, 0.0, 3.0]
    found, change = smoothed(holding(tmp_path, [tuple(row) for row in noisy.tolist()]))
    states = found.tracks[2].states
    inner = slice(7, -7)
    assert np.std((states - clean)[inner, 0]) < 0.5 * np.std((noisy - clean)[inner, 0])
    assert np.abs(states[inner, 3] - clean[inner, 3]).max() < 0.5
    assert np.percentile(change.after, 95) < 0.3 * np.percentile(change.before, 95)


def test_speeds_change_no_faster_than_a_car_can(tmp_path: Path) -> None:
    t = 0.1 * np.arange(STEPS)
    x = np.where(t < 2.0, 20.0 * t, 40.0)  # stops within one step
    track = [(float(at), 0.0, 0.0, 20.0 if at < 40.0 else 0.0) for at in x]
    found, change = smoothed(holding(tmp_path, track))
    accel = np.diff(found.tracks[2].states[:, 3]) / 0.1
    assert accel.min() >= LEAST_ACCEL - 1e-9
    assert accel.max() <= MOST_ACCEL + 1e-9
    assert found.tracks[2].states[:, 3].min() >= 0.0
    assert change.clipped > 3
    assert f"{change.clipped} speeds clipped" in found.source


def test_headings_turn_on_beyond_half_a_turn(tmp_path: Path) -> None:
    ring = [
        (20 * np.cos(a), 20 * np.sin(a), np.angle(1j * np.exp(1j * a)), 40.0)
        for a in (0.2 * np.arange(STEPS)).tolist()
    ]
    states = smoothed(holding(tmp_path, ring))[0].tracks[2].states
    np.testing.assert_allclose(np.diff(states[:, 2]), 0.2, atol=1e-9)


def test_missing_steps_are_filled(tmp_path: Path) -> None:
    whole = recorded(31, along(10.0, 0.0))
    times = ["<time><exact>10</exact></time>", "<time><exact>11</exact></time>"]
    parts = [part for part in whole.split("<state>") if not any(t in part for t in times)]
    more = "<state>".join(parts)
    found, _ = smoothed(read_recording(write(tmp_path, "r.xml", document("2020a", more=more))))
    track = found.tracks[2]
    np.testing.assert_array_equal(track.steps, np.arange(STEPS))
    np.testing.assert_allclose(track.states, along(10.0, 0.0), atol=1e-9)


def test_pairs_that_overlap_at_their_start_are_named(tmp_path: Path) -> None:
    ahead = [(row[0] + 4.0, *row[1:]) for row in along(10.0, 0.0, 0.0)]
    apart = [(row[0] + 20.0, *row[1:]) for row in along(10.0, 0.0, 0.0)]
    recording = holding(tmp_path, along(10.0, 0.0, 0.0), ahead, apart)
    found, change = smoothed(recording)
    assert change.overlapping == ((31, 33),)
    assert "1 pairs overlapping at their start" in found.source
    later = holding(tmp_path, along(10.0, 0.0, 0.0), apart[10:], first=10)
    assert smoothed(later)[1].overlapping == ()


def test_a_scenario_asks_for_it_and_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    noisy = np.array(along(10.0, 0.0, 0.0)) + rng.normal(0.0, 0.2, (STEPS, 4)) * [1, 0, 0, 0]
    track = recorded(31, [tuple(row) for row in noisy.tolist()])
    write(tmp_path, "r.xml", document("2020a", more=track))
    text = "id: s\nmap: {kind: commonroad, file: r.xml, smoothing: true}\nego: {vehicle: 31}\n"
    (start,) = load(write(tmp_path, "s.yaml", text))
    (raw,) = load(write(tmp_path, "p.yaml", text.replace("true", "false")))
    assert "; smoothed by Savitzky-Golay over 1.5 s: moved 0." in start.source
    assert '"smoothing":true' in start.resolved
    assert "smoothed" not in raw.source
    assert np.abs(np.diff(start.log[::2, 0], 2)).max() < np.abs(np.diff(raw.log[::2, 0], 2)).max()


def test_the_ego_of_a_problem_is_known_by_its_raw_track(tmp_path: Path) -> None:
    states = [(5.0 + 1.2 * k + (0.9 if k == 1 else 0.0), 0.0, 0.0, 12.0) for k in range(31)]
    write(tmp_path, "r.xml", document("2020a", more=recorded(31, states)))
    text = "id: s\nmap: {kind: commonroad, file: r.xml, smoothing: true}\n"
    (start,) = load(write(tmp_path, "s.yaml", text))
    assert len(start.bodies) == 3, "it does not drive beside itself"
    assert abs(start.log[0, 0] - 5.0) > 0.1
