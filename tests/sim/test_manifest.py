"""What names a run: other code or other shipped checkpoints make another one."""

from __future__ import annotations

from pathlib import Path

import pytest

import drivestack
from drivestack.sim import manifest


@pytest.mark.parametrize("name", ["module.py", "part/checkpoints/flow.safetensors"])
def test_modules_and_shipped_checkpoints_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(drivestack, "__file__", str(tmp_path / "__init__.py"))
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    found = []
    for content in ("one", "other", "one"):
        file.write_text(content)
        found.append(manifest._sources.__wrapped__())
    assert found[0] == found[2] != found[1]
