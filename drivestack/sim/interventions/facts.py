"""`safety.json`: everything that was found out about a layer, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault
from drivestack.sim.files import write_text
from drivestack.sim.manifest import command, versions

from .evaluate import Evaluation
from .human import PER, Humans
from .near_miss import AFTER, BEFORE, LEAST_GAP, LEAST_TTC
from .records import Account, Counts

NAME = "safety.json"


def facts_of(found: Evaluation) -> dict[str, Any]:
    """An evaluation as JSON can say it."""
    return {
        "versions": versions(),
        "command": command(),
        "folder": str(found.folder),
        "horizon": found.horizon,
        "scenarios": len(found.bare.episodes),
        "digest_without": found.bare.digest,
        "layers": {account.arm: _account(account) for account in found.accounts},
        "monitors": [asdict(alarms) for alarms in found.alarms],
        "critic": None if found.reliability is None else asdict(found.reliability),
    }


def human_facts_of(found: Humans) -> dict[str, Any]:
    """The layer in the shadow of human drivers as JSON can say it."""
    return {
        "versions": versions(),
        "command": command(),
        "folder": str(found.folder),
        "near_miss": {"ttc": LEAST_TTC, "gap": LEAST_GAP, "before": BEFORE, "after": AFTER},
        "per_minutes": PER,
        "layers": {name: asdict(human) for name, human in found.layers.items()},
    }


def write_facts(folder: Path, facts: dict[str, Any]) -> Path:
    """Write facts into the folder of an evaluation.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    path = folder / NAME
    try:
        write_text(path, json.dumps(facts, indent=2, allow_nan=False) + "\n")
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be written ({error.strerror})") from None
    return path


def _account(account: Account) -> dict[str, Any]:
    facts = asdict(account)
    facts["episodes"] = _counts(account.episodes)
    facts["spells"] = _counts(account.spells)
    facts["by_check"] = {check: _counts(counts) for check, counts in account.by_check.items()}
    return facts


def _counts(counts: Counts) -> dict[str, Any]:
    """Counts and the rates made of them."""
    shares = {name: asdict(getattr(counts, name))
              for name in ("precision", "recall", "avoided", "harm")}  # fmt: skip
    labels = {label.value: number for label, number in counts.labels.items()}
    return {"acted": counts.acted, "needed": counts.needed, **labels, "rates": shares}
