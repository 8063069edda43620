"""Losses of a training as curves for TensorBoard, where its package is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from drivestack.core.errors import EnvironmentFault

from .folder import made

INSTALL = "pip install 'drivestack[tensorboard]'"

EVERY = 100
"""Steps between two points of a curve; the loss that is told is averaged over about as many."""


class Told(Protocol):
    """Told of a training: its name, steps done, steps there are, the loss."""

    def __call__(self, step: str, done: int, total: int, loss: float, /) -> None:
        """Hear of it."""
        ...


class Curves:
    """Writes the loss of every hundredth step into a folder; a training that goes on goes on there.

    Args:
        folder: of TensorBoard; None: nothing is written.

    Raises:
        EnvironmentFault: its package is not installed, or the folder cannot be made.
        InputError: a file is in the folder's way.
    """

    def __init__(self, folder: Path | None) -> None:
        self._writer = None if folder is None else _writer(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._writer is not None:
            self._writer.close()

    def beside(self, advance: Told, name: str) -> Callable[[str, int, int, float], None]:
        """Who is told of a training and also draws its curve, under a name such as flow."""

        def told(step: str, done: int, total: int, loss: float) -> None:
            advance(step, done, total, loss)
            if self._writer is not None and (done % EVERY == 0 or done == total):
                self._writer.add_scalar(f"{name}/loss", loss, step=done)

        return told


def _writer(folder: Path) -> Any:
    try:
        from tensorboard.summary import Writer  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise EnvironmentFault(
            f"curves need a package that is not here; install it with: {INSTALL}"
        ) from None
    made(folder)
    return Writer(str(folder))
