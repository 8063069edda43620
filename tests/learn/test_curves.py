"""Curves: a point every hundred steps and at the end, for whoever has TensorBoard."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.learn.curves import Curves


class Noting:
    """Stands for TensorBoard's writer."""

    said: ClassVar[list[tuple[str, float, int]]] = []
    folders: ClassVar[list[str]] = []

    def __init__(self, folder: str) -> None:
        self.folders.append(folder)

    def add_scalar(self, tag: str, data: float, step: int) -> None:
        self.said.append((tag, data, step))

    def close(self) -> None:
        self.said.append(("closed", 0.0, 0))


@pytest.fixture
def noting(monkeypatch: pytest.MonkeyPatch) -> type[Noting]:
    module = ModuleType("tensorboard.summary")
    module.Writer = Noting  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "tensorboard", ModuleType("tensorboard"))
    monkeypatch.setitem(sys.modules, "tensorboard.summary", module)
    Noting.said, Noting.folders = [], []
    return Noting


def test_a_loss_is_drawn_every_hundred_steps_and_at_the_end(
    noting: type[Noting], tmp_path: Path
) -> None:
    heard: list[int] = []
    with Curves(tmp_path) as curves:
        told = curves.beside(lambda step, done, total, loss: heard.append(done), "flow")
        for step in range(1, 251):
            told("training", step, 250, 1.0 / step)
    assert heard == list(range(1, 251))
    assert noting.folders == [str(tmp_path)]
    assert noting.said == [
        ("flow/loss", 0.01, 100), ("flow/loss", 0.005, 200), ("flow/loss", 0.004, 250),
        ("closed", 0.0, 0),
    ]  # fmt: skip


def test_without_a_folder_nothing_is_drawn(noting: type[Noting]) -> None:
    with Curves(None) as curves:
        curves.beside(lambda step, done, total, loss: None, "flow")("training", 100, 100, 1.0)
    assert noting.folders == []


@pytest.mark.usefixtures("noting")
def test_a_file_in_the_way_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "curves").touch()
    with pytest.raises(InputError, match="a file is in the way"):
        Curves(tmp_path / "curves")


def test_without_the_package_it_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(EnvironmentFault, match=r"drivestack\[tensorboard\]"):
        Curves(tmp_path)
