"""What demonstrations are of, as they were collected and as training draws them.

    python tools/demonstrations.py DATA... [--json]

DATA are files of demonstrations, or folders of them; tables are of those that are learned from.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from drivestack.core.errors import DrivestackError
from drivestack.learn.planner.demonstrations import read_all
from drivestack.learn.planner.making import split
from drivestack.learn.planner.table import above, table_of
from drivestack.learn.planner.weighing import conditions, effective, weighed
from drivestack.report.markdown import table

QUARTER = 25.0
"""No share shall be larger [%]; issue 6."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    try:
        facts = looked_at(asked.data)
    except DrivestackError as error:
        print(f"demonstrations: {error}", file=sys.stderr)
        return 2
    print(json.dumps(facts) if asked.json else page(facts))
    return 0


def looked_at(data: Sequence[Path]) -> dict[str, Any]:
    """Tables as collected and as drawn, and what the weights are."""
    found, held_out = split(read_all(data))
    found = replace(found, weight=weighed(found))
    drawn = table_of(found, found.weight)
    return {
        "moments": len(found),
        "held_out": len(held_out),
        "conditions": int(conditions(found).max()) + 1,
        "weights": [float(found.weight.min()), float(found.weight.max())],
        "effective": effective(found.weight),
        "collected": table_of(found),
        "drawn": drawn,
        "above_a_quarter": above(drawn, QUARTER),
    }


def page(facts: dict[str, Any]) -> str:
    """The facts for people."""
    low, high = facts["weights"]
    parts = [
        f"{facts['moments']} moments to learn from, {facts['held_out']} held out; weights of "
        f"{facts['conditions']} conditions from {low:.2f} to {high:.2f}, worth "
        f"{100 * facts['effective']:.0f} % of as many moments of equal weight. More than a quarter "
        f"of what is drawn: {', '.join(facts['above_a_quarter']) or 'nothing'}."
    ]
    for kind, shares in facts["collected"].items():
        drawn = facts["drawn"][kind]
        rows = [[name, f"{share:.2f}", f"{drawn[name]:.2f}"] for name, share in shares.items()]
        parts.append(table((kind, "collected [%]", "drawn [%]"), rows))
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
