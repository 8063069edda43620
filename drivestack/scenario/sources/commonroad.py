"""Scenarios from CommonRoad files: replayed traffic, one start for each place the ego can take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError, nearest
from drivestack.core.lights import Light
from drivestack.core.start import Rates, Start, Traffic, no_log
from drivestack.core.tables import Driver, Kind
from drivestack.roads.nearest import nearest_lane

from ..bodies import EGO_DRIVERS, Body, Pose, body_row, replayed
from ..commonroad.gate import goal_gate
from ..commonroad.obstacles import Track
from ..commonroad.planning import GoalState, Problem
from ..commonroad.recording import Recording, read_recording
from ..commonroad.seats import (
    LEAST_SECONDS,
    LEAST_WAY,
    Seat,
    problem_seat,
    unsuited,
    vehicle_seat,
)
from ..commonroad.smoothing import smoothed
from ..expand import Case
from ..goals import Circle, goal_of
from ..lighting import timed
from ..map_schema import CommonRoadMap
from ..reacting import reacting
from ..replay import replay_rows
from ..starting import rates_of, start_of, ticks_of


def starts(case: Case) -> Iterator[Start]:
    """One start for each planning problem or recorded vehicle that the ego can be.

    Raises:
        InputError: the file, or something in it, or the id of the problem or vehicle is wrong.
    """
    raw = read_recording(_path(case))
    recording = smoothed(raw)[0] if _map(case).smoothing else raw
    if case.scenario.ego.vehicle is None:
        yield from _problem_starts(case, raw, recording)
        return
    several = case.scenario.ego.vehicle == "all"
    for number, seat in _vehicle_seats(case, recording).items():
        own = _case_of(case, str(number), {"vehicle": number}) if several else case
        yield _start(own, recording, seat)


def places(case: Case) -> int:
    """How many starts there are; raises as `starts`."""
    recording = read_recording(_path(case))
    if case.scenario.ego.vehicle is not None:
        return len(_vehicle_seats(case, recording))
    return sum(len(_goals(case, problem)) for problem in _problems(case, recording))


def _problem_starts(case: Case, raw: Recording, recording: Recording) -> Iterator[Start]:
    """One start for each goal state of each problem that is wanted."""
    for problem in _problems(case, recording):
        for number, goal in _goals(case, problem).items():
            keys, own = {"problem": problem.id}, str(problem.id)
            if len(problem.goals) > 1:
                keys, own = {**keys, "goal_state": number}, f"{own}.{number}"
            several = len(recording.problems) > 1 or len(keys) > 1
            seat = problem_seat(raw, recording, problem, goal)
            yield _start(_case_of(case, own, keys) if several else case, recording, seat)


def _goals(case: Case, problem: Problem) -> dict[int, GoalState]:
    """The goal states that are wanted, by number."""
    goals = dict(enumerate(problem.goals, start=1))
    wanted = case.scenario.ego.goal_state
    if wanted is not None and wanted not in goals:
        sentence = f"problem {problem.id} has goal states 1 to {len(goals)}"
        raise case.problem(sentence, "ego", "goal_state")
    return goals if wanted is None else {wanted: goals[wanted]}


def _problems(case: Case, recording: Recording) -> list[Problem]:
    wanted = case.scenario.ego.problem
    problems = [p for p in recording.problems if wanted in (None, p.id)]
    if not problems:
        valid = [str(problem.id) for problem in recording.problems]
        sentence = f"no planning problem {wanted}; {nearest(str(wanted), valid)}"
        raise case.problem(sentence, "ego", "problem")
    return problems


def _vehicle_seats(case: Case, recording: Recording) -> dict[int, Seat]:
    wanted = case.scenario.ego.vehicle
    why_not = {track.id: unsuited(track, recording.clock) for track in recording.tracks}
    suited = [number for number, reason in why_not.items() if not reason]
    if not suited:
        sentence = (
            f"no recorded vehicle is suited as ego: none is recorded for {LEAST_SECONDS:g} s and "
            f"ends {LEAST_WAY:g} m from where it starts"
        )
        raise case.problem(sentence, "ego", "vehicle")
    if wanted == "all":
        chosen = suited
    elif wanted in suited:
        chosen = [wanted]
    else:
        reason = why_not.get(wanted or 0, "")
        said = f"no vehicle {wanted}"
        if reason:
            said = f"vehicle {wanted} is not suited as ego: {reason}"
        near = min(suited, key=lambda number: abs(number - (wanted or 0)))
        raise case.problem(f"{said}; did you mean {near}?", "ego", "vehicle")
    return {track.id: vehicle_seat(track) for track in recording.tracks if track.id in chosen}


def _case_of(case: Case, own: str, keys: dict[str, int]) -> Case:
    """The case of one of several problems or vehicles: ``name:own@version#seed``."""
    name, _, rest = case.id.rpartition("@")
    ego = case.scenario.ego.model_copy(update=keys)
    scenario = case.scenario.model_copy(update={"ego": ego})
    return replace(case, id=f"{name}:{own}@{rest}", scenario=scenario)


