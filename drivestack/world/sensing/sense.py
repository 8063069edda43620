"""From the true scene to what a stack is given, once a tick."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivestack.core.types import (
    UNLIMITED,
    Closures,
    Ints,
    Observation,
    Scene,
    Sight,
    Tracks,
)

from .faults import advanced, with_ghosts
from .lights import stop_lines
from .measure import measured
from .memory import Memory, recalled, stored
from .mount import Mount
from .radar import heard


def sense(scene: Scene, mounts: Sequence[Mount], memory: Memory) -> tuple[Observation, Memory]:
    """The observations of this tick, and what to remember; call it at every physics tick.

    The ego's state is exact and present; `Observation.age` is that of the frame of tracks.
    Perfect rows equal the truth bit for bit, whatever runs beside them; where all are perfect, the
    memory is left as it is.

    Args:
        scene: the truth. mounts: B. memory: of the tick before, see `memory.fresh`.

    Raises:
        ValueError: a sensor's latency is longer than the memory.
    """
    if all(mount.sensor.is_perfect for mount in mounts):
        return _observed(scene, mounts, scene.agents, np.zeros(len(mounts), np.int32)), memory
    latency = np.array([mount.sensor.latency for mount in mounts], np.int32)
    if latency.max() >= memory.depth:
        raise ValueError(f"memory: {memory.depth - 1} ticks deep, a sensor needs {latency.max()}")
    faults = advanced(memory.faults, scene, mounts, memory.first < 0)
    frame = with_ghosts(measured(scene, mounts), faults, scene, mounts)
    memory = stored(memory, scene.tick, frame, faults)
    return _observed(scene, mounts, *recalled(memory, scene.tick, latency)), memory


def _observed(scene: Scene, mounts: Sequence[Mount], tracks: Tracks, age: Ints) -> Observation:
    """The record without anything privileged: intents and contacts stay behind."""
    return Observation(
        tick=scene.tick,
        dt=scene.dt,
        maps=scene.maps,
        map_index=scene.map_index,
        ego=scene.ego,
        tracks=tracks,
        age=age,
        closures=_closures(mounts),
        stop_lines=stop_lines(scene, mounts, age),
        echoes=heard(scene, mounts),
        sight=_sight(mounts),
    )


def _sight(mounts: Sequence[Mount]) -> Sight:
    """What every sensor can see at best."""
    reach = [min(mount.sensor.range, UNLIMITED) for mount in mounts]
    return Sight(np.array(reach), np.array([m.sensor.visible_share > 0.0 for m in mounts]))


def _closures(mounts: Sequence[Mount]) -> Closures:
    """What the map service says is closed."""
    most = max(len(mount.closures) for mount in mounts)
    if most == 0:
        return Closures.none(len(mounts))
    table = np.zeros((len(mounts), most, 3))
    valid = np.zeros((len(mounts), most), np.bool_)
    for b, mount in enumerate(mounts):
        count = len(mount.closures)
        table[b, :count] = np.array(mount.closures).reshape(count, 3)
        valid[b, :count] = True
    return Closures(table[..., 0].astype(np.int32), table[..., 1], table[..., 2], valid)
