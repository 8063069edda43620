"""Write docs/lab.md of what the lab's commands have left in a folder.

    python tools/lab/page.py [--results runs/lab] [--out docs/lab.md]

Figures go beside the page, in a folder of its name. The section of an experiment whose result is
not in the folder stays as it is; who has neither is named.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from drivestack.sim.files import write_text
from tools.lab import (
    averaging_trap,
    chunk_length,
    fork,
    head_latency,
    mode_coverage,
    samplers,
    swerve,
)
from tools.lab.command import Experiment
from tools.lab.figure import drawn

EXPERIMENTS = (
    averaging_trap.EXPERIMENT,
    fork.EXPERIMENT,
    samplers.EXPERIMENT,
    swerve.EXPERIMENT,
    mode_coverage.EXPERIMENT,
    chunk_length.EXPERIMENT,
    head_latency.EXPERIMENT,
)

HEAD = """# The lab

Experiments whose answer is known beforehand, each with a control that has to fail. Made by the
commands below and `python tools/lab/page.py`; nothing here is typed.
[tools/lab/README.md](../tools/lab/README.md) says how to add one.
"""


def section(experiment: Experiment, result: Path, figures: Path) -> str:
    """What it shows, its tables, its figure."""
    found = json.loads(result.read_text())
    figures.mkdir(parents=True, exist_ok=True)
    write_text(figures / f"{experiment.name}.svg", drawn(experiment.panels(found)))
    title, _, rest = experiment.about.partition("\n")
    command, _, told = rest.strip().partition("\n")
    parts = [f"## {title}", f"`{command.split(' [')[0]}`", told.strip()]
    figure = f"![{experiment.name}]({figures.name}/{experiment.name}.svg)"
    return "\n\n".join([*parts, experiment.tables(found), figure])


def written(page: Path) -> dict[str, str]:
    """Sections of a page by the experiment whose figure they end with; none where there is none."""
    parts = page.read_text().split("\n## ")[1:] if page.exists() else []
    return {Path(part.rstrip(")\n")).stem: f"## {part.rstrip()}" for part in parts}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=Path("runs/lab"))
    parser.add_argument("--out", type=Path, default=Path("docs/lab.md"))
    asked = parser.parse_args(arguments)
    sections = written(asked.out)
    for experiment in EXPERIMENTS:
        result = asked.results / f"{experiment.name}.json"
        if result.exists():
            figures = asked.out.with_suffix("")
            sections[experiment.name] = section(experiment, result, figures)
    names = [experiment.name for experiment in EXPERIMENTS]
    missing = [name for name in names if name not in sections]
    if missing:
        print(f"page: {asked.results}: no result of {', '.join(missing)}", file=sys.stderr)
    parts = [HEAD.rstrip(), *(sections[name] for name in names if name in sections)]
    write_text(asked.out, "\n\n".join(parts) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
