"""How fast the world is: both backends in one run, on the same scenes and starts.

    python tools/bench/world.py [--json] [--quick] [--out FILE]

Ratios and rates are in CPU time of this process, so that a busy machine changes them little; the
same figures by the clock on the wall stand beside them under `wall`.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aims import judged
from capacity import capacities, forking, growth, observing, resetting
from comparison import QUICK, TRIALS, Comparison, compare
from machine import machine, pin_threads, versions
from startup import first_and_second_run
from timing import Timed

REPETITIONS = 5


def main() -> None:
    """Measure, then print a table or one JSON object."""
    options = _options()
    pin_threads()
    begun = time.perf_counter()
    found, comparisons = measure(options.quick)
    memory = {"peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}
    if not options.quick:
        first, second = first_and_second_run()
        found |= {"compile_s": first.time, "cached_start_s": second.time}
        memory["peak_memory_mb_run"] = second.peak_mb
    result = {
        **nested({key: timed.cpu for key, timed in found.items()}),
        **memory,
        "wall": nested({key: timed.wall for key, timed in found.items()}),
        "comparisons": [_facts(comparison) for comparison in comparisons],
        "aims": [
            {"key": key, "aim": bound, "measured": value, "met": met}
            for key, bound, value, met in judged(found)
        ],
        "clock": "CPU time of the process; `wall`: clock on the wall",
        "command": " ".join(
            ["python tools/bench/world.py", *(["--quick"] if options.quick else [])]
        ),
        "machine": machine(),
        "versions": versions(),
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": time.perf_counter() - begun,
    }
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result) if options.json else _table(result, found))


def measure(quick: bool) -> tuple[dict[str, Timed], list[Comparison]]:
    """All figures by key, dots for nesting, and the comparisons behind the ratios."""
    repetitions = 1 if quick else REPETITIONS
    comparisons = []
    for trial in QUICK if quick else TRIALS:
        _note(f"{trial.key}: {trial.env_id}, B = {trial.batch}")
        comparisons.append(compare(trial))
    found = {done.trial.key: done.ratio for done in comparisons}
    _note("agent-steps")
    batches = (1,) if quick else (1, 32)
    found |= capacities(repetitions, batches)
    found["time_per_agent_step_N800_over_N50"] = growth(found, max(batches))
    _note("observe, reset, fork")
    found["observe_us"] = observing(1, repetitions)
    found["observe_us_b32"] = observing(32, repetitions)
    found |= resetting(repetitions)
    found["fork_rollouts_per_s"] = forking(repetitions)
    return found, comparisons


def nested(flat: dict[str, float]) -> dict[str, Any]:
    """Keys with dots become objects in objects."""
    whole: dict[str, Any] = {}
    for key, value in flat.items():
        place, *inner = key.split(".")
        target = whole
        for name in inner:
            target, place = target.setdefault(place, {}), name
        target[place] = float(f"{value:.6g}")
    return whole


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="20 s; fewer ticks and repetitions")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    return parser.parse_args()


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _facts(comparison: Comparison) -> dict[str, Any]:
    trial = comparison.trial
    return {
        "key": trial.key,
        "scene": trial.env_id,
        "ego": trial.ego.value,
        "batch": trial.batch,
        "repetitions": trial.repetitions,
        "ticks": comparison.ticks,
        "engine_us_per_slot_tick": comparison.engine_us.cpu,
        "reference_us_per_slot_tick": comparison.reference_us.cpu,
        "engine_us_per_slot_tick_whole_episode": comparison.whole_us.cpu,
        "largest_difference_m": comparison.difference,
    }


def _table(result: dict[str, Any], found: dict[str, Timed]) -> str:
    lines = [f"{'':52} {'CPU time':>14} {'wall time':>14}"]
    lines += [f"{key:52} {value.cpu:14,.4g} {value.wall:14,.4g}" for key, value in found.items()]
    lines += [f"{key:52} {result[key]:14,.4g}" for key in result if key.startswith("peak_memory")]
    lines += ["", f"{'aim':52} {'measured':>14}   bound"]
    for key, bound, value, met in judged(found):
        lines.append(f"{key:52} {value:14,.4g}   {bound}{'' if met else ': MISSED'}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
