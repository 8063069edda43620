"""Proposers: from an observation and a route to K candidate chunks."""

from .constant import Constant
from .idm import Idm
from .pdm import Pdm15
from .pdm_lane import PdmLane
from .reckless import Heedless, Reckless
from .replay import Replay

PROPOSERS = {
    "idm": Idm,
    "pdm15": Pdm15,
    "pdm_lane": PdmLane,
    "constant": Constant,
    "replay": Replay,
    "reckless": Reckless,
    "heedless": Heedless,
}
