"""Recorded tracks made smooth enough to learn from: raw NGSIM accelerates as no car can.

A Savitzky-Golay filter of the positions, without delay, and speeds rebuilt from what it leaves. It
is linear and the same for x and y, so it filters along and across the way alike. Chosen on all 53
NGSIM recordings, by acceleration p99 (differences of positions) and displacement p95: raw 9.2 m/s2;
1.1 s long 6.0 m/s2, 0.05 m; 1.5 s 4.5 m/s2, 0.08 m; 2.1 s 3.5 m/s2, 0.13 m; a Butterworth filter of
2nd order forth and back at 0.5 Hz 4.1 m/s2, 0.32 m, most of it at the ends. With speeds rebuilt and
clipped the choice gives 3.5 m/s2 and moves states by 0.04 m rms, 1.3 m at most.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.core.geometry import boxes_overlap
from drivestack.core.smoothing import filtered_series, savitzky_golay

from .obstacles import Track
from .recording import Recording

SECONDS, ORDER = 1.5, 2
"""Length of the filter [s] and order of its polynomials; see above."""

LEAST_ACCEL, MOST_ACCEL = -8.0, 4.0
"""What a car can do [m/s2]; the bounds of `safety.envelope`. Speeds change no faster."""

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What smoothing did to a recording's moving tracks.

    Attributes:
        displacement: (R,) how far each state was moved [m]. before, after: (A,) magnitudes of the
        acceleration, from the speeds given and rebuilt [m/s2]. clipped: speeds that changed faster
        than a car can. overlapping: ids of two bodies that overlap when the second appears.
    """

    displacement: Series
    before: Series
    after: Series
    clipped: int
    overlapping: tuple[tuple[int, int], ...]

    @property
    def sentence(self) -> str:
        """The filter, and what it did, for the log."""
        moved, told = self.displacement, f"smoothed by Savitzky-Golay over {SECONDS:g} s"
        if len(moved) == 0 or len(self.before) == 0:
            return told
        rms, most = float(np.sqrt(np.mean(moved**2))), float(moved.max())
        before, after = (float(np.percentile(a, 99)) for a in (self.before, self.after))
        return (
            f"{told}: moved {rms:.2f} m rms and {most:.2f} m at most, acceleration p99 "
            f"{before:.1f} to {after:.1f} m/s2, {self.clipped} speeds clipped, "
            f"{len(self.overlapping)} pairs overlapping at their start"
        )


@functools.lru_cache(maxsize=128)
def smoothed(recording: Recording) -> tuple[Recording, Change]:
    """The recording with its moving tracks smoothed, and what changed."""
    dt = recording.clock.dt
    tracks, moved, before, after, clipped = [], [], [], [], 0
    for track in recording.tracks:
        if not track.moves or len(track.steps) < 3:
            tracks.append(track)
            continue
        raw = _filled(track)
        own, count = _smooth(raw.states, dt)
        tracks.append(replace(raw, states=own))
        moved.append(np.hypot(*(own - raw.states)[:, :2].T))
        before.append(np.abs(np.diff(raw.states[:, 3])) / dt)
        after.append(np.abs(np.diff(own[:, 3])) / dt)
        clipped += count
    change = Change(
        displacement=_joined(moved),
        before=_joined(before),
        after=_joined(after),
        clipped=clipped,
        overlapping=tuple(_overlapping(recording.tracks)),
    )
    return replace(recording, tracks=tuple(tracks), changed=change.sentence), change


def _joined(parts: list[Series]) -> Series:
    return np.concatenate(parts) if parts else np.zeros(0)


def _filled(track: Track) -> Track:
    """The track with a state at every step."""
    steps = np.arange(track.steps[0], track.steps[-1] + 1)
    columns = [*track.states[:, :2].T, np.unwrap(track.states[:, 2]), track.states[:, 3]]
    states = np.stack([np.interp(steps, track.steps, column) for column in columns], axis=-1)
    return replace(track, steps=steps, states=states)


def _smooth(states: Series, dt: float) -> tuple[Series, int]:
    """States (R, 4) filtered, and how many speeds had to be clipped."""
    window = round(SECONDS / dt) | 1
    if window <= ORDER:  # recorded too seldom
        return states, 0
    found = np.empty_like(states)
    for column in range(3):
        found[:, column] = _filtered(states[:, column], window, 0, 1.0)
    rates = [_filtered(states[:, column], window, 1, 1.0 / dt) for column in range(2)]
    speed = np.hypot(*rates)
    found[:, 3], clipped = _limited(speed, dt)
    return found, clipped


def _filtered(values: Series, window: int, derivative: int, scale: float) -> Series:
    out = np.zeros(len(values))
    weights = savitzky_golay(len(values), window, ORDER, derivative)
    filtered_series(np.ascontiguousarray(values), *weights, scale, out)
    return out


def _limited(speed: Series, dt: float) -> tuple[Series, int]:
    """Speeds (R,) that change no faster than a car can, and how many were not so."""
    found, clipped = speed.copy(), 0
    for k in range(1, len(found)):
        low, high = found[k - 1] + LEAST_ACCEL * dt, found[k - 1] + MOST_ACCEL * dt
        if not low <= found[k] <= high:
            found[k] = min(max(found[k], low, 0.0), high)
            clipped += 1
    return found, clipped


def _overlapping(tracks: tuple[Track, ...]) -> Iterator[tuple[int, int]]:
    """Pairs whose boxes, as recorded, overlap at the first step of the later one."""
    for k, later in enumerate(tracks):
        for j, other in enumerate(tracks):
            first = int(later.steps[0])
            if j == k or not later.moves or (other.steps[0] == first and j > k and other.moves):
                continue
            at = np.flatnonzero(other.steps == first) if other.moves else np.zeros(1, np.int64)
            if len(at) and _overlap(later, 0, other, int(at[0])):
                yield other.id, later.id


def _overlap(one: Track, row: int, other: Track, at: int) -> bool:
    x, y, heading, _ = one.states[row].tolist()
    other_x, other_y, other_heading, _ = other.states[at].tolist()
    return boxes_overlap(
        x, y, heading, one.length, one.width,
        other_x, other_y, other_heading, other.length, other.width,
    )  # fmt: skip
