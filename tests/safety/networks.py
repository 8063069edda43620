"""Networks for tests: random ones, and one that says what it is told to."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from drivestack.core.tensors import tensor_bytes
from drivestack.safety.critic import Calibration, about
from drivestack.safety.critic_network import SHAPES, Network

CALIBRATION = Calibration(1.0, 0.0, threshold=0.5, false_alarms=0.01, missed=0.05)


def random_network(seed: int = 0) -> Network:
    draw = np.random.default_rng(seed)
    made = {name: draw.normal(0.0, 0.3, shape).astype(np.float32) for name, shape in SHAPES.items()}
    return Network(**made)


def saying(odds: float) -> Network:
    """Always the same."""
    made = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}
    return Network(**made | {"last_bias": np.array([odds], np.float32)})


def checkpoint(
    folder: Path, network: Network, given: Calibration = CALIBRATION, **others: str
) -> Path:
    file = folder / "critic.safetensors"
    file.write_bytes(tensor_bytes(network._asdict(), about(given) | others))
    return file
