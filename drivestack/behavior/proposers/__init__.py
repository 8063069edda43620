"""Proposers: from an observation and a route to K candidate chunks."""

from .constant import Constant
from .evasive import Evasive
from .idm import Idm
from .learned import Learned
from .pdm import Pdm15
from .pdm_lane import PdmLane
from .reckless import Heedless, Reckless
from .replay import Replay
from .wide import wide

PROPOSERS = {
    "idm": Idm,
    "pdm15": Pdm15,
    "pdm_lane": PdmLane,
    "evasive": Evasive,
    "wide": wide,
    "flow": Learned,
    "constant": Constant,
    "replay": Replay,
    "reckless": Reckless,
    "heedless": Heedless,
}
