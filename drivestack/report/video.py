"""An episode as a video, drawn from the same data as the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.sim.files import written_whole
from drivestack.sim.parquet import connected

from .picture import SIZE, Picture
from .reading import opened
from .replay import replay_of
from .writing import check_episode, check_target

INSTALL = "pip install 'drivestack[video]'"


def write_video(
    folder: str | Path,
    number: int,
    path: str | Path,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write an episode as MP4, one picture a tick at the speed of life.

    Args:
        folder: of the run. number: of the episode. path: of the file, which ends in ``.mp4``.
        progress: told of pictures drawn and of all.

    Raises:
        InputError: there is no such episode, or nothing in it to draw.
        EnvironmentFault: what the extra `video` installs is absent.
    """
    log, target = opened(Path(folder)), Path(path)
    rows = log.episodes()
    check_episode(log, rows, number)
    if target.suffix.lower() != ".mp4":
        raise InputError(f"{target}: a video's name ends in .mp4")
    check_target(target)
    try:
        import imageio_ffmpeg  # pyright: ignore[reportMissingImports]
        import PIL  # noqa: F401  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise EnvironmentFault(f"videos need packages that are not here: {INSTALL}") from None
    row = next(row for row in rows if row["episode"] == number)
    with connected() as connection:
        replay = replay_of(log, row, log.events([number])[number], connection)
        map = log.columns("SELECT * FROM {maps} WHERE map = $1", connection, row["map"])
    count = len(replay.ticks["tick"])
    if count == 0:
        raise InputError(f"{log.folder}: episode {number} has no tick: {row['failure']}")
    picture = Picture(replay, map)
    try:
        with written_whole(target) as temporary:
            video = imageio_ffmpeg.write_frames(
                str(temporary), SIZE, fps=1.0 / row["dt"], output_params=["-f", "mp4"]
            )
            video.send(None)  # as it wants to be begun
            for place in range(count):
                video.send(picture.at(place))
                if progress is not None:
                    progress(place + 1, count)
            video.close()
    except OSError as error:
        raise EnvironmentFault(f"{target}: cannot be written ({error.strerror})") from None
    return target
