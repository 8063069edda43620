"""The verbs `report` and `replay`, and the report at the end of `run`."""

from __future__ import annotations

import sys
from pathlib import Path

from . import status
from .screen import complain


def write_report(folder: Path, out: Path | None, episodes: int) -> int:
    """Write the report of a run and say where it is; returns the exit status."""
    from drivestack.report import write

    print(write(folder, out, episodes))
    return status.OK


def replay(folder: Path, episode: int | None, html: Path | None, mp4: Path | None) -> int:
    """Write an episode as a page or a video, or say how to see it; returns the exit status."""
    from drivestack.core.errors import InputError
    from drivestack.report import write_one
    from drivestack.report.reading import opened
    from drivestack.report.writing import NAME, check_episode, check_target

    if episode is None:
        if html or mp4:
            raise InputError("--html and --mp4 need --episode, the number of an episode of the run")
        opened(folder)
    else:
        log = opened(folder)
        check_episode(log, log.episodes(), episode)
    for target in (html, mp4):
        if target is not None:
            check_target(target)
    if html is not None and episode is not None:
        print(write_one(folder, episode, html))
    if mp4 is not None and episode is not None:
        print(_video(folder, episode, mp4))
    if html is None and mp4 is None:
        page = folder / NAME
        if not page.exists():
            complain(f"no report yet; 'drivestack report {folder}' writes it")
        print(f"open {page}{'' if episode is None else f'#ep={episode}'} in a browser")
    return status.OK


def _video(folder: Path, episode: int, mp4: Path) -> Path:
    """Write a video, with a line on how far it is where somebody watches."""
    from drivestack.report.video import write_video

    def tell(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        print(f"\r{done} of {total} pictures", end=end, file=sys.stderr, flush=True)

    return write_video(folder, episode, mp4, tell if sys.stderr.isatty() else None)
