"""Policy heads: distributions of chunks given a scene, all used in the same way."""

from .autoregressive import Autoregressive
from .diffusion import Diffusion
from .flow import Flow
from .gaussian import Gaussian
from .head import Fit, Head
from .mixture import Mixture
from .mse import Mse
from .shortcut import Shortcut

HEADS: dict[str, type[Head]] = {
    "mse": Mse,
    "gaussian": Gaussian,
    "mixture": Mixture,
    "autoregressive": Autoregressive,
    "diffusion": Diffusion,
    "flow": Flow,
    "shortcut": Shortcut,
}
"""``HEADS[name](Sizes(condition=C, chunk=D))``."""

__all__ = ["HEADS", "Fit", "Head"]
