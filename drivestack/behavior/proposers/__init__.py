"""Proposers: from an observation and a route to K candidate chunks."""

from .idm import Idm

PROPOSERS = {"idm": Idm}
