"""What the radar at the front bumper hears: points on the outlines of bodies.

It looks at the true scene by itself, so nothing that befalls the other sensors touches it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.types import Echoes, Scene

from .mount import Mount

MOST = 64
"""Echoes that are told apart at a time: common long range radars list about as many. Our choice is
that the nearest ones are told."""

POINTS = 9
"""Of a body that reflect: corners, middles of sides, and the one nearest to the bumper."""


def heard(scene: Scene, mounts: Sequence[Mount]) -> Echoes:
    """The echoes of this tick, (B, `MOST`); places after the last one are empty."""
    batch = len(mounts)
    along, lateral, closing, drift = (np.zeros((batch, MOST)) for _ in range(4))
    valid = np.zeros((batch, MOST), np.bool_)
    beams = np.array([_beams(mount) for mount in mounts])
    agents = scene.agents
    audible = agents.valid[:, :, 0].copy()
    for b, mount in enumerate(mounts):
        if mount.radar.miss_probability > 0.0 and audible[b].any():
            ids = np.where(audible[b], agents.id[b], 0)
            draws = mount.random("radar miss", int(scene.tick[b])).random(int(ids.max()) + 1)
            audible[b] &= draws[ids] >= mount.radar.miss_probability
    _hear(scene.ego.state, scene.ego.size, agents.state[:, :, 0].copy(), agents.size, audible,
          beams, along, lateral, closing, drift, valid)  # fmt: skip
    for b, mount in enumerate(mounts):
        radar = mount.radar
        if radar.range_noise > 0.0 or radar.speed_noise > 0.0:
            draws = mount.random("radar noise", int(scene.tick[b])).normal(size=(MOST, 3))
            along[b] += np.where(valid[b], radar.range_noise * draws[:, 0], 0.0)
            closing[b] += np.where(valid[b], radar.speed_noise * draws[:, 1], 0.0)
            drift[b] += np.where(valid[b], radar.speed_noise * draws[:, 2], 0.0)
    return Echoes(along, lateral, closing, drift, valid)


def _beams(mount: Mount) -> tuple[float, float, float, float]:
    """Reach [m] and half the opening angle [rad] of both beams."""
    radar = mount.radar
    return radar.range, 0.5 * radar.opening, radar.near_range, 0.5 * radar.near_opening


@kernel
def _hear(
    ego: NDArray, size: NDArray, others: NDArray, boxes: NDArray, audible: NDArray, beams: NDArray,
    along: NDArray, lateral: NDArray, closing: NDArray, drift: NDArray, valid: NDArray,
) -> None:  # fmt: skip
    """Fill in the echoes of every scenario."""
    for b in range(ego.shape[0]):
        c, s = math.cos(ego[b, 2]), math.sin(ego[b, 2])
        nose_x, nose_y = ego[b, 0] + 0.5 * size[b, 0] * c, ego[b, 1] + 0.5 * size[b, 0] * s
        longest = max(beams[b, 0], beams[b, 2])
        count = 0
        for n in range(others.shape[1]):
            if not audible[b, n]:
                continue
            dx, dy = others[b, n, 0] - nose_x, others[b, n, 1] - nose_y
            reach = longest + boxes[b, n, 0] + boxes[b, n, 1]
            if dx * dx + dy * dy > reach * reach:
                continue
            x, y = dx * c + dy * s, dy * c - dx * s  # of the centre, ahead and to the left
            yaw = others[b, n, 2] - ego[b, 2]
            u = others[b, n, 3] * math.cos(yaw) - ego[b, 3]
            w = others[b, n, 3] * math.sin(yaw)
            for k in range(POINTS):
                px, py = _point(x, y, yaw, boxes[b, n, 0], boxes[b, n, 1], k)
                far = math.sqrt(px * px + py * py)
                angle = abs(math.atan2(py, px))
                if not (
                    (far <= beams[b, 0] and angle <= beams[b, 1])
                    or (far <= beams[b, 2] and angle <= beams[b, 3])
                ):
                    continue
                place = count
                if count == along.shape[1]:
                    place = _farthest(along[b], lateral[b], far)
                    if place < 0:
                        continue
                else:
                    count += 1
                along[b, place], lateral[b, place] = px, py
                # the speed along the line of sight; at the bumper itself there is none
                closing[b, place] = -(px * u + py * w) / far if far > 0.0 else -u
                drift[b, place] = w
                valid[b, place] = True


@kernel
def _point(
    x: float, y: float, yaw: float, length: float, width: float, k: int
) -> tuple[float, float]:
    """Point k of a body's outline, in the bumper's frame: the last one is the nearest."""
    c, s = math.cos(yaw), math.sin(yaw)
    if k < 8:
        along = 0.5 * length * (1.0 if k < 3 else (-1.0 if k < 6 else 0.0))
        across = 0.5 * width * (1.0 if k % 3 == 0 else (-1.0 if k % 3 == 1 else 0.0))
    else:
        along = min(max(-(x * c + y * s), -0.5 * length), 0.5 * length)
        across = min(max(-(y * c - x * s), -0.5 * width), 0.5 * width)
    return x + along * c - across * s, y + along * s + across * c


@kernel
def _farthest(along: NDArray, lateral: NDArray, far: float) -> int:
    """The echo that is farther away than `far` [m], and than all others; -1: none is."""
    most, chosen = far * far, -1
    for place in range(along.shape[0]):
        way = along[place] * along[place] + lateral[place] * lateral[place]
        if way > most:
            most, chosen = way, place
    return chosen
