"""One frame: what each sensor measures now of the true bodies, before latency and faults."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Bools, Floats, Scene, Tracks

from .mount import Mount
from .visibility import visible


def measured(scene: Scene, mounts: Sequence[Mount]) -> Tracks:
    """The bodies that are seen and not missed, with noise; H = 1, age 0.

    Of what is not measured nothing is left: its row is zero and not valid. Perfect rows are taken
    over as they are.
    """
    agents = scene.agents
    seen = agents.valid[:, :, 0].copy()
    kept = np.zeros(seen.shape, np.bool_)
    state = agents.state.copy()
    for b, mount in enumerate(mounts):
        if mount.sensor.is_perfect:
            kept[b] = True
            continue
        tick = int(scene.tick[b])
        seen[b] &= _in_sight(scene, mount, b)
        seen[b] &= ~_missed(mount, tick, agents.id[b], seen[b])
        state[b, :, 0] += _noise(mount, tick, agents.id[b], seen[b])
    kept |= seen
    return Tracks(
        state=np.where(kept[:, :, None, None], state, 0.0),
        size=np.where(kept[:, :, None], agents.size, 0.0),
        kind=np.where(kept, agents.kind, np.int32(0)),
        id=np.where(kept, agents.id, np.int32(0)),
        age=np.zeros(seen.shape, np.int32),
        valid=seen[:, :, None],
    )


def _in_sight(scene: Scene, mount: Mount, b: int) -> Bools:
    """(N,) by range, field of view and occlusion."""
    agents, sensor = scene.agents, mount.sensor
    return visible(
        scene.ego.state[b], agents.state[b, :, 0], agents.size[b], agents.valid[b, :, 0],
        sensor.range, sensor.field_of_view, sensor.visible_share,
    )  # fmt: skip


def _missed(mount: Mount, tick: int, ids: NDArray[np.int32], seen: Bools) -> Bools:
    """(N,) which detections fail."""
    chance = mount.sensor.miss_probability
    if chance == 0.0 or not seen.any():
        return np.zeros(len(ids), np.bool_)
    draws = mount.random("miss", tick).random(int(ids[seen].max()) + 1)
    return np.where(seen, draws[np.where(seen, ids, 0)] < chance, False)


def _noise(mount: Mount, tick: int, ids: NDArray[np.int32], seen: Bools) -> Floats:
    """(N, 4) what is added to the states.

    Rows are drawn by id, not by place: a body's noise does not depend on who else is there.
    """
    sensor = mount.sensor
    noise = np.zeros((len(ids), 4))
    if (sensor.position_noise == 0.0 and sensor.speed_noise == 0.0) or not seen.any():
        return noise
    draws = mount.random("noise", tick).normal(size=(int(ids[seen].max()) + 1, 3))[ids[seen]]
    noise[seen, 0] = sensor.position_noise * draws[:, 0]
    noise[seen, 1] = sensor.position_noise * draws[:, 1]
    noise[seen, 3] = sensor.speed_noise * draws[:, 2]
    return noise
