"""Composes the stages into `decide`; presets by name."""

from .planners import PLACES
from .presets import STACKS
from .setup import Host, Latency, Setup

__all__ = ["PLACES", "STACKS", "Host", "Latency", "Setup"]
