"""How long to drive a chunk before the next one: smoothness against reaction.

    python tools/lab/chunk_length.py [--json] [--quick] [--out runs/lab]

The shipped `flow`, without the safety layer, as `drivestack run --execute` has it: a new chunk
whenever one is due (10 Hz), one every 4, 8 and 16 ticks of 0.05 s, and averages of new chunks with
those before. Traffic of three scenes says how smooth drives are, a car ahead that brakes hard at
any age of a chunk how late they react: from the ticks alone a chunk of k has to react (k - 2) / 2
ticks later than replanning. Negative control: at the fork (`fork.py`), a flow whose noise is drawn
anew for every plan changes sides and hits the obstacle in some drives; with noise that is kept, as
the default has it, it does not, in whatever way its chunks are driven.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from drivestack.behavior.proposers.learned import Learned
from drivestack.core.episode import Episode
from drivestack.core.start import Start
from drivestack.learn.families import REPORT, families_in, start_of
from drivestack.metrics.judge import measured
from drivestack.report.markdown import table
from drivestack.safety import BARE
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.stack import Execution, Setup
from drivestack.stack.executing import executed
from drivestack.world import build_world
from tools.lab import fork, fork_lessons
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel
from tools.lab.fork_drives import Redrawn, driven, first_of

WAYS = ("replan", "open:4", "open:8", "open:16", "ensembled")

SCENES = ("roundabout-v1", "merge-v1", "highway-v0")

ENV = Path(__file__).resolve().parents[2] / "scenarios" / "highway_env.yaml"
BRAKE = Path(__file__).with_name("brake.yaml")

BRAKES = -1.0
"""Who brakes by so much [m/s2] has reacted (our choice): traffic alone asks for less."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is driven: seeds of each scene, of the car that brakes; and of which fork."""

    seeds: int
    brakes: int
    fork: fork_lessons.Extent


WHOLE, QUICK = Extent(10, 40, fork_lessons.WHOLE), Extent(1, 2, fork_lessons.QUICK)


def measure(quick: bool) -> Result:
    """Drive all scenes in all ways."""
    extent = QUICK if quick else WHOLE
    scenes = families_in([ENV])
    (brake,) = families_in([BRAKE]).values()
    ways = []
    for way in WAYS:
        traffic = [
            episode
            for name in (SCENES[:1] if quick else SCENES)
            for episode in recorded(
                way, [start_of(scenes[name], s) for s in REPORT[: extent.seeds]]
            )
        ]
        braking = recorded(way, [start_of(brake, seed) for seed in REPORT[: extent.brakes]])
        ways.append({"way": way, **smoothness(traffic), **reaction(braking)})
        print(ways[-1], file=sys.stderr)
    return {"ways": ways, "fork": at_the_fork(extent.fork), "seeds": extent.seeds}


def recorded(way: str, starts: Sequence[Start]) -> list[Episode]:
    """Drives by the shipped flow without the safety layer."""
    world, found = build_world("engine"), dict[int, Episode]()
    driver = Driver("flow", layer=BARE, execution=Execution.of(way))
    recorder = Recorder(starts, found.__setitem__)
    Lockstep(world, driver.stack_in(starts[0], world), starts, [recorder]).run(len(starts))
    return [found[number] for number in range(len(starts))]


def smoothness(episodes: Sequence[Episode]) -> dict[str, float]:
    """Means over drives in traffic; contacts are those that the ego answers for."""
    judged = [measured(episode) for episode in episodes]
    jerks = [np.diff(episode.ego["accel"][1:]) / episode.dt for episode in episodes]
    return {
        "jerk": float(np.mean([np.sqrt(np.mean(jerk**2)) for jerk in jerks])),
        "comfort": float(np.mean([one["comfort"] for one in judged])),  # pyright: ignore
        "ttc": float(np.mean([one["ttc_projected"] for one in judged])),  # pyright: ignore
        "at_fault": sum(bool(one["at_fault"]) for one in judged),
        "drives": len(judged),
    }


def reaction(episodes: Sequence[Episode]) -> dict[str, float | None]:
    """How long it takes to brake for the car ahead, and how often it is hit."""
    delays = [delay for episode in episodes if (delay := delay_of(episode)) is not None]
    return {
        "delay": float(np.mean(delays)) if delays else None,
        "latest": max(delays, default=None),
        "hit": sum(bool(episode.ego["contact"].any()) for episode in episodes),
        "brakings": len(episodes),
    }


def delay_of(episode: Episode) -> float | None:
    """From when the car ahead begins to brake to when the ego does [s]; None: it never does."""
    began = episode.cues["began"][0]
    late = episode.ego["tick"] > began
    braking = np.flatnonzero(late & (episode.ego["accel"] <= BRAKES))
    if len(braking) == 0:
        return None
    return float(episode.ego["tick"][braking[0]] - began) * episode.dt


def at_the_fork(extent: fork_lessons.Extent) -> list[dict[str, Any]]:
    """What becomes of one chunk a plan, its noise kept or drawn anew, in each way."""
    checkpoint = fork_lessons.taught(replace(extent, heads=("flow",)))["flow"]
    starts = fork.scenes(extent.scenes)
    rates, actuators = kin_of(starts[0])
    found = []
    for noise, proposer in (("kept", Learned(checkpoint)), ("drawn anew", Redrawn(checkpoint))):
        planner = first_of(proposer)
        for way in WAYS:
            setup = Setup(rates, actuators=actuators, execution=Execution.of(way))
            drives = driven(executed(planner, setup), starts)
            found.append({"noise": noise, **fork.counted("flow", way, drives)})
    return found


def tables(result: Result) -> str:
    """What it costs, and the control."""
    rows = [
        [
            way["way"], f"{way['jerk']:.2f}", f"{way['comfort']:.2f}", f"{way['ttc']:.2f}",
            f"{way['at_fault']} of {way['drives']}", _seconds(way["delay"]),
            _seconds(way["latest"]), f"{way['hit']} of {way['brakings']}",
        ]
        for way in result["ways"]
    ]  # fmt: skip
    heads = ["chunks", "jerk, rms [m/s3]", "comfort", "TTC", "at fault", "brakes after [s]",
             "at the latest [s]", "hit"]  # fmt: skip
    control = [
        [arm["noise"], arm["choice"], *(str(arm["ends"][end]) for end in fork.ENDS)]
        for arm in result["fork"]
    ]
    return (
        table(heads, rows)
        + "\n\n**One candidate at the fork**\n\n"
        + table(["noise", "chunks", *fork.ENDS], control)
    )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def panels(result: Result) -> list[Panel]:
    """Against how long a chunk is driven; averages are a level of their own."""
    by_way = {way["way"]: way for way in result["ways"]}
    lengths = {"replan": 2, "open:4": 4, "open:8": 8, "open:16": 16}
    ticks = [float(n) for n in lengths.values()]

    def line(name: str, key: str) -> list[Line]:
        open_loop = [by_way[way][key] or 0.0 for way in lengths]
        level = by_way["ensembled"][key] or 0.0
        return [Line(name, ticks, open_loop), Line("ensembled", ticks, [level] * 4, broken=True)]

    return [
        Panel(
            "Smoothness in traffic", "driven for [ticks]", "jerk, rms [m/s3]", line("jerk", "jerk")
        ),
        Panel("Reaction", "driven for [ticks]", "brakes after [s]", line("mean", "delay")),
    ]


EXPERIMENT = Experiment("chunk_length", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
