"""Composes the stages into `decide`; presets by name."""

from .planners import PLACES
from .presets import APPRAISED, LEARNED, STACKS
from .setup import Host, Latency, Setup

__all__ = ["APPRAISED", "LEARNED", "PLACES", "STACKS", "Host", "Latency", "Setup"]
