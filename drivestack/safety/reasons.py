"""Sentences for people: why a check acted, from what it measured and where that turns bad."""

from __future__ import annotations

from collections.abc import Callable

Reason = Callable[[str, float, float], str]
"""A sentence from the words for the road user that it is about, the value, the limit."""

GUARDING: dict[str, Reason] = {
    "finite": lambda who, value, limit: f"{value:.0f} numbers of the command are not finite",
    "frame_age": lambda who, value, limit: (
        f"what is known of the others is {value:.2f} s old, and {limit:.2f} s is the most"
    ),
    "plan_age": lambda who, value, limit: (
        f"the plan is {value:.2f} s old, and {limit:.2f} s is the most"
        if value < 1e6
        else "no plan was ever made"
    ),
    "envelope": lambda who, value, limit: (
        f"the command is {100.0 * value:.0f} % beyond what the car can do"
    ),
}
"""By the names in verdicts of guards."""

ACTING: dict[str, Reason] = {
    "what_if": lambda who, value, limit: (
        f"waiting any longer for {who} is expected to cost {value:.2f} collisions, "
        f"and acting now {limit:.2f}"
    ),
    "time_to_collision": lambda who, value, limit: (
        f"braking for {who} is {value:.2f} s later than what avoids the contact"
    ),
    "road_boundary": lambda who, value, limit: (
        f"the command leads {value:.1f} m outside all lanes within the next moment, "
        f"and {limit:.1f} m is the most"
    ),
}
"""By the names in verdicts of checks and monitors."""


def sentence(name: str, object: int, value: float, limit: float) -> str:
    """Why a check acted.

    Args:
        name: in the verdict. object: id of the road user that it is about, -1: none.
        value, limit: what it measured, and where that turns bad.
    """
    who = f"road user {object}" if object >= 0 else "somebody"
    reason = GUARDING.get(name) or ACTING.get(name)
    if reason is not None:
        return reason(who, value, limit)
    about = f" of {who}" if object >= 0 else ""
    return f"{name.replace('_', ' ')}{about} is {value:.2f}, and {limit:.2f} is the limit"
