"""Privileged planners: they label states with what turns out best, and never drive a car alone."""
