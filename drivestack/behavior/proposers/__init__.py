"""Proposers: from an observation and a route to K candidate chunks."""

from .idm import Idm
from .pdm import Pdm15
from .pdm_lane import PdmLane

PROPOSERS = {"idm": Idm, "pdm15": Pdm15, "pdm_lane": PdmLane}
