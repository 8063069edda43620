"""How fast the learned planner is: one plan alone, a plan of many scenarios, a whole stack.

    python tools/bench/behavior.py --json

Threads are pinned to 1. A plan is tokens, encoder, 16 candidates in the head's calls, chunks, the
rules' candidates beside them, the score and the choice, on three lanes with 20 road users before
a bend; the route is there already. `plan_alone_*`: without the rules' candidates, K = 16 learned
ones and their score. `parts_*` say where it goes. Figures named by
`cpu` are CPU time, which other programs on the machine change less than the clock on the wall.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from machine import machine, pin_threads, versions

pin_threads()

import numpy as np  # noqa: E402
from scorer import traffic  # noqa: E402
from timing import Timed, median, timed  # noqa: E402

from drivestack.behavior import PROPOSERS, SCORERS  # noqa: E402
from drivestack.behavior.checkpoint import sampler_of, shipped  # noqa: E402
from drivestack.behavior.features import tokens_of  # noqa: E402
from drivestack.behavior.forward import CompiledFlow  # noqa: E402
from drivestack.behavior.forward.asked import encoded  # noqa: E402
from drivestack.behavior.knots import unrolled  # noqa: E402
from drivestack.behavior.noise import bank  # noqa: E402
from drivestack.behavior.proposers.learned import Learned  # noqa: E402
from drivestack.core.protocols import Doubtful  # noqa: E402
from drivestack.core.start import Rates  # noqa: E402
from drivestack.core.types import Goal  # noqa: E402
from drivestack.learn.families import families_in, start_of  # noqa: E402
from drivestack.route import ROUTERS  # noqa: E402
from drivestack.safety.faults import Fault  # noqa: E402
from drivestack.sim.experts import STYLES  # noqa: E402
from drivestack.sim.goals import goals_of  # noqa: E402
from drivestack.sim.rollout import maps_of  # noqa: E402
from drivestack.sim.runner import Lockstep  # noqa: E402
from drivestack.stack import STACKS, Setup  # noqa: E402
from drivestack.stack.planner import StagedPlanner  # noqa: E402
from drivestack.stack.stack import StagedStack  # noqa: E402
from drivestack.world import build_world, sensing  # noqa: E402

AIMS = {
    "plan_p50_ms_b1": (False, 4.0),
    "plan_p99_ms_b1": (False, 10.0),
    "plan_ms_per_scenario_b32": (False, 1.2),
    "stack_realtime_factor_b32": (True, 40.0),
    "oracle_labels_per_s": (True, 20.0),
}
"""Whether a figure is to be at least or at most so much."""

ALONE = "flow_only"
"""The stack of learned candidates alone, with their score."""

RATES = Rates(20, 20, 10)
SCENES = ("highway-v0", "merge-v1", "roundabout-v1", "intersection-v2")


def goals(batch: int) -> Goal:
    """None."""
    return Goal(
        lane=np.full(batch, -1, np.int32),
        position=np.zeros((batch, 2)),
        radius=np.zeros(batch),
        valid=np.zeros(batch, bool),
        log=np.zeros((batch, 0, 4)),
        log_valid=np.zeros((batch, 0), bool),
    )


def times(call: Callable[[], object], repeats: int) -> list[Timed]:
    """Of calls, after some that compile and warm up [s]."""
    for _ in range(5):
        call()
    return [timed(call) for _ in range(repeats)]


def milliseconds(taken: list[Timed], share: float = 0.5, batch: int = 1) -> float:
    """A quantile by the clock on the wall, a scenario."""
    return float(np.quantile([one.wall for one in taken], share)) * 1e3 / batch


def planning(asked: Asked, batch: int) -> Callable[[], object]:
    """One plan of a batch, after one that found the routes."""
    built = STACKS[asked.stack](asked.setup(RATES))
    assert isinstance(built, StagedStack)
    assert isinstance(built.planner, StagedPlanner)
    seen, goal = traffic(batch), goals(batch)
    memory = built.start(batch, goal)
    _, memory = built.decide(seen, memory)
    faults = np.zeros((batch, len(Fault)), np.bool_)
    given = seen, goal, memory.route, memory.plan, faults
    return lambda: built.planner.plan(*given, {})


def parts(asked: Asked, batch: int, repeats: int) -> dict[str, float]:
    """Median CPU times of what a plan is made of [ms a scenario]."""
    seen, goal = traffic(batch), goals(batch)
    route = ROUTERS["lanes"]().route(seen, goal)
    policy = sampler_of(Path(asked.policy or shipped("flow")))
    tokens = tokens_of(seen, route, goal)
    noise = bank(16, policy.width)
    knots = policy.candidates(tokens, noise)
    rules = PROPOSERS["pdm_lane"]()
    scorer = SCORERS["pdm_lane"]()
    learned = Learned(Path(asked.policy or shipped("flow"))).propose(seen, route, goal)
    others = rules.propose(seen, route, goal)

    calls: dict[str, Callable[[], Any]] = {
        "tokens": lambda: tokens_of(seen, route, goal),
        "encoder_and_head": lambda: policy.candidates(tokens, noise),
        "chunks": lambda: unrolled(seen.ego, route, knots),
        "rules": lambda: rules.propose(seen, route, goal),
        "score_learned": lambda: scorer.score(seen, route, learned),
        "score_rules": lambda: scorer.score(seen, route, others),
    }
    if isinstance(policy, CompiledFlow):
        calls["encoder"] = lambda: encoded(policy.encoder, policy.condition, tokens)
    return {name: median(times(call, repeats)).cpu * 1e3 / batch for name, call in calls.items()}


def realtime_factor(asked: Asked, batch: int) -> float:
    """Driven seconds for a second of CPU time, of a stack with its world, at B = `batch`."""
    folder = Path(__file__).resolve().parents[2] / "scenarios"
    families = families_in([folder / "highway_env.yaml"])
    best = []
    for scene in SCENES:
        starts = [start_of(families[scene], 9000 + seed) for seed in range(batch)]
        setup, stack = asked.setup(starts[0].rates), asked.stack
        Lockstep(build_world("engine"), STACKS[stack](setup), starts[:2], []).run(2)
        counting = Counting()
        begin = time.process_time()
        Lockstep(build_world("engine"), STACKS[stack](setup), starts, [counting]).run(batch)
        best.append((counting.ticks * setup.dt, time.process_time() - begin))
    return sum(driven for driven, _ in best) / sum(spent for _, spent in best)


def labels_per_second(batch: int, rounds: int = 3) -> float:
    """Labels of the oracle for a second of CPU time, of first states of all scenes alike."""
    folder = Path(__file__).resolve().parents[2] / "scenarios"
    families, rates = families_in([folder / "highway_env.yaml"]), []
    for scene in SCENES:
        starts = [start_of(families[scene], 9000 + seed) for seed in range(batch)]
        world = build_world("engine")
        world.reset(starts)
        scene_now = world.observe()
        mounts = [sensing.Mount.of(start) for start in starts]
        seen, _ = sensing.sense(scene_now, mounts, sensing.fresh(batch, 0))
        goal = goals_of(starts, maps_of(scene_now), 0)
        route, slots = ROUTERS["lanes"]().route(seen, goal), np.arange(batch)
        oracle = STYLES["oracle"](Setup(starts[0].rates))
        assert isinstance(world, Doubtful)
        oracle.advise(world, slots, seen, route, goal)
        begin = time.process_time()
        for _ in range(rounds):
            oracle.advise(world, slots, seen, route, goal)
        rates.append((time.process_time() - begin) / (rounds * batch))
    return len(rates) / sum(rates)


@dataclass(frozen=True)
class Asked:
    """Whose planner, and by which checkpoints; None: those that come with the package."""

    stack: str
    policy: str | None
    scorer: str | None

    def setup(self, rates: Rates) -> Setup:
        """What its stack is built for."""
        return Setup(rates, policy=self.policy, scorer=self.scorer)


class Counting:
    """A sink that counts ticks of scenarios that are still driven."""

    def __init__(self) -> None:
        self.ticks = 0

    def on_tick(self, slots: Any, scene: Any, decision: Any) -> None:
        """Count."""
        self.ticks += int((slots >= 0).sum())

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--stack", default="flow", help="whose planner")
    parser.add_argument("--policy", help="another checkpoint than the shipped one")
    parser.add_argument("--scorer", help="likewise")
    parser.add_argument("--repeats", type=int, default=300, help="plans that are timed")
    words = parser.parse_args()
    asked = Asked(words.stack, words.policy, words.scorer)
    few = max(words.repeats // 6, 10)
    alone, many = times(planning(asked, 1), words.repeats), times(planning(asked, 32), few)
    learned = times(planning(replace(asked, stack=ALONE), 32), few)
    found: dict[str, Any] = {
        "plan_p50_ms_b1": milliseconds(alone),
        "plan_p99_ms_b1": milliseconds(alone, 0.99),
        "plan_ms_per_scenario_b32": milliseconds(many, batch=32),
        "plan_alone_ms_per_scenario_b32": milliseconds(learned, batch=32),
        "plan_cpu_ms_b1": median(alone).cpu * 1e3,
        "plan_cpu_ms_per_scenario_b32": median(many).cpu * 1e3 / 32,
        "stack_realtime_factor_b32": realtime_factor(asked, 32),
        "oracle_labels_per_s": labels_per_second(16),
        "parts_cpu_ms_b1": parts(asked, 1, few),
        "parts_cpu_ms_per_scenario_b32": parts(asked, 32, few),
        "stack": words.stack,
        "machine": machine(),
        "versions": versions() | {"torch": version("torch")},
    }
    if words.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        if name in AIMS:
            least, aim = AIMS[name]
            reached = value >= aim if least else value <= aim
            sign, word = "at least" if least else "at most", "reached" if reached else "missed"
            print(f"{name:28} {value:8.2f}   aim: {sign} {aim:g}, {word}")
        else:
            print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
