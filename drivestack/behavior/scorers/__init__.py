"""Scorers: named terms and a total for every candidate."""

from .progress import Progress

SCORERS = {"progress": Progress}
