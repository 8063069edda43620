"""Places that an ego can take in a recording: a planning problem's, or a recorded vehicle's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.tables import Kind

from ..bodies import EGO_SIZE
from .obstacles import Track
from .planning import GoalState, Problem
from .recording import Recording
from .values import Clock

DRIVEN = (Kind.CAR, Kind.TRUCK, Kind.BUS, Kind.MOTORCYCLE)
"""What an ego can stand for."""

LEAST_SECONDS = 1.0
"""Shortest recording of a vehicle that can be the ego; our choice: the shortest of the planning
problems that CommonRoad made of NGSIM."""

LEAST_WAY = 5.0
"""Least distance [m] of its end from its start; our choice: clear of `ARRIVED`."""

ARRIVED = 3.0
"""Radius [m] about the end of a recorded drive; our choice: within the lane, however fast."""

SAME_PLACE = 0.1
"""Centres of two cars are never this near to each other [m]: it is one car, recorded."""


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """Where and when an ego takes its place.

    Attributes:
        step, last_step: of the recording. state: x, y [m], heading [rad], speed [m/s] at `step`.
        size: length and width [m]. goal: x, y, radius [m], or None. goal_lanelets: if any.
        track: what was recorded of this very vehicle, or None.
    """

    step: int
    last_step: int
    state: tuple[float, float, float, float]
    size: tuple[float, float]
    goal: tuple[float, float, float] | None
    goal_lanelets: tuple[int, ...]
    track: Track | None


def problem_seat(raw: Recording, recording: Recording, problem: Problem, goal: GoalState) -> Seat:
    """The place of a problem's ego; if it was recorded, its track is known by where it is.

    Args:
        raw: as it was recorded. recording: the same, perhaps smoothed.
    """
    pairs = zip(raw.tracks, recording.tracks, strict=True)
    track = next((track for before, track in pairs if _is_the_ego(before, problem)), None)
    return Seat(
        step=problem.step,
        last_step=goal.last_step,
        state=problem.state,
        size=EGO_SIZE if track is None else (track.length, track.width),
        goal=goal.region,
        goal_lanelets=goal.lanelets,
        track=track,
    )


def vehicle_seat(track: Track) -> Seat:
    """The place of a recorded vehicle, from its first state to its last, which is the goal."""
    x, y, heading, speed = (float(value) for value in track.states[0])
    end_x, end_y = (float(value) for value in track.states[-1, :2])
    return Seat(
        step=int(track.steps[0]),
        last_step=int(track.steps[-1]),
        state=(x, y, heading, speed),
        size=(track.length, track.width),
        goal=(end_x, end_y, ARRIVED),
        goal_lanelets=(),
        track=track,
    )


def unsuited(track: Track, clock: Clock) -> str:
    """Why the ego cannot take the place of a recorded obstacle; empty if it can."""
    if not track.moves or track.kind not in DRIVEN:
        return f"it is {'a' if track.moves else 'a standing'} {track.kind.name.lower()}"
    seconds = int(track.steps[-1] - track.steps[0]) * clock.dt
    if seconds < LEAST_SECONDS - 1e-9:
        return f"it is recorded for {seconds:g} s, less than {LEAST_SECONDS:g} s"
    way = float(np.hypot(*(track.states[-1, :2] - track.states[0, :2])))
    if way < LEAST_WAY:
        return f"its drive ends {way:.1f} m from where it starts, less than {LEAST_WAY:g} m"
    return ""


def _is_the_ego(track: Track, problem: Problem) -> bool:
    """Whether the track is the recorded drive of the car that the ego stands for."""
    at = track.states[track.steps == problem.step, :2] if track.moves else track.states[:1, :2]
    return len(at) > 0 and float(np.hypot(*(at[0] - problem.state[:2]))) < SAME_PLACE
