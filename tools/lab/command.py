"""What commands of the lab share: their options, and where result and figure go."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.core.errors import DrivestackError
from drivestack.sim.files import write_text
from tools.lab.figure import Panel, drawn

Result = dict[str, Any]
"""What is printed as JSON."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """A measurement whose answer is known beforehand.

    Attributes:
        name: of its file. about: what it shows.
        measure: makes the result; quickly, in its smallest form, where it is told so.
        tables: of a result, in Markdown. panels: of its figure.
    """

    name: str
    about: str
    measure: Callable[[bool], Result]
    tables: Callable[[Result], str]
    panels: Callable[[Result], Sequence[Panel]]


def main(experiment: Experiment, arguments: Sequence[str] | None = None) -> int:
    """Measure, draw, print."""
    parser = argparse.ArgumentParser(
        description=experiment.about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, no table")
    parser.add_argument("--quick", action="store_true", help="the smallest form, in seconds")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/lab"), help="folder of JSON and figure"
    )
    asked = parser.parse_args(arguments)
    try:
        result = experiment.measure(asked.quick)
    except DrivestackError as error:
        print(f"{experiment.name}: {error}", file=sys.stderr)
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result)
    write_text(asked.out / f"{experiment.name}.json", text + "\n")
    write_text(asked.out / f"{experiment.name}.svg", drawn(experiment.panels(result)))
    print(text if asked.json else experiment.tables(result))
    return 0
