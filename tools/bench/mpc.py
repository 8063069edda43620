"""How long the MPC takes and how well it tracks: the references of its tests, on both plants.

    python tools/bench/mpc.py [--page FILE]

Prints one JSON object; `--page` also writes the tables of docs/mpc.md. Every tick of every closed
loop is timed: `mpc` is one scenario's build and solve with its check, `track` the controller's
whole call at B = 1 with records and fallback logic. Figures are CPU time of this process, the
clock on the wall stands beside them. `suite` counts the solves of the whole demo suite, driven by
`pdm15` on each plant.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from machine import SINGLE_THREAD, machine, versions

os.environ.update(dict.fromkeys(SINGLE_THREAD, "1"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from timing import Timed, timed

from drivestack.core.types import Floats, Observation, Plan, Tracking
from drivestack.motion.actuation import Actuation
from drivestack.motion.mpc import Mpc, MpcState
from drivestack.motion.mpc.costs import SLACKS
from drivestack.motion.mpc.solve import solve
from drivestack.motion.pid import Pid
from tests.motion.mpc.driving import (
    REFERENCES,
    actuation,
    driven,
    errors,
    mpc_for,
    new_plant,
    rolled,
)
from tests.motion.mpc.suite import solved

AIMS_US = {"mpc_p50_us": 150.0, "mpc_p99_us": 500.0}
"""Issue 3."""

OFFSETS = (0.0, 0.5)
"""Where the loops that are timed begin, to the left of the plan [m]; errors are of the first."""

REPETITIONS = 5

SUITE = Path(__file__).resolve().parents[2] / "scenarios" / "demo.yaml"


@dataclass(frozen=True, slots=True)
class Watched:
    """A controller whose ticks are timed."""

    mpc: Mpc
    solving: list[Timed] = field(default_factory=list)
    tracking: list[Timed] = field(default_factory=list)

    @property
    def actuation(self) -> Actuation:
        """What stands behind the controller."""
        return self.mpc.actuation

    def start(self, batch: int) -> MpcState:
        """As the controller starts."""
        return self.mpc.start(batch)

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: MpcState
    ) -> tuple[Tracking, MpcState]:
        """Build and solve alone, then the whole call."""

        def build_and_solve() -> None:
            _, p = self.mpc.problems(observation, plan, under_way)
            solve(p.H[0], p.g[0], p.A[0], p.lo[0], p.hi[0], state.active[0], SLACKS)

        self.solving.append(timed(build_and_solve))
        self.tracking.append(timed(lambda: self.mpc.track(observation, plan, under_way, state)))
        return self.mpc.track(observation, plan, under_way, state)


def measure() -> dict[str, Any]:
    """Times over all loops, and the errors of each reference on each plant."""
    table = []
    solving, tracking, residuals, failed = [], [], [], 0
    for repetition in range(REPETITIONS + 1):
        for lagged in (False, True):
            for name, (speed, controls) in REFERENCES.items():
                for offset in OFFSETS:
                    plan, watched = rolled(controls, speed), Watched(mpc_for(lagged))
                    drive = driven(watched, plan, new_plant(lagged, speed, offset))
                    if repetition == 0:  # compiles
                        if offset == 0.0:
                            table.append(_row(name, lagged, errors(drive, plan), plan, speed))
                        continue
                    solving += watched.solving
                    tracking += watched.tracking
                    residuals.append(float(drive.residual.max()))
                    failed += int(drive.status.sum())
    found = {
        "mpc_p50_us": _us(solving, 50).cpu,
        "mpc_p99_us": _us(solving, 99).cpu,
        "track_b1_p50_us": _us(tracking, 50).cpu,
        "track_b1_p99_us": _us(tracking, 99).cpu,
        "wall": {"mpc_p50_us": _us(solving, 50).wall, "mpc_p99_us": _us(solving, 99).wall},
        "solves": len(solving),
        "fallbacks": failed,
        "largest_residual": max(residuals),
    }
    suites = {"lagged" if lagged else "kinematic": asdict(solved(SUITE, lagged))
              for lagged in (False, True)}  # fmt: skip
    met = {name: found[name] <= aim for name, aim in AIMS_US.items()}
    return {**found, "aims_us": AIMS_US, "met": met, "errors": table, "suite": suites,
            "machine": machine(), "versions": versions()}  # fmt: skip


def _us(times: list[Timed], percent: float) -> Timed:
    """A percentile by each clock on its own [us]."""
    cpu, wall = ([1e6 * getattr(one, clock) for one in times] for clock in ("cpu", "wall"))
    return Timed(float(np.percentile(cpu, percent)), float(np.percentile(wall, percent)))


def _row(
    name: str, lagged: bool, own: np.ndarray, plan: Plan, speed: float
) -> dict[str, str | list[float]]:
    """Largest errors of the MPC and of PID on one reference."""
    pid = errors(driven(Pid(actuation(lagged)), plan, new_plant(lagged, speed)), plan)
    return {
        "plant": "lagged" if lagged else "kinematic",
        "reference": name,
        "mpc": np.abs(own).max(axis=0).tolist(),
        "pid": np.abs(pid).max(axis=0).tolist(),
    }


def page(found: dict[str, Any]) -> str:
    """docs/mpc.md."""
    lines = [
        "# MPC: errors and times",
        "",
        "Made by `python tools/bench/mpc.py --page docs/mpc.md`; what the controller is stands in",
        "[drivestack/motion/mpc](../drivestack/motion/mpc/README.md), the references in",
        "`tests/motion/mpc/driving.py`. Largest errors off the plan over a whole closed loop at",
        "20 Hz: along and across [m], speed [m/s]. The lagged plant has nuPlan's lags and 0.15 s",
        "of delay.",
        "The emergency stop begins with a step of 7 m/s2, which bounded jerk cannot follow.",
        "",
        "| plant | reference | mpc along | across | speed | pid along | across | speed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found["errors"]:
        values = " | ".join(f"{value:.3f}" for value in (*row["mpc"], *row["pid"]))
        lines.append(f"| {row['plant']} | {row['reference']} | {values} |")
    lines += [
        "",
        f"{found['solves']} solves on {found['machine']}: build and solve with its check",
        "(CPU time of one thread)",
        f"{found['mpc_p50_us']:.0f} us (p50) and {found['mpc_p99_us']:.0f} us (p99) a scenario;",
        f"the whole call at B = 1 {found['track_b1_p50_us']:.0f} us and"
        f" {found['track_b1_p99_us']:.0f} us.",
        f"Aims: {AIMS_US['mpc_p50_us']:.0f} and {AIMS_US['mpc_p99_us']:.0f} us. Fallbacks:"
        f" {found['fallbacks']}; largest residual {found['largest_residual']:.1e}.",
        "",
        "The demo suite driven by `pdm15`:",
        *(
            f"- {plant} plant: {one['solves']} solves, {one['fallbacks']} fallbacks,"
            f" largest residual {one['largest_residual']:.1e}"
            for plant, one in found["suite"].items()
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, help="where to write the tables")
    options = parser.parse_args()
    found = measure()
    if options.page:
        options.page.write_text(page(found))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
