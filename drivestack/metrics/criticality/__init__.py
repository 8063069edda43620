"""Criticality measures: how near to a collision a drive came."""
