"""Policy heads: distributions of chunks given a scene, all used in the same way."""

from .flow import Flow
from .head import Fit, Head, Sizes
from .mse import Mse

HEADS: dict[str, type[Head]] = {
    "mse": Mse,
    "flow": Flow,
}
"""``HEADS[name](Sizes(condition=C, chunk=D))``."""

__all__ = ["HEADS", "Fit", "Head", "Sizes"]
