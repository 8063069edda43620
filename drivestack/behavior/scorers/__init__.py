"""Scorers: named terms and a total for every candidate."""

from .pdm import Pdm
from .progress import Progress

SCORERS = {"progress": Progress, "pdm": Pdm}
