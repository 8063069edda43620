"""Random pairs of boxes for the measures of criticality, and their mirror images."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from drivestack.core.types import Floats
from drivestack.metrics.criticality.pairs import Pairs

EGO_SIZE = np.array([5.0, 2.0])


def pairs(
    pose: tuple[float, float, float],
    ego_speed: float,
    speed: float,
    size: tuple[float, float] = (4.5, 1.8),
    driven: bool = True,
) -> Pairs:
    """One pair: the other's pose in the ego's frame, both speeds."""
    return Pairs(
        row=np.zeros(1, np.intp),
        other=np.zeros(1, np.intp),
        pose=np.array([pose]),
        ego_speed=np.array([ego_speed]),
        speed=np.array([speed]),
        ego_size=EGO_SIZE,
        size=np.array([size]),
        driven=np.array([driven]),
    )


def mirrored(vectors: Floats) -> Floats:
    """Poses (..., 3) or vectors (..., 2) with left and right swapped."""
    return vectors * np.array([1.0, -1.0, -1.0])[: vectors.shape[-1]]


ANY = st.builds(
    pairs,
    st.tuples(st.floats(-60.0, 60.0), st.floats(-30.0, 30.0), st.floats(-3.1, 3.1)),
    st.floats(-5.0, 30.0),
    st.floats(-5.0, 30.0),
    st.tuples(st.floats(0.5, 18.0), st.floats(0.5, 2.6)),
    st.booleans(),
)
