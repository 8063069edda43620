"""Perfect sensing: what a stack is given of the true scene; intents and contacts stay behind."""

from __future__ import annotations

import numpy as np

from drivestack.core.types import Observation, Scene


def perceived(scene: Scene) -> Observation:
    """Every agent as it is, without delay, history of one state."""
    return Observation(
        tick=scene.tick,
        dt=scene.dt,
        maps=scene.maps,
        map_index=scene.map_index,
        ego=scene.ego,
        tracks=scene.agents,
        age=np.zeros(len(scene.tick), np.int32),
    )
