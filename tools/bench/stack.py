"""How fast the whole stack is: simulated seconds a second and core, and the time of each stage.

    python tools/bench/stack.py [--json] [--quick] [--out FILE] [--peer-python PYTHON]

`pdm15` with MPC on the kinematic plant among 20 agents of highway-v0, planning at 10 Hz, control
and physics at 20 Hz. `realtime_factor_b1` and `_b32` hold everything that makes an episode:
sensing, `decide`, world step, the checked scene, end conditions, and the recorder with its digest.
`..._bare` is the same without the recorder; `..._logged` adds all measures and rows of the log.
`mpc_*_us` is one scenario's build and solve with its check, as in docs/mpc.md, `mpc_call_*_us` the
controller's whole call at B = 1, with records and fallback logic.
In the same run, one plan of `commonroad-reactive-planner` on a recording, and ours on the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aims import STACK_AIMS, judged
from driving import Loads, Stages, driven, percentile, realtime, starts_among
from machine import machine, pin_threads, versions
from scorer import measure as scorer_times
from timing import Timed

from drivestack.scenario.override import Override, load_with

ROOT = Path(__file__).resolve().parents[2]

AGENTS = 20
SECONDS = 10.0
"""Of each episode, if it does not end before."""

REPETITIONS = 5

RECORDING = Path("data/commonroad_ngsim_head/USA_US101-5_1_T-1.xml.gz")
"""In the project's shared data: five lanes of US 101, 25 other cars."""

PEER_SECONDS = 600
"""The other planner may take so long altogether."""


def main() -> None:
    """Measure, then print a table or one JSON object."""
    options = _options()
    pin_threads()
    begun = time.perf_counter()
    result = {
        **measure(1 if options.quick else REPETITIONS),
        "recording": on_recording(options.recording, options.peer_python),
        "clock": "CPU time of the process; `wall` and `stages_us`: clock on the wall",
        "command": "python tools/bench/stack.py" + (" --quick" if options.quick else ""),
        "machine": machine(),
        "versions": versions(),
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": time.perf_counter() - begun,
    }
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result) if options.json else _table(result))


def measure(repetitions: int) -> dict[str, Any]:
    """All figures of the loop on highway-v0."""
    found: dict[str, Timed] = {}
    stages: dict[str, dict[str, dict[str, float]]] = {}
    for batch in (1, 32):
        _note(f"B = {batch}")
        starts = starts_among(AGENTS, batch, SECONDS)
        for load in Loads:
            key = f"realtime_factor_b{batch}{load.value}"
            found[key] = realtime(starts, batch, load, repetitions)
        watched = driven(starts, batch, Stages())
        stages[f"b{batch}"] = watched.percentiles(batch)
        if batch == 1:
            for q in (50, 99):
                found[f"mpc_p{q}_us"] = percentile(watched.solving, q)
                found[f"mpc_call_p{q}_us"] = percentile(watched.tracking, q)
    proposer, scorer = scorer_times(32)
    found["proposer_us_per_scenario"] = Timed(proposer, proposer)
    found["scorer_us_per_scenario"] = Timed(scorer, scorer)
    return {
        **{key: timed.cpu for key, timed in found.items()},
        "wall": {key: timed.wall for key, timed in found.items()},
        "stages_us": stages,
        "aims": [
            {"key": key, "aim": bound, "measured": value, "met": met}
            for key, bound, value, met in judged(found, STACK_AIMS)
        ],
    }


def on_recording(recording: Path, peer_python: Path) -> dict[str, Any]:
    """Planning times of both planners on one recording, or why there are none."""
    if not recording.exists():
        return {"absent": f"no recording at {recording.name}; give one by --recording"}
    _note(f"recording {recording.name}")
    starts = list(load_with(recording, Override()))[:1]
    watched = driven(starts, 1, Stages(), repeats=3)
    ours = {
        "plan_p50_us_wall": watched.planning(50),
        "plan_p99_us_wall": watched.planning(99),
        "decide_p50_us_wall": watched.deciding(50),
    }
    return {"name": recording.name.partition(".")[0], "ours": ours,
            "peer": peer(recording, peer_python)}  # fmt: skip


def peer(recording: Path, python: Path) -> dict[str, Any]:
    """What `peer.py` says in the interpreter that has the other planner."""
    script = Path(__file__).with_name("peer.py")
    try:
        done = subprocess.run(
            [python, script, recording], capture_output=True, text=True, timeout=PEER_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"absent": f"{type(error).__name__}: {error}"}
    if done.returncode != 0:
        last = [line for line in done.stderr.splitlines() if "Error" in line][-1:]
        return {"absent": f"it failed: {''.join(last) or done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="one repetition of each")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    parser.add_argument(
        "--peer-python", type=Path, default=Path(sys.executable), metavar="PYTHON",
        help="an interpreter with the extra `bench`; default: this one",
    )  # fmt: skip
    parser.add_argument(
        "--recording", type=Path, default=ROOT.parent / "shared" / RECORDING,
        help="a CommonRoad file",
    )  # fmt: skip
    return parser.parse_args()


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _table(result: dict[str, Any]) -> str:
    lines = [f"{'':36} {'CPU time':>12} {'wall time':>12}"]
    lines += [
        f"{key:36} {result[key]:12,.4g} {wall:12,.4g}" for key, wall in result["wall"].items()
    ]
    for batch, stages in result["stages_us"].items():
        lines += ["", f"{batch + ': us a scenario, wall':36} {'p50':>12} {'p99':>12}"]
        lines += [f"{name:36} {t['p50']:12,.4g} {t['p99']:12,.4g}" for name, t in stages.items()]
    lines += ["", f"{'aim':36} {'measured':>12}   bound"]
    for row in result["aims"]:
        missed = "" if row["met"] else ": MISSED"
        lines.append(f"{row['key']:36} {row['measured']:12,.4g}   {row['aim']}{missed}")
    return "\n".join([*lines, "", f"recording: {json.dumps(result['recording'])}"])


if __name__ == "__main__":
    main()
