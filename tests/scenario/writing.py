"""Synthetic inputs written for these tests: scenario files and CommonRoad documents."""

from __future__ import annotations

import gzip
import math
from collections.abc import Sequence
from pathlib import Path

SCENARIO = """\
id: two-lanes
map:
  kind: lanes
  lanes:
    - {kind: straight, from: a, to: b, start: [0, 0], end: [100, 0]}
    - {kind: straight, from: a, to: b, start: [0, -4], end: [100, -4], width: 4}
ego: {kind: stack, lane: [a, b, 0], s: 10, speed: 10}
actors:
  - {kind: idm, name: lead, lane: [a, b, 1], s: 30, speed: 5}
time_limit: 5
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def edited(old: str, new: str, text: str = SCENARIO) -> str:
    """The scenario with one piece replaced, which must occur exactly once."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def lanelet(number: int, x: tuple[float, float], y: float, *more: str, width: float = 4.0) -> str:
    """A straight lanelet along x with its centre at y."""

    def bound(side: float) -> str:
        return "".join(f"<point><x>{at}</x><y>{y + side}</y></point>" for at in x)

    return (
        f'<lanelet id="{number}">\n<leftBound>{bound(width / 2)}</leftBound>\n'
        f"<rightBound>{bound(-width / 2)}</rightBound>\n{''.join(more)}</lanelet>\n"
    )


def adjacent(side: str, other: int, direction: str = "same") -> str:
    return f'<adjacent{side} ref="{other}" drivingDir="{direction}"/>'


def state(tag: str, time: str, x: float, y: float, heading: float, speed: float) -> str:
    return (
        f"<{tag}><position><point><x>{x}</x><y>{y}</y></point></position>"
        f"<orientation><exact>{heading}</exact></orientation>"
        f"<time><exact>{time}</exact></time>"
        f"<velocity><exact>{speed}</exact></velocity></{tag}>\n"
    )


NETWORK = (
    lanelet(1, (0.0, 100.0), 0.0, '<successor ref="3"/>', adjacent("Right", 2))
    + lanelet(2, (0.0, 100.0), -4.0, '<successor ref="4"/>', adjacent("Left", 1))
    + lanelet(3, (100.0, 200.0), 0.0, '<predecessor ref="1"/>', adjacent("Right", 4))
    + lanelet(4, (100.0, 200.0), -4.0, '<predecessor ref="2"/>', adjacent("Left", 3))
)
"""Two lanes, 200 m, in two pieces."""

SHAPE = "<shape><rectangle><length>4.5</length><width>1.8</width></rectangle></shape>"


def document(version: str, network: str = NETWORK, goal: str = "", more: str = "") -> str:
    """A recording of one moving and one parked car, in the words of a version."""
    seconds = version == "2018a"

    def time(step: int) -> str:
        return f"{step * 0.1:g}" if seconds else str(step)

    states = [(k, 30.0 + k, -4.0, 0.1 * k, 10.0 + 0.5 * k) for k in range(3, 13)]
    moving = state("initialState", time(2), 32.0, -4.0, 0.2, 11.0)
    moving += "<trajectory>" + "".join(state("state", time(k), *rest) for k, *rest in states)
    moving += "</trajectory>"
    parked = state("initialState", time(0), 150.0, 1.0, 0.0, 0.0)
    if version == "2020a":
        cars = f'<dynamicObstacle id="11"><type>car</type>{SHAPE}{moving}</dynamicObstacle>\n'
        cars += (
            f'<staticObstacle id="12"><type>parkedVehicle</type>{SHAPE}{parked}</staticObstacle>'
        )
    else:
        cars = (
            f'<obstacle id="11"><role>dynamic</role><type>car</type>{SHAPE}{moving}</obstacle>\n'
            f'<obstacle id="12"><role>static</role><type>parkedVehicle</type>{SHAPE}{parked}'
            "</obstacle>"
        )
    interval = f"<intervalStart>{time(10)}</intervalStart><intervalEnd>{time(20)}</intervalEnd>"
    place = goal or '<position><lanelet ref="4"/></position>'
    problem = (
        f'<planningProblem id="21">{state("initialState", time(0), 5.0, 0.0, 0.0, 12.0)}'
        f"<goalState><time>{interval}</time>{place}</goalState></planningProblem>\n"
    )
    return (
        f'<?xml version="1.0"?>\n<commonRoad commonRoadVersion="{version}" timeStepSize="0.1" '
        f'benchmarkID="TST_Road-1_1_T-1">\n{network}{cars}\n{problem}{more}</commonRoad>\n'
    )


def write_gzip(folder: Path, name: str, chunks: Sequence[bytes]) -> Path:
    path = folder / name
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for chunk in chunks:
            stream.write(chunk)
    return path


def recorded(
    number: int, states: Sequence[tuple[float, ...]], first: int = 0, kind: str = "car"
) -> str:
    """A vehicle of a 2020a document that was recorded every 0.1 s: x, y, heading, speed."""
    body = state("initialState", str(first), *states[0])
    body += "<trajectory>" + "".join(
        state("state", str(first + k), *row) for k, row in enumerate(states[1:], start=1)
    )
    body += "</trajectory>"
    return f'<dynamicObstacle id="{number}"><type>{kind}</type>{SHAPE}{body}</dynamicObstacle>\n'


def lane_change(seconds: float = 8.0) -> list[tuple[float, ...]]:
    """A drive from the left lane to the right one: 8 m/s, faster by 1 m/s2, then slower again."""
    found = []
    x, v = 5.0, 8.0
    for k in range(round(seconds * 10) + 1):
        part = min(max((0.1 * k - 2.0) / 4.0, 0.0), 1.0)
        y = -4.0 * part**3 * (10.0 + part * (6.0 * part - 15.0))
        slope = -4.0 * 30.0 * part**2 * (1.0 - part) ** 2 / 4.0
        found.append((x, y, math.atan2(slope, v), math.hypot(v, slope)))
        accel = 1.0 if k < 40 else -1.0
        x, v = x + 0.1 * v + 0.005 * accel, v + 0.1 * accel
    return found
