"""Runs written by hand, through the writer of the log."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.metrics.judge import COMPOSED, FLAGS, MEASURES
from drivestack.roads.outline import outline
from drivestack.sim.journal import Sealed
from drivestack.sim.log import TABLES, RunFolder
from drivestack.sim.rows import EpisodeRows
from tests.scenes import two_lanes

CONTROL_HZ = 20


def episode(scenario: str, **values: Any) -> dict[str, Any]:
    """A row of episodes: nothing happened, all scores are 1."""
    measures = dict.fromkeys((*MEASURES, *COMPOSED), 1.0) | dict.fromkeys(FLAGS, False)
    given = {
        "scenario": scenario,
        "seed": int(scenario.rpartition("#")[2] or 0),
        "outcome": "timeout",
        **measures,
        "exercised": "yes",
        "duty_met": "yes",
        "expectations": "met",
        "absent": "",
        "control_hz": CONTROL_HZ,
        "digest": secrets.token_hex(4),
        "source": "by hand",
        "resolved": scenario,
    }
    assert set(values) <= set(given), "a column that there is"
    return given | values


def write_run(
    folder: Path,
    rows: Sequence[dict[str, Any]],
    filtering: Mapping[int, Sequence[str]] | None = None,
    **manifest: Any,
) -> Path:
    """A finished run.

    Args:
        rows: of episodes. filtering: what the filter did at each tick, by episode; else nothing.
        manifest: replaces entries of it.
    """
    given, drawn = filtering or {}, outline(two_lanes())
    made = []
    for number, row in enumerate(rows):
        acted = np.array([*given.get(number, ()), "passed"], dtype=object)
        columns = {"episode": np.full(len(acted), number, np.int32)}
        tables = {name: columns for name in TABLES if name not in ("episodes", "maps")}
        tables["ticks"] = {**columns, "filtering": acted}
        made.append(EpisodeRows(number, {"episode": number, **row}, tables, drawn, []))
    run = RunFolder(folder)
    parts = run.seal(0, made)
    sealed = Sealed(0, len(made), 0, parts, run.session, 0.0, {}, 0.0, 0.0)
    facts = {"versions": {"drivestack": "1"}, "settings": {"stack": "idm"}, "files": {"f": "a"}}
    assert run.finish({0: sealed}, facts | {"interrupted": False} | manifest)
    return folder
