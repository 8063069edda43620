"""Ctrl-C where it would do harm: held back for a while, or kept from processes being started."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def interrupts_held(announce: Callable[[], object] | None = None) -> Iterator[None]:
    """Hold Ctrl-C back until the block is done, then raise KeyboardInterrupt.

    Args:
        announce: called at once, to bring the block to its end; a second Ctrl-C then ends it.
    """
    struck = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal struck
        if announce is not None:
            if struck:
                raise KeyboardInterrupt
            announce()
        struck = True

    with _handled_by(note):
        yield
    if struck:
        raise KeyboardInterrupt


def interrupts_ignored() -> contextlib.AbstractContextManager[None]:
    """Ignore Ctrl-C; processes that are started meanwhile ignore it for life.

    A terminal interrupts all processes of a program at once; only the first one shall answer.
    """
    return _handled_by(signal.SIG_IGN)


@contextlib.contextmanager
def _handled_by(handler: signal._HANDLER) -> Iterator[None]:
    """Another handler for a while; Python handles signals in its main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
