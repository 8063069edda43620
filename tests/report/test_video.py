"""Videos: as long as the episode, drawn where something is, and told where the extra is absent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.report.video import write_video
from tests.report.conftest import Changed


def test_without_the_extra_a_sentence_says_what_to_install(
    road_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    words = ["replay", str(road_run), "--episode", "0", "--mp4", str(tmp_path / "a.mp4")]
    assert main(words) == 3
    told = capsys.readouterr().err
    assert "pip install 'drivestack[video]'" in told
    assert told.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the reader
def test_a_video_is_as_long_as_the_episode(road_run: Path, tmp_path: Path) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="the extra `video` is not installed")
    told: list[tuple[int, int]] = []
    path = write_video(road_run, 1, tmp_path / "a.mp4", lambda *at: told.append(at))
    assert told[-1] == (61, 61)
    frames = ffmpeg.read_frames(str(path))
    facts = next(frames)
    assert (facts["size"], facts["fps"]) == ((1280, 720), 20.0)
    pictures = [np.frombuffer(frame, np.uint8) for frame in frames]
    assert len(pictures) == 61
    assert len(np.unique(pictures[0])) > 20
    assert not np.array_equal(pictures[0], pictures[-1])


def test_nothing_to_draw_is_told(changed: Changed, tmp_path: Path) -> None:
    pytest.importorskip("imageio_ffmpeg", reason="the extra `video` is not installed")
    with pytest.raises(InputError, match="has no tick"):
        write_video(changed.without_ticks(1).folder, 1, tmp_path / "a.mp4")
