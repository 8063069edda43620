"""Writes the tables of docs/benchmarks.md from a result of `world.py`.

python tools/bench/report.py RESULT.json
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> None:
    """Replace what stands between the markers."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("result", type=Path, help="what `world.py --out` has written")
    result = json.loads(parser.parse_args().result.read_text())
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page = f"{before}{BEGIN}\n{figures(result)}\n{END}{after}"
    handle, temporary = tempfile.mkstemp(dir=PAGE.parent, suffix=".part")
    with os.fdopen(handle, "w") as file:
        file.write(page)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(temporary, 0o644)
    os.replace(temporary, PAGE)


def figures(result: dict[str, Any]) -> str:
    """All tables of one result."""
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    head = (
        f"Measured on {result['date']} with `{result['command']}` on one core of "
        f"{result['machine']} ({versions}). CPU time unless a column says otherwise."
    )
    parts = [head, _aims(result), _comparisons(result), _rates(result), _others(result)]
    return "\n\n".join(parts)


def _aims(result: dict[str, Any]) -> str:
    rows = (
        (f"`{row['key']}`", _number(row["measured"]), row["aim"], "yes" if row["met"] else "**no**")
        for row in result["aims"]
    )
    return "### Aims\n\n" + _table(("figure", "measured", "aim", "met"), rows)


def _comparisons(result: dict[str, Any]) -> str:
    rows = (
        (
            f"{row['scene']}, ego `{row['ego']}`",
            row["batch"],
            f"{row['ticks']} x {row['repetitions']}",
            _number(row["engine_us_per_slot_tick"]),
            _number(row["engine_us_per_slot_tick_whole_episode"]),
            _number(row["reference_us_per_slot_tick"]),
            _number(result[row["key"]]),
            _number(result["wall"][row["key"]]),
        )
        for row in result["comparisons"]
    )
    titles = (
        "scene", "B", "ticks x seeds", "engine [µs per slot-tick]", "the same, whole episodes",
        "highway-env [µs per slot-tick]", "ratio", "ratio, wall time",
    )  # fmt: skip
    return "### Engine and highway-env\n\n" + _table(titles, rows)


def _rates(result: dict[str, Any]) -> str:
    batches = list(result["agent_steps_per_s"])
    rows = [
        (
            f"highway-v0, {cars[1:]} cars",
            *(_number(result["agent_steps_per_s"][b][cars]) for b in batches),
        )
        for cars in result["agent_steps_per_s"][batches[0]]
    ]
    maps = result["agent_steps_per_s_maps"]
    rows += [(name, *(_number(maps[b][name]) for b in batches)) for name in maps[batches[0]]]
    titles = ("scene", *(f"B = {batch[1:]}" for batch in batches))
    return "### Agent-steps a second\n\n" + _table(titles, rows)


def _others(result: dict[str, Any]) -> str:
    """Every other number of the result, by its key."""
    shown = {row["key"] for row in result["aims"]} | {"seconds"}
    rows = (
        (f"`{key}`", _number(value))
        for key, value in result.items()
        if isinstance(value, float | int) and key not in shown
    )
    return "### Other figures\n\n" + _table(("figure", "measured"), rows)


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _number(value: float) -> str:
    """Three digits; no exponent below a billion."""
    return f"{float(f'{value:.3g}'):,.10g}"


if __name__ == "__main__":
    main()
