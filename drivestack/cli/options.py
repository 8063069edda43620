"""Options that several verbs have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks of mistakes.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

Explain = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MEASURE",
        help="Say what decided a measure, of scores where below 1: see 'drivestack list'; "
        "'all': whatever the scores are made of. May be repeated.",
    ),
]

Batch = Annotated[int, typer.Option(help="Scenarios in lockstep, at least 1.")]
Workers = Annotated[int, typer.Option(help="Processes, at least 1.")]
Out = Annotated[
    Path | None, typer.Option(help="New folder for the log; default: runs/<time>-<name>.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on in --out, where this same run stopped, if any.")
]
Shard = Annotated[
    str, typer.Option(metavar="I/N", help="Run every N-th scenario only, from the I-th on.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID", help="Run this scenario only, by its id in the log; may be repeated."
    ),
]
Unseen = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Families to leave out, or none; default: rare-animal,rare-opening-door,r157.cut-in.",
    ),
]
PlanLatency = Annotated[int, typer.Option(help="Simulated ticks from observing to driving a plan.")]
ControlLatency = Annotated[
    int, typer.Option(help="Simulated ticks from observing to commanding a control.")
]
Execute = Annotated[
    str,
    typer.Option(
        metavar="MODE",
        help="How chunks are driven: replan, open:N (for N ticks each), ensembled (averages).",
    ),
]
Planner = Annotated[
    str, typer.Option(help="Where plans are made: {planner places}; a process may hang or die.")
]
PlannerDeadline = Annotated[
    float, typer.Option(metavar="SECONDS", help="How long a tick waits for a planner's process.")
]
Checks = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Checks of the safety layer that act, or none; default: the stack's own. "
        "There are {safety checks}.",
    ),
]
Bind = Annotated[
    str | None, typer.Option(metavar="A,B", help="Monitors that act as well: {safety monitors}.")
]
Price = Annotated[
    float | None,
    typer.Option(min=0.0, help="What a needless intervention is worth, in collisions."),
]
PolicyFile = Annotated[
    str | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="A learned planner's checkpoint; default: the one that comes with the package.",
    ),
]
ScorerFile = Annotated[
    str | None,
    typer.Option(
        "--scorer",
        metavar="FILE",
        help="A scoring model's checkpoint; default: the one that comes with the package.",
    ),
]
CriticFile = Annotated[
    str | None,
    typer.Option(
        "--critic",
        metavar="FILE",
        help="A learned critic's checkpoint, or shipped: the one that comes with the package; "
        "acts, or advises if --checks does not name it.",
    ),
]
ShadowLayer = Annotated[
    bool,
    typer.Option(
        "--shadow-layer",
        help="The safety layer only looks on; what it would have done is in the log.",
    ),
]
Reference = Annotated[
    str, typer.Option(help="Stack that progress is compared with; oracle takes a while.")
]
TwinsOf = Annotated[
    float | None,
    typer.Option(
        "--twins",
        metavar="S",
        help="Follow a twin of each intervention, without the layer, for so long [s].",
    ),
]
Cluster = Annotated[
    str | None, typer.Option(metavar="ray", help="Start the processes on a cluster, through Ray.")
]

Seed = Annotated[
    int | None, typer.Option(help="Replaces the scenarios' seeds; a whole number from 0.")
]
Plant = Annotated[str | None, typer.Option(help="Replaces the plant that moves the ego: {plants}.")]
Vehicle = Annotated[
    str | None, typer.Option(help="In recordings: the id of the vehicle to drive, or all.")
]
Traffic = Annotated[
    str | None, typer.Option(help="In recordings: what recorded vehicles do: {traffic}.")
]
Smoothed = Annotated[
    bool, typer.Option("--smoothed", help="In recordings: filter the tracks, for learning.")
]
Report = Annotated[
    bool, typer.Option("--report/--no-report", help="Write report.html into the run's folder.")
]
Folder = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
