"""How long routing takes, and to find out that a route still holds.

    python tools/bench/route.py --json

Microseconds of CPU time a row, the median of `REPEATS` loops, on maps of highway-env and on one of
NGSIM where the folder of shared data is there: `route` with the map's searches made before,
`search` with none of them (the first route to a goal, or after a lane has closed), `stale` is what
every plan asks.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from timing import median, timed

from drivestack.core.start import Start
from drivestack.core.types import (
    Closures,
    Echoes,
    EgoState,
    Goal,
    Observation,
    Sight,
    StopLines,
    Tracks,
)
from drivestack.roads.lanes import heading_at, position
from drivestack.roads.mirror import to_iso
from drivestack.route import cells, outlook, search
from drivestack.route.lane_router import LaneRouter
from drivestack.route.off_route import Keep, stale
from drivestack.scenario import load
from drivestack.scenario.sources.highway_env import load as scene
from drivestack.sim.goals import goals_of

BATCHES = (1, 32)
REPEATS = 50
SEED = 0
SCENES = ("highway-v0", "exit-v1", "intersection-v2", "racetrack-large-v1")
SHARED = Path(os.environ.get("DRIVESTACK_SHARED", Path(__file__).resolve().parents[3] / "shared"))
RECORDING = SHARED / "data" / "commonroad_ngsim_head" / "USA_Lanker-1_1_T-1.xml.gz"

AIMS = {"route": 300.0, "stale": 5.0}
"""Most microseconds a row."""


def starts() -> Iterator[tuple[str, Start]]:
    """What is routed, by name."""
    for name in SCENES:
        yield name, scene(name, SEED)
    if RECORDING.exists():
        yield "ngsim", next(iter(load(RECORDING)))


def egos(start: Start, batch: int) -> Observation:
    """The scenario's ego, and others along the lane that it starts on."""
    map = to_iso(start.map)
    ego = start.bodies[int(start.slot["ego"][0])]
    lane = map.lanes[int(ego["lane"])]
    state = np.zeros((batch, 4))
    for b, s in enumerate(np.linspace(0.05, 0.5, batch) * lane["length"]):
        x, y = position(lane, map.points, float(s), 0.0)
        state[b] = x, y, heading_at(lane, map.points, float(s)), ego["speed"]
    none, nobody = np.zeros(batch), np.zeros((batch, 0), np.int32)
    return Observation(
        tick=np.zeros(batch, np.int32),
        dt=np.full(batch, 0.05),
        maps=(map,),
        map_index=np.zeros(batch, np.int32),
        ego=EgoState(state, none, none.copy(), np.ones((batch, 2))),
        tracks=Tracks(
            np.zeros((batch, 0, 1, 4)), np.zeros((batch, 0, 2)), nobody, nobody.copy(),
            nobody.copy(), np.zeros((batch, 0, 1), np.bool_),
        ),
        age=np.zeros(batch, np.int32),
        closures=Closures.none(batch),
        stop_lines=StopLines.none(batch),
        echoes=Echoes.none(batch),
        sight=Sight.perfect(batch),
    )  # fmt: skip


def microseconds(call: Callable[[], object], rows: int, calls: int) -> float:
    """CPU time a row, the median of loops of some calls after one call that compiles."""

    def loop() -> None:
        for _ in range(calls):
            call()

    call()
    return median([timed(loop) for _ in range(REPEATS)]).cpu / calls / rows * 1e6


def forget() -> None:
    """Drop everything that was searched; the joints of lanes, which never change, stay."""
    for made in (cells.cells_of, search.steps_of, outlook.to_goal, outlook.onward):
        made.cache_clear()


def measure() -> dict[str, float]:
    """Every figure by its name."""
    router, keep = LaneRouter(), Keep()
    found: dict[str, float] = {}
    for name, start in starts():
        for batch in BATCHES:
            seen = egos(start, batch)
            goal: Goal = goals_of([start] * batch, [seen.maps[0]] * batch, len(start.log))
            route = router.route(seen, goal)
            key = f"{name}_b{batch}"

            def again(seen: Observation = seen, goal: Goal = goal) -> object:
                return router.route(seen, goal)

            def check(seen: Observation = seen, route: object = route) -> object:
                return stale(seen, route, keep)

            def anew(again: Callable[[], object] = again) -> object:
                forget()
                return again()

            found[f"route_us_{key}"] = microseconds(again, batch, 10)
            if batch == 1:
                found[f"search_us_{name}"] = microseconds(anew, batch, 1)
            found[f"stale_us_{key}"] = microseconds(check, batch, 200)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    found = {name: round(value, 2) for name, value in measure().items()}
    if parser.parse_args().json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        aim = AIMS.get(name.split("_")[0], np.inf)
        print(f"{name:40s} {value:10.2f}  {'' if value <= aim else f'missed: {aim:g}'}")


if __name__ == "__main__":
    main()
