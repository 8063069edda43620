"""Which stacks are told what the recorded driver of the ego did, and need to be."""

from __future__ import annotations

from dataclasses import replace

from drivestack.core.errors import UnsupportedError
from drivestack.core.start import Start, no_log

TOLD_THE_LOG = ("replay",)
"""Stacks that drive by the log; it is kept from all others, which would see the future in it."""


def told_to(stack: str, start: Start) -> Start:
    """What a stack and its world are given of a scenario."""
    if stack in TOLD_THE_LOG or len(start.log) == 0:
        return start
    return replace(start, log=no_log())


def check_recorded(stack: str, start: Start) -> None:
    """Refuse a scenario whose ego nobody recorded, if the stack drives by the recording.

    Raises:
        UnsupportedError: one sentence with the scenario and what it lacks.
    """
    if stack in TOLD_THE_LOG and len(start.log) < 2:
        raise UnsupportedError(
            f"{start.source}: '{start.scenario}': nobody recorded its ego, which stack '{stack}' "
            "needs; in a recording, ego.vehicle takes the place of a recorded vehicle"
        )
