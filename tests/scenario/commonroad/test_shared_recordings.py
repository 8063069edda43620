"""Importer checks on the recordings in the folder of shared data (its data.md, section 7)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from drivestack.scenario import load
from drivestack.scenario.commonroad.obstacles import Track
from drivestack.scenario.commonroad.recording import Recording, read_recording
from drivestack.scenario.commonroad.seats import unsuited
from drivestack.scenario.commonroad.smoothing import smoothed
from drivestack.scenario.override import Override, load_with

pytestmark = pytest.mark.shared

HEAD, OLD, CRIME = "commonroad_ngsim_head", "commonroad_ngsim_2018a", "crime_reference_cases"

ROUGH = {"USA_US101-1_1_T-1", "C-USA_US101-31_1_T-1", "C-USA_US101-32_1_T-1",
         "C-USA_US101-33_1_T-1"}  # fmt: skip
"""Files whose speeds differ from their positions by 0.15 m/s or more at the median."""


def files(shared: Path, folder: str) -> list[Path]:
    found = sorted((shared / "data" / folder).glob("*.xml.gz"))
    if not found:
        pytest.skip(f"shared data not found at {shared / 'data' / folder}")
    return found


def recordings(shared: Path, folder: str) -> dict[str, Recording]:
    return {path.name.split(".")[0]: read_recording(path) for path in files(shared, folder)}


def speed_errors(track: Track, dt: float) -> np.ndarray:
    """Mean given speed of a step less the speed of its positions."""
    moved = np.hypot(*np.diff(track.states[:, :2], axis=0).T) / dt
    return np.abs(moved - 0.5 * (track.states[1:, 3] + track.states[:-1, 3]))


@pytest.mark.parametrize(
    ("folder", "counts"),
    [
        (HEAD, (6, 128, 5_937, 294, 6)),
        pytest.param(OLD, (47, 1_802, 102_484, 2_595, 60), marks=pytest.mark.slow),
    ],
)
def test_counts_and_speeds(shared: Path, folder: str, counts: tuple[int, ...]) -> None:
    found = recordings(shared, folder)
    tracks = [track for recording in found.values() for track in recording.tracks]
    assert counts == (
        len(found),
        len(tracks),
        sum(len(track.steps) for track in tracks),
        sum(len(recording.network.lanelets) for recording in found.values()),
        sum(len(recording.problems) for recording in found.values()),
    )
    for name, recording in found.items():
        errors = [speed_errors(track, recording.clock.dt) for track in recording.tracks]
        assert (np.median(np.concatenate(errors)) >= 0.15) == (name in ROUGH), name


@pytest.mark.parametrize("name", ["USA_Lanker-1_1_T-1", "USA_Lanker-1_3_T-1"])
def test_both_formats_hold_the_same_tracks(shared: Path, name: str) -> None:
    old, new = (
        read_recording(shared / "data" / folder / f"{name}.xml.gz")
        for folder in (OLD, HEAD)
        if files(shared, folder)
    )
    assert old.clock.in_seconds
    assert not new.clock.in_seconds
    theirs = {track.id: track for track in new.tracks}
    assert set(theirs) == {track.id for track in old.tracks}
    for track in old.tracks:
        np.testing.assert_array_equal(track.steps, theirs[track.id].steps)
        np.testing.assert_array_equal(track.states[:, :2], theirs[track.id].states[:, :2])
        np.testing.assert_array_equal(track.states[:, 3], theirs[track.id].states[:, 3])


def track_hash(recording: Recording) -> str:
    """What two files share that hold the same vehicles."""
    digest = hashlib.sha256()
    for track in sorted(recording.tracks, key=lambda track: track.id):
        digest.update(track.steps.tobytes() + track.states[:, :2].tobytes())
    return digest.hexdigest()


@pytest.mark.slow
def test_the_same_tracks_twice_are_the_known_ones(shared: Path) -> None:
    same: dict[str, list[str]] = {}
    for folder in (HEAD, OLD):
        for name, recording in recordings(shared, folder).items():
            same.setdefault(track_hash(recording), []).append(f"{folder}/{name}")
    assert sorted(names for names in same.values() if len(names) > 1) == [
        [f"{OLD}/C-USA_Lanker-2_3_T-1", f"{OLD}/C-USA_Lanker-2_4_T-1"],
        *([f"{folder}/USA_Lanker-1_{k}_T-1" for folder in (HEAD, OLD)] for k in (1, 3)),
    ]


def test_the_newer_files_are_read_in_full_and_say_what_is_left_out(shared: Path) -> None:
    found = recordings(shared, HEAD)
    lit = {name: len(one.lights) for name, one in found.items() if one.lights}
    assert lit == {"USA_Peach-4_8_T-1": 4, "USA_Lanker-1_3_T-1": 8}
    lines = [lane for one in found.values() for _, lines in one.lights for lane, _ in lines]
    assert len(lines) == len(set(lines)) == 30, "every lanelet has one light"
    partly = [part for one in found.values() for part in one.left_out if "light" in part]
    assert partly == ["light 11524 for some turns of lanelet 3570"]
    signs = {part for one in found.values() for part in one.left_out if part.startswith("sign")}
    assert signs == {"sign R3-4"}, "no U-turn"
    assert sum(len(one.network.lanelets) for one in found.values()) == 294
    limited = [bool(lane["limited"]) for one in found.values() for lane in one.network.map.lanes]
    assert sum(limited) > 200


@pytest.mark.parametrize("folder", [HEAD, pytest.param(OLD, marks=pytest.mark.slow)])
def test_smoothed_tracks_move_as_cars_do(shared: Path, folder: str) -> None:
    changes = [smoothed(recording)[1] for recording in recordings(shared, folder).values()]
    moved, before, after = (
        np.concatenate([getattr(change, name) for change in changes])
        for name in ("displacement", "before", "after")
    )
    assert np.percentile(before, 99) > 8.0, "raw"
    assert np.percentile(after, 99) < 5.0
    assert after.max() <= 8.0 + 1e-9
    assert np.percentile(moved, 95) < 0.15
    assert np.sqrt(np.mean(moved**2)) < 0.1
    assert sum(change.clipped for change in changes) < 0.01 * len(moved)


@pytest.mark.parametrize("folder", [HEAD, pytest.param(OLD, marks=pytest.mark.nightly)])
def test_every_recording_has_vehicles_that_can_be_the_ego(shared: Path, folder: str) -> None:
    for path in files(shared, folder):
        starts = list(load_with(path, Override(vehicle="all")))
        recording = read_recording(path)
        suited = [track for track in recording.tracks if not unsuited(track, recording.clock)]
        assert len(starts) == len(suited) > 0, path.name
        for start in starts:
            assert len(start.log) == start.ticks + 1
            assert start.has_goal


@pytest.mark.parametrize("folder", [HEAD, pytest.param(OLD, marks=pytest.mark.slow), CRIME])
def test_every_recording_becomes_starts(shared: Path, folder: str) -> None:
    for path in files(shared, folder):
        recording = read_recording(path)
        starts = list(load(path))
        assert len(starts) == len(recording.problems), path.name
        for start in starts:
            assert start.ticks >= 10
            assert start.bodies["present"][0]
            assert len(np.unique(start.map.lanes["road"])) == len(start.map.roads)
            assert (start.map.roads["start"] != start.map.roads["end"]).all()


def test_the_shipped_suite_of_recordings_loads(shared: Path) -> None:
    expected = len(files(shared, HEAD)) + len(files(shared, OLD))
    suite = Path(__file__).resolve().parents[3] / "scenarios" / "ngsim.yaml"
    assert len({start.scenario for start in load(suite)}) >= expected
