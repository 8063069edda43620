"""Measures of danger that are watched at every tick, and act only where that is asked for."""
