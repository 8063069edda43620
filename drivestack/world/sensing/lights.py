"""Stop lines and the colours of their lights, as old as the frame of tracks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivestack.core.types import Ints, Scene, StopLines

from .mount import Mount


def stop_lines(scene: Scene, mounts: Sequence[Mount], age: Ints) -> StopLines:
    """The stop lines within range of each ego; other effects of a sensor do not touch them.

    Args:
        age: (B,) of the frame [ticks].
    """
    most = max(0 if mount.lines is None else len(mount.lines.lane) for mount in mounts)
    batch = len(mounts)
    if most == 0:
        return StopLines.none(batch)
    lane, colour = np.zeros((batch, most), np.int32), np.zeros((batch, most), np.int32)
    pose, width = np.zeros((batch, most, 3)), np.zeros((batch, most))
    valid = np.zeros((batch, most), np.bool_)
    for b, mount in enumerate(mounts):
        if mount.lines is None:
            continue
        n, tick = len(mount.lines.lane), int(scene.tick[b]) - int(age[b])
        shown = np.array([light.at(tick) for light in mount.lights], np.int32)
        lane[b, :n], colour[b, :n] = mount.lines.lane, shown[mount.lines.light]
        pose[b, :n], width[b, :n] = mount.lines.pose, mount.lines.width
        apart = pose[b, :n, :2] - scene.ego.state[b, :2]
        valid[b, :n] = np.hypot(apart[:, 0], apart[:, 1]) <= mount.sensor.range
    return StopLines(lane, pose, width, colour, valid)
