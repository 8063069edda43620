"""How long the rule proposer and the rule scorer take for one scenario.

    python tools/bench/scorer.py

One JSON object: microseconds of CPU time a scenario for 15 candidates x 20 agents x 40 steps, the
median of `REPEATS` calls on a batch of `BATCH` and on single scenarios.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
from timing import median, timed

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.types import (
    Closures,
    Echoes,
    EgoState,
    Floats,
    Goal,
    Observation,
    Sight,
    StopLines,
    Tracks,
)
from drivestack.roads.build import build_map, circular, straight
from drivestack.route import ROUTERS

AGENTS = 20
BATCH = 32
REPEATS = 30
SEED = 0


def traffic(batch: int) -> Observation:
    """Egos before a bend of three lanes, among agents of all lanes within 60 m."""
    streams = np.random.default_rng(SEED)
    lanes = [("a", "b", straight((0, 4.0 * i), (120, 4.0 * i))) for i in range(3)]
    arcs = [circular((120, 80), 80 - 4.0 * i, -np.pi / 2, 0.0) for i in range(3)]
    map = build_map("bench", lanes + [("b", "c", arc) for arc in arcs])
    ego, track = np.zeros((batch, 4)), np.zeros((batch, AGENTS, 1, 4))
    ego[:, 0], ego[:, 1], ego[:, 3] = 60.0, 4.0, 12.0
    places = 60.0 + np.repeat([-48.0, -32.0, -16.0, 12.0, 26.0, 40.0, 54.0], 3)[:AGENTS]
    track[:, :, 0, 0] = places + streams.uniform(-2.0, 2.0, (batch, AGENTS))
    track[:, :, 0, 1] = 4.0 * (np.arange(AGENTS) % 3)
    track[:, :, 0, 3] = streams.uniform(8.0, 16.0, (batch, AGENTS))
    none = np.zeros((batch, AGENTS), np.int32)
    numbers = np.broadcast_to(np.arange(AGENTS, dtype=np.int32), none.shape).copy()
    return Observation(
        tick=np.zeros(batch, np.int32),
        dt=np.full(batch, 0.05),
        maps=(map,),
        map_index=np.zeros(batch, np.int32),
        ego=EgoState(ego, np.zeros(batch), np.zeros(batch), _boxes(batch)),
        tracks=Tracks(
            track,
            _boxes(batch, AGENTS),
            none,
            numbers,
            none.copy(),
            np.ones(track.shape[:3], np.bool_),
        ),
        age=np.zeros(batch, np.int32),
        closures=Closures.none(batch),
        stop_lines=StopLines.none(batch),
        echoes=Echoes.none(batch),
        sight=Sight.perfect(batch),
    )


def _boxes(*shape: int) -> Floats:
    """Cars of 5 x 2 m."""
    return np.broadcast_to([5.0, 2.0], (*shape, 2)).copy()


def microseconds(call: Callable[[], object], batch: int) -> float:
    """CPU time a scenario, the median of `REPEATS` calls after one that compiles."""
    call()
    return median([timed(call) for _ in range(REPEATS)]).cpu / batch * 1e6


def measure(batch: int) -> tuple[float, float]:
    """Proposer and scorer [us a scenario] on a batch."""
    seen = traffic(batch)
    goal = Goal(
        lane=np.full(batch, -1, np.int32),
        position=np.zeros((batch, 2)),
        radius=np.zeros(batch),
        valid=np.zeros(batch, bool),
        log=np.zeros((batch, 0, 4)),
        log_valid=np.zeros((batch, 0), bool),
    )
    route = ROUTERS["lanes"]().route(seen, goal)
    proposer, scorer = PROPOSERS["pdm15"](), SCORERS["pdm"]()
    candidates = proposer.propose(seen, route, goal)
    return (
        microseconds(lambda: proposer.propose(seen, route, goal), batch),
        microseconds(lambda: scorer.score(seen, route, candidates), batch),
    )


def main() -> None:
    """Measure and print."""
    proposer, scorer = measure(BATCH)
    proposer_alone, scorer_alone = measure(1)
    found = {
        "proposer_us_per_scenario": proposer,
        "scorer_us_per_scenario": scorer,
        "proposer_us_per_scenario_b1": proposer_alone,
        "scorer_us_per_scenario_b1": scorer_alone,
    }
    print(json.dumps({name: round(value, 1) for name, value in found.items()}))


if __name__ == "__main__":
    main()
