"""Writes the tables of docs/benchmarks.md from a result of `world.py` or of `stack.py`.

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


def main() -> None:
    """Replace what stands between the markers of the result's own section."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("result", type=Path, help="what `--out` has written")
    result = json.loads(parser.parse_args().result.read_text())
    section, tables = ("stack", stack) if "stages_us" in result else ("figures", figures)
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    before, _, rest = PAGE.read_text().partition(begin)
    _, _, after = rest.partition(end)
    page = f"{before}{begin}\n{tables(result)}\n{end}{after}"
    handle, temporary = tempfile.mkstemp(dir=PAGE.parent, suffix=".part")
    with os.fdopen(handle, "w") as file:
        file.write(page)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(temporary, 0o644)
    os.replace(temporary, PAGE)


def figures(result: dict[str, Any]) -> str:
    """All tables of one result of `world.py`."""
    parts = [_head(result), _aims(result), _comparisons(result), _rates(result), _others(result)]
    return "\n\n".join(parts)


def stack(result: dict[str, Any]) -> str:
    """All tables of one result of `stack.py`."""
    parts = [_head(result), _aims(result), _loop(result), _stages(result), _peer(result)]
    return "\n\n".join(parts)


def _head(result: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return (
        f"Measured on {result['date']} with `{result['command']}` on one core of "
        f"{result['machine']} ({versions}). CPU time unless a column says otherwise."
    )


def _loop(result: dict[str, Any]) -> str:
    rows = ((f"`{key}`", _number(result[key]), _number(wall))
            for key, wall in result["wall"].items())  # fmt: skip
    return "### The loop\n\n" + _table(("figure", "measured", "by the clock on the wall"), rows)


def _stages(result: dict[str, Any]) -> str:
    rows = []
    for stage in result["stages_us"]["b1"]:
        times = [result["stages_us"][batch][stage] for batch in ("b1", "b32")]
        rows.append((stage, *(_number(time[q]) for time in times for q in ("p50", "p99"))))
    titles = ("stage", "B = 1, p50", "p99", "B = 32, p50", "p99")
    return "### Stages, microseconds a scenario on the wall\n\n" + _table(titles, rows)


def _peer(result: dict[str, Any]) -> str:
    """One plan of each planner on the same recording, or why one is absent."""
    recording = result["recording"]
    title = "### One plan on a recording\n\n"
    if "absent" in recording:
        return title + recording["absent"]
    ours, peer = recording["ours"], recording["peer"]
    lines = [
        f"{recording['name']}, p50 on the wall: `pdm15` from route to choice "
        f"{_number(ours['plan_p50_us_wall'] / 1e3)} ms (15 candidates and the brake, 4 s)."
    ]
    if "absent" in peer:
        lines.append(f"`commonroad-reactive-planner`: absent, {peer['absent']}")
    else:
        lines.append(
            f"{peer['planner']}, one `plan()`: {_number(peer['plan_p50_us_wall'] / 1e3)} ms on the "
            f"wall, {_number(peer['plan_p50_us'] / 1e3)} ms of CPU time ({peer['plans']} plans, "
            f"{peer['without_result']} without a result; its defaults, {peer['horizon_s']} s, one "
            "process)."
        )
    return title + "\n".join(lines)


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
