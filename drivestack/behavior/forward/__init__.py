"""Trained networks asked without torch: compiled, row by row."""

from .asked import CompiledFlow, CompiledScorer, Foreteller, Sampler

__all__ = ["CompiledFlow", "CompiledScorer", "Foreteller", "Sampler"]
