"""Write docs/lab.md of what the lab's commands have left in a folder.

    python tools/lab/page.py [--results runs/lab] [--out docs/lab.md]

Figures go beside the page, in a folder of its name.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from drivestack.sim.files import write_text
from tools.lab import averaging_trap, head_latency, mode_coverage, samplers, swerve
from tools.lab.command import Experiment
from tools.lab.figure import drawn

EXPERIMENTS = (
    averaging_trap.EXPERIMENT,
    samplers.EXPERIMENT,
    swerve.EXPERIMENT,
    mode_coverage.EXPERIMENT,
    head_latency.EXPERIMENT,
)

HEAD = """# The lab

Experiments whose answer is known beforehand, each with a control that has to fail. Made by the
commands below and `python tools/lab/page.py`; nothing here is typed.
[tools/lab/README.md](../tools/lab/README.md) says how to add one.
"""


def section(experiment: Experiment, results: Path, figures: Path) -> str:
    """What it shows, its tables, its figure."""
    result = json.loads((results / f"{experiment.name}.json").read_text())
    figures.mkdir(parents=True, exist_ok=True)
    write_text(figures / f"{experiment.name}.svg", drawn(experiment.panels(result)))
    title, _, rest = experiment.about.partition("\n")
    command, _, told = rest.strip().partition("\n")
    parts = [f"## {title}", f"`{command.split(' [')[0]}`", told.strip()]
    figure = f"![{experiment.name}]({figures.name}/{experiment.name}.svg)"
    return "\n\n".join([*parts, experiment.tables(result), figure])


def main() -> int:
    """Read, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("runs/lab"))
    parser.add_argument("--out", type=Path, default=Path("docs/lab.md"))
    asked = parser.parse_args()
    figures = asked.out.with_suffix("")
    sections = [section(experiment, asked.results, figures) for experiment in EXPERIMENTS]
    write_text(asked.out, "\n\n".join([HEAD.rstrip(), *sections]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
