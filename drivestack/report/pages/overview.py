"""The first page: what the run was, what it came to, what failed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from drivestack.metrics.judge import COMPOSED, SUB_METRICS
from drivestack.report.again import command_again
from drivestack.sim.summary import Line, Tally

from .look import Look, Row, family_of, suite_of, went_wrong, why_wrong

_MOST_FAILURES = 50
"""Episodes that are named; the list of episodes has more."""


def data(look: Look) -> dict[str, Any]:
    """Score card and tables."""
    manifest, rows = look.log.manifest, look.rows
    return {
        "made": _made(manifest),
        "who": sorted({_who(row) for row in rows}),
        "total": asdict(_lines(rows, lambda row: "all")[0]) if rows else None,
        "suites": [asdict(line) for line in _lines(rows, suite_of)],
        "families": [asdict(line) for line in _lines(rows, family_of)],
        "score_ids": {name: name.replace("_1", "@1") for name in COMPOSED},
        "sub_metrics": list(SUB_METRICS),
        "outcomes": _counts(row["outcome"] for row in rows),
        "interventions": {
            "episodes": sum(1 for row in rows if look.acted.get(row["episode"])),
            "spells": sum(look.acted.values()),
        },
        "wrong": [_wrong(row) for row in rows if went_wrong(row)][:_MOST_FAILURES],
        "wrong_count": sum(went_wrong(row) for row in rows),
        "reference": manifest.get("reference", ""),
        "traffic": sorted({_traffic(row) for row in rows}),
    }


def _made(manifest: dict[str, Any]) -> dict[str, Any]:
    """How the run was made."""
    words = [str(word) for word in manifest.get("command", [])]
    if words and words[0] == "__main__.py":
        words = ["python", "-m", "drivestack", *words[1:]]
    return {
        "command": shlex.join(words),
        "again": command_again(manifest),
        "versions": manifest.get("versions", {}),
        "machine": manifest.get("machine", {}),
        "settings": manifest.get("settings", {}),
        "seeds": manifest.get("seeds", []),
        "sources": manifest.get("sources", []),
        "config": manifest.get("config_hash", ""),
        "digest": manifest.get("digest", ""),
        "seconds": manifest.get("wall_seconds"),
        "interrupted": manifest.get("interrupted", False),
        "shard": manifest.get("shard", ""),
        "frame": manifest.get("frame", ""),
    }


def _lines(rows: list[Row], key: Callable[[Row], str]) -> list[Line]:
    """A line for each group, in order of appearance."""
    tally = Tally()
    for row in rows:
        tally.add({**row, "scene": key(row)})
    return tally.lines(0.0)[:-1]


def _who(row: Row) -> str:
    own = f"{row['stack']} / {row['controller']}" if row["stack"] else f"ego {row['ego_kind']}"
    return f"{own} on {row['backend']}"


def _traffic(row: Row) -> str:
    """Which traffic: highway-env's own where a scene is its, else what the file says."""
    version = f"highway-env {row['env_version']}" if row["env_id"] else "scenario file"
    return f"{version}, physics {row['physics']}"


def _counts(words: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found


def _wrong(row: Row) -> dict[str, Any]:
    return {
        "episode": row["episode"],
        "scenario": row["scenario"],
        "outcome": row["outcome"],
        "why": why_wrong(row),
        "at_fault": bool(row["at_fault"]),
    }