def _map(case: Case) -> CommonRoadMap:
    assert isinstance(case.scenario.map, CommonRoadMap)
    return case.scenario.map


def _path(case: Case) -> Path:
    try:
        return case.roots.find(case.folder, _map(case).file)
    except InputError as error:
        raise case.problem(str(error), "map", "file") from None


def _start(case: Case, recording: Recording, seat: Seat) -> Start:
    scenario, road_map = case.scenario, recording.network.map
    seconds = scenario.time_limit or (seat.last_step - seat.step) * recording.clock.dt
    rates = rates_of(scenario)
    ticks = ticks_of(seconds, rates)
    reactive = _map(case).traffic is Traffic.REACTIVE
    bodies = [_ego(case, seat)]
    for track in recording.tracks:
        if track is seat.track:
            continue
        times = _times(track, seat, recording)
        size = (track.length, track.width)
        made = _standing(track)
        if track.moves:
            # late vehicles need their paths beyond the time limit
            last = max(ticks, ticks_of(float(times[-1]), rates)) if reactive else ticks
            made = replayed(track.kind, size, times, track.states, rates.physics, last)
        if made is not None and made.first_tick <= ticks:
            bodies.append(made)
    goal = goal_of(case, road_map) or _goal(recording, seat)
    source = recording.source
    if reactive and recording.lights:
        source += "; vehicles that are late do not heed lights"
    start = start_of(case, road_map, bodies, seconds, goal, source)
    lights = _lights(recording, seat, rates)
    start = replace(start, log=_log(seat, recording, rates), lights=lights)
    return reacting(start, _map(case).departure) if reactive else start


def _lights(recording: Recording, seat: Seat, rates: Rates) -> tuple[Light, ...]:
    """The lights, from the moment at which the ego takes its place."""
    before = seat.step * recording.clock.dt
    return tuple(
        timed(str(light.id), light.phases, light.offset - before, rates.physics, lines)
        for light, lines in recording.lights
    )


def _times(track: Track, seat: Seat, recording: Recording) -> NDArray[np.float64]:
    """When a track was recorded [s], from the moment at which the ego takes its place."""
    return np.asarray((track.steps - seat.step) * recording.clock.dt, np.float64)


def _log(seat: Seat, recording: Recording, rates: Rates) -> NDArray[np.float64]:
    """The recorded drive of the ego (L, 4), at every tick."""
    if seat.track is None or not seat.track.moves:
        return no_log()
    times = _times(seat.track, seat, recording)
    last = ticks_of(float(times[-1]), rates)
    _, rows = replay_rows(times, seat.track.states, rates.physics, last)
    return np.stack([rows[name] for name in ("x", "y", "heading", "speed")], axis=-1)


def _ego(case: Case, seat: Seat) -> Body:
    x, y, heading, speed = seat.state
    driver = EGO_DRIVERS[case.scenario.ego.kind]
    return Body(body_row(driver, Kind.CAR, Pose(x, y, heading), speed, *seat.size))


def _standing(track: Track) -> Body:
    x, y, heading, _ = track.states[0]
    pose = Pose(float(x), float(y), float(heading))
    return Body(body_row(Driver.OBSTACLE, track.kind, pose, 0.0, track.length, track.width))


def _goal(recording: Recording, seat: Seat) -> Circle | None:
    """The goal region, or the gate of the goal lanelets."""
    if not seat.goal_lanelets:
        return seat.goal
    network = recording.network
    x, y, heading, _ = seat.state
    lane, _ = nearest_lane(network.map, float(x), float(y), float(heading))
    lanelet = next(name for name, index in network.lane_of.items() if index == lane)
    return goal_gate(lanelet, seat.goal_lanelets, network.lanelets)
