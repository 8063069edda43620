"""From anything to records that the checks can read: what cannot be used is replaced and named.

The usual case costs one compiled look at the numbers. Everything else is slow and rare, so it is
plain: a row whose ego or tracks cannot be used gets the last good ego and no tracks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import axis_sizes
from drivestack.core.compiled import kernel
from drivestack.core.map import Map
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import (
    Bools,
    Closures,
    Echoes,
    EgoState,
    Floats,
    Observation,
    Plan,
    PlanSource,
    Sight,
    StopLines,
    Tracks,
)
from drivestack.roads.build import build_map, straight

from .faults import Fault, Faults

LARGEST = np.array([1e8, 1e4, 200.0, 200.0, np.pi, 200.0, 10.0])
"""Magnitudes that nothing of a road exceeds: positions [m] (projected coordinates reach 1e7), yaws
(never normalised) [rad], speeds [m/s], accelerations [m/s2], steering angles [rad], lengths and
widths [m], time of a tick [s]. Our choice, far beyond what is possible: they tell damage only."""

_EGO_FINITE, _EGO_RANGE = int(Fault.EGO_NOT_FINITE), int(Fault.EGO_OUT_OF_RANGE)
_TRACKS_FINITE, _TRACKS_RANGE = int(Fault.TRACKS_NOT_FINITE), int(Fault.TRACKS_OUT_OF_RANGE)
_PLAN_FINITE, _PLAN_RANGE = int(Fault.PLAN_NOT_FINITE), int(Fault.PLAN_OUT_OF_RANGE)
_CONTROL_FINITE = int(Fault.CONTROL_NOT_FINITE)
_CONTROL_RANGE = int(Fault.CONTROL_OUT_OF_RANGE)


def no_fault(batch: int) -> Bools:
    """(B, F) nothing is wrong."""
    return np.zeros((batch, len(Fault)), np.bool_)


def admitted_control(control: Any, found: Bools) -> Floats:
    """(B, 2) numbers, NaN where there are none; faults are added to `found` (B, F)."""
    batch = len(found)
    fits = isinstance(control, np.ndarray) and control.dtype == np.float64
    if not fits or control.shape != (batch, 2):
        found[:, Fault.CONTROL_MISSING] = True
        return np.full((batch, 2), np.nan)
    _look(np.ascontiguousarray(control), found)
    return control


def admitted_plan(plan: Any, now: NDArray[np.int32], found: Bools) -> Plan:
    """A plan; rows without one are marked as such (`PlanSource.FALLBACK`).

    Args:
        now: (B,) the tick. found: (B, F) faults are added to it.
    """
    batch = len(found)
    if type(plan) is not Plan or not _fits(plan, _PLAN, batch):
        found[:, Fault.PLAN_MISSING] = True
        source = np.full(batch, PlanSource.FALLBACK, np.int32)
        none, tick = np.full(batch, -1, np.int32), np.array(now, np.int32)
        return Plan(np.zeros((batch, 1, 4)), np.zeros((batch, 1, 2)), none, source, tick,
                    np.ones(batch))  # fmt: skip
    _look_at_plan(plan.states, plan.controls, LARGEST, found)
    if not found.any():
        return plan
    bad = np.flatnonzero(found[:, [_PLAN_FINITE, _PLAN_RANGE]].any(axis=1))
    if len(bad) == 0:
        return plan
    states, controls, source = plan.states.copy(), plan.controls.copy(), plan.source.copy()
    states[bad], controls[bad], source[bad] = 0.0, 0.0, PlanSource.FALLBACK
    return replace(plan, states=states, controls=controls, source=source)


def admitted_observation(seen: Any, last: Faults, found: Bools) -> Observation:
    """An observation of every scenario, whatever was given; faults are added to `found` (B, F)."""
    batch = len(found)
    if not _whole(seen, batch):
        found[:, Fault.OBSERVATION_MISSING] = True
        return blind(last)
    ego, tracks = seen.ego, seen.tracks
    _look_at_sight(seen.sight.range, LARGEST, found)
    _look_around(ego.state, ego.accel, ego.steer, ego.size, seen.dt, seen.map_index,
                 len(seen.maps), tracks.state, tracks.size, tracks.age, tracks.valid, LARGEST,
                 found)  # fmt: skip
    echoes = seen.echoes
    _look_at_echoes(echoes.along, echoes.lateral, echoes.closing, echoes.drift,
                    seen.stop_lines.pose, seen.stop_lines.width, LARGEST, found)  # fmt: skip
    if not found.any():
        return seen
    bad = found[:, [_EGO_FINITE, _EGO_RANGE, _TRACKS_FINITE, _TRACKS_RANGE]].any(axis=1)
    return _mended(seen, last, np.flatnonzero(bad), found)


def _mended(seen: Observation, last: Faults, bad: NDArray[np.intp], found: Bools) -> Observation:
    """Bad rows without tracks, echoes and lines, and where the ego is bad, with the last one."""
    lost = np.flatnonzero(found[:, [_EGO_FINITE, _EGO_RANGE]].any(axis=1))
    tracks, echoes = seen.tracks, seen.echoes
    state, size, valid = tracks.state.copy(), tracks.size.copy(), tracks.valid.copy()
    state[bad], size[bad], valid[bad] = 0.0, 0.0, False
    heard = echoes.valid.copy()
    heard[bad] = False
    reach = seen.sight.range.copy()
    reach[bad] = 0.0
    lines = seen.stop_lines
    pose, width, shown = lines.pose.copy(), lines.width.copy(), lines.valid.copy()
    pose[bad], width[bad], shown[bad] = 0.0, 0.0, False
    along, lateral = echoes.along.copy(), echoes.lateral.copy()
    closing, drift = echoes.closing.copy(), echoes.drift.copy()
    along[bad], lateral[bad], closing[bad], drift[bad] = 0.0, 0.0, 0.0, 0.0
    dt, index = seen.dt.copy(), seen.map_index.copy()
    dt[lost] = last.last["dt"][lost]
    index[lost] = np.minimum(last.map_index[lost], len(seen.maps) - 1)
    ego = seen.ego
    if len(lost):
        ego = put_rows(ego, lost, take_rows(last.ego, lost))
    return replace(
        seen,
        dt=dt,
        map_index=index,
        ego=ego,
        tracks=replace(tracks, state=state, size=size, valid=valid),
        stop_lines=replace(lines, pose=pose, width=width, valid=shown),
        echoes=Echoes(along, lateral, closing, drift, heard),
        sight=replace(seen.sight, range=reach),
    )


def blind(last: Faults) -> Observation:
    """What is left where nothing is seen: the last ego, and its map."""
    known, batch = last.last, len(last.last)
    nobody = np.zeros((batch, 0), np.int32)
    tracks = Tracks(np.zeros((batch, 0, 1, 4)), np.zeros((batch, 0, 2)), nobody, nobody.copy(),
                    nobody.copy(), np.zeros((batch, 0, 1), np.bool_))  # fmt: skip
    return Observation(
        tick=known["tick"].copy(),
        dt=known["dt"].copy(),
        maps=last.maps or (nowhere(),),
        map_index=last.map_index if last.maps else np.zeros(batch, np.int32),
        ego=last.ego,
        tracks=tracks,
        age=np.zeros(batch, np.int32),
        closures=Closures.none(batch),
        stop_lines=StopLines.none(batch),
        echoes=Echoes.none(batch),
        sight=Sight.perfect(batch),
    )


@cache
def nowhere() -> Map:
    """The map of a car that has never seen any: one lane, along its heading."""
    return build_map("nowhere", [("a", "b", straight((-1e4, 0.0), (1e4, 0.0)))])


class _Layout:
    """Arrays of a record and of those in it: type and axes of each, by letters or size."""

    def __init__(self, **wanted: tuple[str, str]) -> None:
        names = [name.replace("__", ".") for name in wanted]
        self.arrays_of: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
        self.types = [code for _, code in wanted.values()]
        self.axes = tuple(" ".join(axes) for axes, _ in wanted.values())


_PLAN = _Layout(
    states=("BT4", "d"), controls=("BT2", "d"), chosen=("B", "i"), source=("B", "i"),
    tick=("B", "i"), dt=("B", "d"),
)  # fmt: skip

_PARTS = {
    "ego": EgoState,
    "tracks": Tracks,
    "closures": Closures,
    "stop_lines": StopLines,
    "echoes": Echoes,
    "sight": Sight,
}
"""Records in an observation."""

_OBSERVATION = _Layout(
    tick=("B", "i"), dt=("B", "d"), map_index=("B", "i"), age=("B", "i"),
    ego__state=("B4", "d"), ego__accel=("B", "d"), ego__steer=("B", "d"), ego__size=("B2", "d"),
    tracks__state=("BNH4", "d"), tracks__size=("BN2", "d"), tracks__kind=("BN", "i"),
    tracks__id=("BN", "i"), tracks__age=("BN", "i"), tracks__valid=("BNH", "?"),
    closures__lane=("BR", "i"), closures__start=("BR", "d"), closures__end=("BR", "d"),
    closures__valid=("BR", "?"),
    stop_lines__lane=("BS", "i"), stop_lines__pose=("BS3", "d"), stop_lines__width=("BS", "d"),
    stop_lines__colour=("BS", "i"), stop_lines__valid=("BS", "?"),
    echoes__along=("BE", "d"), echoes__lateral=("BE", "d"), echoes__closing=("BE", "d"),
    echoes__drift=("BE", "d"), echoes__valid=("BE", "?"),
    sight__range=("B", "d"), sight__hidden=("B", "?"),
)  # fmt: skip


def _whole(seen: Any, batch: int) -> bool:
    """Whether it is an observation of so many scenarios, with everything in its place."""
    if type(seen) is not Observation or not isinstance(seen.maps, tuple) or not seen.maps:
        return False
    for name, kind in _PARTS.items():
        if type(getattr(seen, name)) is not kind:
            return False
    maps_are = all(type(map) is Map for map in seen.maps)
    return maps_are and _fits(seen, _OBSERVATION, batch) and seen.tracks.state.shape[2] > 0


def _fits(record: Any, layout: _Layout, batch: int) -> bool:
    """Whether arrays have the types and shapes that they should.

    Records are checked when they are made; this guards against those that were damaged since.
    """
    arrays = layout.arrays_of(record)
    for array in arrays:
        if type(array) is not np.ndarray:
            return False
    types, shapes = [array.dtype.char for array in arrays], [array.shape for array in arrays]
    if types != layout.types:
        return False
    sizes = axis_sizes(layout.axes, tuple(shapes))
    return sizes is not None and sizes["B"] == batch


@kernel
def _look(control: NDArray, found: NDArray) -> None:
    """Numbers of controls; what is finite but absurd is clamped later, here it is named."""
    for b in range(control.shape[0]):
        for i in range(2):
            if not np.isfinite(control[b, i]):
                found[b, _CONTROL_FINITE] = True
            elif abs(control[b, i]) > 1e3:
                found[b, _CONTROL_RANGE] = True


@kernel
def _wrong(value: float, most: float) -> int:
    """0: a number of a road, 1: not finite, 2: beyond any."""
    if not np.isfinite(value):
        return 1
    return 2 if abs(value) > most else 0


@kernel
def _look_at_plan(states: NDArray, controls: NDArray, most: NDArray, found: NDArray) -> None:
    """Numbers of plans."""
    for b in range(states.shape[0]):
        worst_finite, worst_range = False, False
        for t in range(states.shape[1]):
            for i in range(4):
                wrong = _wrong(states[b, t, i], most[max(i - 1, 0)])
                worst_finite |= wrong == 1
                worst_range |= wrong == 2
        for t in range(controls.shape[1]):
            for i in range(2):
                wrong = _wrong(controls[b, t, i], most[3 + i])
                worst_finite |= wrong == 1
                worst_range |= wrong == 2
        found[b, _PLAN_FINITE] |= worst_finite
        found[b, _PLAN_RANGE] |= worst_range


@kernel
def _note(found: NDArray, wrong: int, finite: int, range: int) -> None:
    if wrong == 1:
        found[finite] = True
    elif wrong == 2:
        found[range] = True


@kernel
def _look_around(
    state: NDArray, accel: NDArray, steer: NDArray, size: NDArray, dt: NDArray, index: NDArray,
    maps: int, others: NDArray, boxes: NDArray, age: NDArray, valid: NDArray, most: NDArray,
    found: NDArray,
) -> None:  # fmt: skip
    """Numbers of an observation."""
    for b in range(state.shape[0]):
        own = found[b]
        for i in range(4):
            _note(own, _wrong(state[b, i], most[max(i - 1, 0)]), _EGO_FINITE, _EGO_RANGE)
        _note(own, _wrong(accel[b], most[3]), _EGO_FINITE, _EGO_RANGE)
        _note(own, _wrong(steer[b], most[4]), _EGO_FINITE, _EGO_RANGE)
        _note(own, _wrong(dt[b], most[6]), _EGO_FINITE, _EGO_RANGE)
        for i in range(2):
            _note(own, _wrong(size[b, i], most[5]), _EGO_FINITE, _EGO_RANGE)
            own[_EGO_RANGE] |= size[b, i] <= 0.0
        own[_EGO_RANGE] |= dt[b] <= 0.0 or index[b] < 0 or index[b] >= maps
        for n in range(others.shape[1]):
            present = False
            for h in range(others.shape[2]):
                present |= valid[b, n, h]
                for i in range(4):
                    wrong = _wrong(others[b, n, h, i], most[max(i - 1, 0)])
                    _note(own, wrong, _TRACKS_FINITE, _TRACKS_RANGE)
            for i in range(2):
                _note(own, _wrong(boxes[b, n, i], most[5]), _TRACKS_FINITE, _TRACKS_RANGE)
                own[_TRACKS_RANGE] |= present and boxes[b, n, i] <= 0.0
            own[_TRACKS_RANGE] |= present and age[b, n] < 0


@kernel
def _look_at_sight(reach: NDArray, most: NDArray, found: NDArray) -> None:
    """Ranges of sensors."""
    for b in range(reach.shape[0]):
        _note(found[b], _wrong(reach[b], most[0]), _TRACKS_FINITE, _TRACKS_RANGE)
        found[b, _TRACKS_RANGE] |= reach[b] < 0.0


@kernel
def _look_at_echoes(
    along: NDArray, lateral: NDArray, closing: NDArray, drift: NDArray, pose: NDArray,
    width: NDArray, most: NDArray, found: NDArray,
) -> None:  # fmt: skip
    """Numbers of the radar, and of stop lines."""
    for b in range(along.shape[0]):
        own = found[b]
        for e in range(along.shape[1]):
            _note(own, _wrong(along[b, e], most[0]), _TRACKS_FINITE, _TRACKS_RANGE)
            _note(own, _wrong(lateral[b, e], most[0]), _TRACKS_FINITE, _TRACKS_RANGE)
            _note(own, _wrong(closing[b, e], most[2]), _TRACKS_FINITE, _TRACKS_RANGE)
            _note(own, _wrong(drift[b, e], most[2]), _TRACKS_FINITE, _TRACKS_RANGE)
        for line in range(pose.shape[1]):
            for i in range(3):
                wrong = _wrong(pose[b, line, i], most[max(i - 1, 0)])
                _note(own, wrong, _TRACKS_FINITE, _TRACKS_RANGE)
            _note(own, _wrong(width[b, line], most[5]), _TRACKS_FINITE, _TRACKS_RANGE)
