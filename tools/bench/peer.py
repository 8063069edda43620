"""What the other planner takes: `commonroad-reactive-planner` on one recording, cycle by cycle.

    PEER_PYTHON tools/bench/peer.py RECORDING.xml[.gz] [--cycles N]

Runs in an interpreter that has the extra `bench`, and needs nothing of drivestack. The planner is
driven as its own example does: its defaults, a reference path by `commonroad-route-planner`, a new
plan every `replanning_frequency` steps from where the last one leads. Its worker processes are
turned off, since times are of one core. Only `plan()` is timed. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

DISTRIBUTION = "commonroad-reactive-planner"


def main() -> None:
    """Measure and print; where the planner is missing, say so."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recording", type=Path, help="a CommonRoad file")
    parser.add_argument("--cycles", type=int, default=30, help="at most so many plans")
    options = parser.parse_args()
    try:
        import commonroad_rp  # noqa: F401
    except ImportError as error:
        print(json.dumps({"absent": f"{error}; install the extra `bench`"}))
        return
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        times, failures, facts = plans(_unpacked(options.recording, Path(folder)), options.cycles)
    print(json.dumps({
        "planner": f"{DISTRIBUTION} {version(DISTRIBUTION)}",
        "recording": options.recording.name.partition(".")[0],
        "plan_p50_us": 1e6 * statistics.median(cpu for cpu, _ in times),
        "plan_most_us": 1e6 * max(cpu for cpu, _ in times),
        "plan_p50_us_wall": 1e6 * statistics.median(wall for _, wall in times),
        "plans": len(times),
        "without_result": failures,
        **facts,
    }))  # fmt: skip


def plans(path: Path, cycles: int) -> tuple[list[tuple[float, float]], int, dict[str, Any]]:
    """CPU and wall time of every `plan()` [s], how many found nothing, and what was set."""
    from commonroad_rp.reactive_planner import ReactivePlanner
    from commonroad_rp.utility.utils_coordinate_system import (
        create_coordinate_system,
        create_initial_ref_path,
    )

    config = _configuration(path)
    planner = ReactivePlanner(config)
    line = create_initial_ref_path(config.scenario.lanelet_network, config.planning_problem)
    planner.set_reference_path(coordinate_system=create_coordinate_system(line))
    planner.set_desired_velocity(current_speed=planner.x_0.velocity)
    times, failures, every = [], 0, config.planning.replanning_frequency
    for _ in range(cycles):
        cpu, wall = time.process_time(), time.perf_counter()
        found = planner.plan()
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
        if found is None:
            failures += 1
            break
        states, longitudinal, lateral = found
        planner.reset(
            initial_state_cart=states.state_list[every],
            initial_state_curv=(longitudinal[every], lateral[every]),
            collision_checker=planner.collision_checker,
            coordinate_system=planner.coordinate_system,
        )
        planner.set_desired_velocity(current_speed=planner.x_0.velocity)
        if planner.goal_reached():
            break
    planning = config.planning
    return times, failures, {
        "horizon_s": planning.dt * planning.time_steps_computation,
        "step_s": planning.dt,
        "other_road_users": len(config.scenario.dynamic_obstacles),
        "samples_last_plan": planner.total_count_samples,
    }  # fmt: skip


def _configuration(path: Path) -> Any:
    """The planner's defaults, one process, no talk."""
    from commonroad.common.file_reader import CommonRoadFileReader
    from commonroad_rp.utility.config import ReactivePlannerConfiguration

    scenario, problems = CommonRoadFileReader(str(path)).open()
    config = ReactivePlannerConfiguration()
    config.debug.multiproc = False
    config.debug.logging_level = "ERROR"
    config.update(
        scenario=scenario, planning_problem=next(iter(problems.planning_problem_dict.values()))
    )
    config.planning.dt = scenario.dt
    return config


def _unpacked(recording: Path, folder: Path) -> Path:
    """The recording itself, or a copy that is not compressed."""
    if recording.suffix != ".gz":
        return recording
    path = folder / recording.stem
    path.write_bytes(gzip.decompress(recording.read_bytes()))
    return path


if __name__ == "__main__":
    main()
