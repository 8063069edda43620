"""Composes the stages into `decide`; presets by name."""

from .planners import PLACES
from .presets import APPRAISED, LEARNED, STACKS
from .setup import Execution, Host, Latency, Setup

__all__ = ["APPRAISED", "LEARNED", "PLACES", "STACKS", "Execution", "Host", "Latency", "Setup"]
