"""Ctrl-C where it would do harm: held back for a while, or kept from processes being started.

SIGTERM can be made to strike as Ctrl-C does. The command line loads this at once: nothing heavy.
"""

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
def terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM strikes as SIGINT, also where that is held back or ignored.

    It also strikes where Ctrl-C never does: shells start what scripts put into the background deaf.
    """
    deaf = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    with _handled_by(_terminated, signal.SIGTERM):
        with _handled_by(_deaf) if deaf else contextlib.nullcontext():
            yield


def _deaf(number: int, frame: FrameType | None) -> None:
    """Ctrl-C, ignored as this program's parent wants it."""


def _terminated(number: int, frame: FrameType | None) -> None:
    if signal.getsignal(signal.SIGINT) is _deaf:
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def _handled_by(handler: signal._HANDLER, number: signal.Signals = signal.SIGINT) -> Iterator[None]:
    """Another handler for a while; Python handles signals in its main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
