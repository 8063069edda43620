"""Scorers: named terms and a total for every candidate."""

from .appraised import Appraised
from .pdm import Pdm
from .pdm_lane import PdmLane
from .progress import Progress

SCORERS = {"progress": Progress, "pdm": Pdm, "pdm_lane": PdmLane, "appraised": Appraised}
