"""Proposers: from an observation and a route to K candidate chunks."""

from .constant import Constant
from .idm import Idm
from .pdm import Pdm15
from .replay import Replay

PROPOSERS = {"idm": Idm, "pdm15": Pdm15, "constant": Constant, "replay": Replay}
