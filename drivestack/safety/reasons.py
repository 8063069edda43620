"""Sentences for people: why a check acted, from what it measured and where that turns bad."""

from __future__ import annotations

from collections.abc import Callable

from .faults import NAMES

Reason = Callable[[str, float, float], str]
"""A sentence from the words for the road user that it is about, the value, the limit."""


def _faulty(name: str) -> Reason:
    """The sentence of a fault of what the layer is given."""
    words = name.replace("_", " ")
    return lambda who, value, limit: f"what the layer is given is faulty: {words}"


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
    **{name: _faulty(name) for name in NAMES},
}
"""By the names in verdicts of guards."""

_TIMES = {
    "ttc": "time to collision",
    "thw": "time headway",
    "ttc_plane": "time to collision in the plane",
    "wttc": "worst-case time to collision",
    "pet": "post-encroachment time",
}

_DISTANCES = ("rss_longitudinal", "rss_lateral", "rss_opposite", "rss_intersection",
              "rss_unstructured")  # fmt: skip


def _time(words: str) -> Reason:
    """The sentence of a time, which is negated in verdicts: less is worse."""
    return lambda who, value, limit: (
        f"the {words} with {who} is {0.0 - value:.2f} s, and {-limit:.2f} s is the least"
    )


def _distance(name: str) -> Reason:
    """The sentence of a distance of RSS, negated likewise."""
    rule = name.removeprefix("rss_")
    return lambda who, value, limit: (
        f"{who} is {-value:.1f} m away, and RSS asks for {-limit:.1f} m ({rule})"
    )


_A_LANE = 3.0
"""Limits of `WrongWay` below this are how far over one may get, above it how near the right side
has to be [m]; our choice."""

ACTING: dict[str, Reason] = {
    "what_if": lambda who, value, limit: (
        f"waiting any longer for {who} is expected to cost {value:.2f} collisions, "
        f"and acting now {limit:.2f}"
    ),
    "time_to_collision": lambda who, value, limit: (
        f"braking for {who} is {value:.2f} s later than what avoids the contact"
    ),
    "aeb": lambda who, value, limit: f"by its own radar the way ahead is {value:.1f} m too short",
    "critic": lambda who, value, limit: (
        f"the chance that the plan ends in a contact within 3 s is {100.0 * value:.1f} %, "
        f"and {100.0 * limit:.1f} % is the most"
    ),
    "drac": lambda who, value, limit: (
        f"{who} asks for a braking of {value:.1f} m/s2, and {limit:.1f} m/s2 is the most"
    ),
    "btn": lambda who, value, limit: f"{who} asks for {100.0 * value:.0f} % of the brakes",
    "stn": lambda who, value, limit: f"{who} asks for {100.0 * value:.0f} % of the steering",
    **{name: _time(words) for name, words in _TIMES.items()},
    **{name: _distance(name) for name in _DISTANCES},
    "road_boundary": lambda who, value, limit: (
        f"the command leads {value:.1f} m outside all lanes within the next moment, "
        f"and {limit:.1f} m is the most"
    ),
    "wrong_way": lambda who, value, limit: (
        f"the command leads {value:.1f} m to the wrong side of the road, which is not meant, "
        f"or not clear because of {who}"
        if limit < _A_LANE
        else "the car is on the wrong side of the road, and no lane that leads its way is within "
        f"{value:.1f} m"
    ),
    "red_light": lambda who, value, limit: (
        f"stopping before the red light needs {value:.1f} m/s2, and {limit:.1f} is gentle"
    ),
    "priority": lambda who, value, limit: (
        f"giving way to {who} needs {value:.1f} m/s2, and {limit:.1f} is gentle"
    ),
    "occlusion": lambda who, value, limit: (
        f"slowing down for what cannot be seen needs {value:.1f} m/s2, and {limit:.1f} is gentle"
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
