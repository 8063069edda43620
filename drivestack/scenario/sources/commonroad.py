"""Scenarios from CommonRoad files: replayed traffic, one start for each planning problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from drivestack.core.errors import InputError, nearest
from drivestack.core.start import Start
from drivestack.core.tables import Driver, Kind
from drivestack.roads.nearest import nearest_lane

from ..bodies import EGO_DRIVERS, EGO_SIZE, Body, Pose, body_row, replayed
from ..commonroad.gate import goal_gate
from ..commonroad.obstacles import Track
from ..commonroad.planning import Problem
from ..commonroad.recording import Recording, read_recording
from ..expand import Case
from ..goals import Circle, goal_of
from ..map_schema import CommonRoadMap
from ..starting import rates_of, start_of, ticks_of

SAME_PLACE = 0.1
"""Centres of two cars are never this near to each other [m]: it is one car, recorded."""


def starts(case: Case) -> Iterator[Start]:
    """One start for each planning problem, or for the one that the ego names.

    Raises:
        InputError: the file, or something in it, or the problem's id is wrong.
    """
    recording = read_recording(_path(case))
    wanted = case.scenario.ego.problem
    problems = [p for p in recording.problems if wanted in (None, p.id)]
    if not problems:
        valid = [str(problem.id) for problem in recording.problems]
        sentence = f"no planning problem {wanted}; {nearest(str(wanted), valid)}"
        raise case.problem(sentence, "ego", "problem")
    for problem in problems:
        several = len(recording.problems) > 1
        yield _start(_case_of(case, problem) if several else case, recording, problem)


def _case_of(case: Case, problem: Problem) -> Case:
    """The case of one of several problems: ``name:problem@version#seed``."""
    name, _, rest = case.id.rpartition("@")
    ego = case.scenario.ego.model_copy(update={"problem": problem.id})
    scenario = case.scenario.model_copy(update={"ego": ego})
    return replace(case, id=f"{name}:{problem.id}@{rest}", scenario=scenario)


def _path(case: Case) -> Path:
    assert isinstance(case.scenario.map, CommonRoadMap)
    try:
        return case.roots.find(case.folder, case.scenario.map.file)
    except InputError as error:
        raise case.problem(str(error), "map", "file") from None


def _start(case: Case, recording: Recording, problem: Problem) -> Start:
    scenario, road_map = case.scenario, recording.network.map
    dt = recording.clock.dt
    seconds = scenario.time_limit or (problem.last_step - problem.step) * dt
    rates = rates_of(scenario)
    ticks = ticks_of(seconds, rates)
    bodies = [_ego(case, problem)]
    for track in recording.tracks:
        if _is_the_ego(track, problem):
            continue
        times = np.asarray((track.steps - problem.step) * dt, np.float64)
        size = (track.length, track.width)
        made = _standing(track)
        if track.moves:
            made = replayed(track.kind, size, times, track.states, rates.physics, ticks)
        if made is not None:
            bodies.append(made)
    goal = goal_of(case, road_map) or _goal(recording, problem)
    source = f"CommonRoad {recording.version} {recording.name}"
    return start_of(case, road_map, bodies, seconds, goal, source)


def _ego(case: Case, problem: Problem) -> Body:
    x, y, heading, speed = problem.state
    driver = EGO_DRIVERS[case.scenario.ego.kind]
    return Body(body_row(driver, Kind.CAR, Pose(x, y, heading), speed, *EGO_SIZE))


def _is_the_ego(track: Track, problem: Problem) -> bool:
    """Whether the track is the recorded drive of the car that the ego stands for."""
    at = track.states[track.steps == problem.step, :2] if track.moves else track.states[:1, :2]
    return len(at) > 0 and float(np.hypot(*(at[0] - problem.state[:2]))) < SAME_PLACE


def _standing(track: Track) -> Body:
    x, y, heading, _ = track.states[0]
    pose = Pose(float(x), float(y), float(heading))
    return Body(body_row(Driver.OBSTACLE, track.kind, pose, 0.0, track.length, track.width))


def _goal(recording: Recording, problem: Problem) -> Circle | None:
    """The goal region, or the gate of the goal lanelets."""
    if not problem.goal_lanelets:
        return problem.goal
    network = recording.network
    x, y, heading, _ = problem.state
    lane, _ = nearest_lane(network.map, float(x), float(y), float(heading))
    lanelet = next(name for name, index in network.lane_of.items() if index == lane)
    return goal_gate(lanelet, problem.goal_lanelets, network.lanelets)
