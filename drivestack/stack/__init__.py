"""Composes the stages into `decide`; presets by name."""

from .presets import STACKS
from .setup import Latency, Setup

__all__ = ["STACKS", "Latency", "Setup"]
