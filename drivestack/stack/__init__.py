"""Composes the stages into `decide`; presets by name."""

from .presets import STACKS as STACKS
