"""Chunk length against smoothness and reaction: what is planted is measured; all of it in small."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from drivestack.core.episode import CUE_TIMES, EGO_TICK, Episode
from tools.lab import chunk_length, fork_lessons
from tools.lab.chunk_length import WAYS, delay_of, reaction
from tools.lab.command import main


def braked(began: int, brakes: int | None, contact: bool = False) -> Episode:
    """Of 60 ticks of 0.05 s: the car ahead begins to brake at one, the ego at another."""
    ego, cues = np.zeros(60, EGO_TICK), np.zeros(1, CUE_TIMES)
    ego["tick"], cues["began"] = np.arange(60), began
    ego["accel"][:5] = -2.0  # before there is a reason to
    ego["contact"][-1] = contact
    if brakes is not None:
        ego["accel"][brakes:] = -3.0
    return cast(Episode, SimpleNamespace(ego=ego, cues=cues, dt=0.05))


def test_a_planted_delay_is_measured() -> None:
    assert delay_of(braked(20, 27)) == pytest.approx(0.35)
    assert delay_of(braked(20, None)) is None
    found = reaction([braked(20, 27), braked(20, 29), braked(20, None, contact=True)])
    assert found["delay"] == pytest.approx(0.4)
    assert found["latest"] == pytest.approx(0.45)
    assert (found["hit"], found["brakings"]) == (1, 3)


def test_all_ways_are_driven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is shipped in traffic, and by hardly anything learned at the fork."""
    monkeypatch.setattr(fork_lessons, "KEPT", tmp_path / "kept")
    words = ["--quick", "--json", "--out", str(tmp_path)]
    assert main(chunk_length.EXPERIMENT, words) == 0
    said = json.loads(capsys.readouterr().out)
    delay = {way["way"]: way["delay"] for way in said["ways"]}
    assert tuple(delay) == WAYS
    assert 0.0 < delay["replan"] <= delay["open:16"]
    assert all(way["jerk"] > 0.0 for way in said["ways"])
    arms = [(arm["noise"], arm["choice"]) for arm in said["fork"]]
    assert arms == [(noise, way) for noise in ("kept", "drawn anew") for way in WAYS]
    assert all(sum(arm["ends"].values()) == 2 for arm in said["fork"])
