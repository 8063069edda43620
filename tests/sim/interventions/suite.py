"""Scenarios whose outcome with and without the layer is known, driven at constant speed."""

from __future__ import annotations

from pathlib import Path

SPEED = 15.0
"""Of the ego [m/s], whose front is 2.5 m ahead of its centre."""

NAMES = ("saved", "needless", "harm", "mitigated", "quiet")
"""Scenarios in order, each called by its label; the layer is the check of time to collision."""


def write_suite(folder: Path) -> Path:
    """The suite as a file."""
    lane = "{kind: straight, from: a, to: b, start: [0, 0], end: [600, 0], speed_limit: 30}"
    road = f"map: {{kind: lanes, lanes: [{lane}]}}"
    body = "length: 5, width: 2"
    standing = "kind: scripted, name: ghost, lane: [a, b, 0], s: 102.5, speed: 0"
    ghost = f"{{{standing}, {body}, events: [{{when: {{time: 4.2}}, do: {{vanish: true}}}}]}}"
    follower = f"{{kind: scripted, name: follower, lane: [a, b, 0], s: 10, speed: 15, {body}}}"
    actors = {
        "saved": "{kind: obstacle, lane: [a, b, 0], s: 101.25, length: 2.5, width: 2}",
        "needless": ghost,
        "harm": f"{ghost}, {follower}",
        "mitigated": "{kind: obstacle, lane: [a, b, 0], s: 33.75, length: 2.5, width: 2}",
        "quiet": "",
    }
    lines = ["suite: known", "version: 1", "defaults:"]
    lines += [f"  ego: {{lane: [a, b, 0], s: 20, speed: {SPEED:g}}}", "  time_limit: 9"]
    lines += ["scenarios:"]
    lines += [f"- {{id: {name}, {road}, actors: [{actors[name]}]}}" for name in NAMES]
    path = folder / "known.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path
