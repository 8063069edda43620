"""Proposers: from an observation and a route to K candidate chunks."""

from .idm import Idm
from .pdm import Pdm15

PROPOSERS = {"idm": Idm, "pdm15": Pdm15}
