"""True scenes by hand, and sensors in front of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivestack.core.rows import put_rows, take_rows
from drivestack.core.sensor import Sensor
from drivestack.core.types import EgoState, Floats, Observation, Scene, Tracks
from drivestack.world.sensing import Memory, Mount, fresh, sense
from tests.scenes import two_lanes

MAPS = (two_lanes(),)
CAR = (5.0, 2.0)


def scene(
    bodies: Sequence[Sequence[float]],
    tick: int = 0,
    ego: Sequence[float] = (0.0, 0.0, 0.0, 10.0),
    room: int = 0,
    sizes: Sequence[Sequence[float]] | None = None,
) -> Scene:
    """One scenario; bodies ``x, y, yaw, v``, numbered from 0; `room`: further, empty places."""
    count = len(bodies) + room
    state, valid = np.zeros((1, count, 1, 4)), np.zeros((1, count, 1), np.bool_)
    size = np.zeros((1, count, 2))
    for i, body in enumerate(bodies):
        state[0, i, 0], valid[0, i], size[0, i] = body, True, CAR if sizes is None else sizes[i]
    none, numbers = np.zeros((1, count), np.int32), np.arange(count, dtype=np.int32)[None]
    one = np.zeros(1, np.int32)
    no = np.zeros(1, np.bool_)
    return Scene(
        tick=np.full(1, tick, np.int32),
        dt=np.full(1, 0.05),
        maps=MAPS,
        map_index=one,
        ego=EgoState(np.array([ego], np.float64), np.zeros(1), np.zeros(1), np.array([CAR])),
        agents=Tracks(state, size, none, numbers, none, valid),
        ego_lane=one,
        ego_target_lane=one,
        lane=none,
        target_lane=none,
        target_speed=np.zeros((1, count)),
        crashed=no,
        agent_crashed=np.zeros((1, count), np.bool_),
        contact=no,
        contact_side=one,
        contact_with=one,
        control=np.zeros((1, 2)),
        ended=no,
        cue_fired=np.zeros((1, 0), np.bool_),
        cue_over=np.zeros((1, 0), np.bool_),
        cue_began=np.zeros((1, 0), np.int32),
        cue_ended=np.zeros((1, 0), np.int32),
    )


def joined(*scenes: Scene) -> Scene:
    """Scenes of equally many places as one batch."""
    whole = take_rows(scenes[0], np.zeros(len(scenes), np.intp))
    for b, single in enumerate(scenes):
        whole = put_rows(whole, np.array([b]), single)
    return whole


def mount(sensor: Sensor, seed: int = 0, scenario: str = "test") -> Mount:
    return Mount(sensor, scenario, seed)


def watched(
    scenes: Sequence[Scene], *mounts: Mount, memory: Memory | None = None
) -> tuple[list[Observation], Memory]:
    """What the sensors show of scenes that follow each other."""
    depth = max(one.sensor.latency for one in mounts)
    memory = fresh(len(mounts), depth) if memory is None else memory
    seen = []
    for one in scenes:
        observation, memory = sense(one, mounts, memory)
        seen.append(observation)
    return seen, memory


def seen_ids(observation: Observation, row: int = 0) -> list[int]:
    tracks = observation.tracks
    return sorted(tracks.id[row][tracks.valid[row, :, 0]].tolist())


def states(observation: Observation, row: int = 0) -> Floats:
    """(n, 4) of the valid tracks, by id."""
    tracks = observation.tracks
    kept = np.flatnonzero(tracks.valid[row, :, 0])
    return tracks.state[row, kept[np.argsort(tracks.id[row, kept])], 0]
