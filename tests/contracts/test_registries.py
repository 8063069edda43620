"""What every registry promises: plain names, documented entries, and a battery of its own here."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

REGISTRIES = {
    "drivestack.world:WORLDS": "test_worlds.py",
    "drivestack.route:ROUTERS": "test_stages.py",
    "drivestack.behavior.proposers:PROPOSERS": "test_stages.py",
    "drivestack.behavior.scorers:SCORERS": "test_stages.py",
    "drivestack.behavior.heads:HEADS": "test_policies.py",
    "drivestack.motion:CONTROLLERS": "test_stages.py",
    "drivestack.safety:CHECKS": "test_stages.py",
    "drivestack.safety:GUARDS": "test_stages.py",
    "drivestack.safety:MONITORS": "test_stages.py",
    "drivestack.stack.presets:STACKS": "test_stacks.py",
    "drivestack.metrics:METRICS": "test_metrics.py",
    "drivestack.scenario.sources:SOURCES": "test_sources.py",
    "drivestack.scenario.sources:COUNTED": "test_sources.py",
    "drivestack.report.pages:PAGES": "test_pages.py",
    "drivestack.report.pages:COMPARED": "test_pages.py",
    "drivestack.report.pages:JUDGED": "test_pages.py",
    "drivestack.report.pages:WATCHED": "test_pages.py",
}
"""``module:name`` of each dict literal that a newcomer adds a line to, and the battery over it."""


def entries(place: str) -> dict[str, object]:
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)


def found() -> set[str]:
    """Registries in the source: dict literals in capitals in an `__init__.py` or the presets."""
    places = set()
    package = ROOT / "drivestack"
    for file in [*package.rglob("__init__.py"), package / "stack" / "presets.py"]:
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name) and re.fullmatch("[A-Z]+", target.id):
                    places.add(f"{module}:{target.id}")
    return places


def test_every_registry_has_a_battery() -> None:
    assert found() == set(REGISTRIES)
    for place, battery in REGISTRIES.items():
        text = (Path(__file__).parent / battery).read_text()
        assert f"{place.split(':')[1]}" in text, f"{battery} does not run over {place}"


@pytest.mark.parametrize("place", REGISTRIES)
def test_names_are_plain(place: str) -> None:
    for name in entries(place):
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", name), name


@pytest.mark.parametrize("place", REGISTRIES)
def test_entries_are_documented(place: str) -> None:
    for name, entry in entries(place).items():
        shown = type(entry()) if place.endswith(":WORLDS") else entry
        assert (shown.__doc__ or "").strip(), name
