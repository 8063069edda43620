"""Ctrl-C where it would do harm: held back for a while, or kept from other processes.

SIGTERM can be made to strike as Ctrl-C does. The command line loads this at once: nothing heavy.
"""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


class _Hold:
    """A handler that keeps what strikes until the one before it may have it."""

    def __init__(self, announce: Callable[[], object] | None) -> None:
        self._announce, self._before = announce, signal.getsignal(signal.SIGINT)
        self._struck: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Signal `number` strikes, unless it is ignored outside too."""
        if self.ignores(number):
            return
        if self._announce is not None and self._struck is not None:
            raise KeyboardInterrupt
        self._struck = number
        if self._announce is not None:
            self._announce()

    def ignores(self, number: int) -> bool:
        """Whether a signal does nothing where nothing is held."""
        if isinstance(self._before, _Hold):
            return self._before.ignores(number)
        return self._before is signal.SIG_IGN or (self._before is _deaf and number == signal.SIGINT)

    def pass_on(self) -> None:
        """Let what was kept strike: a hold around this one, or whoever called."""
        if self._struck is None:
            return
        if not isinstance(self._before, _Hold):
            raise KeyboardInterrupt
        self._before(self._struck, None)


@contextlib.contextmanager
def interrupts_held(announce: Callable[[], object] | None = None) -> Iterator[None]:
    """Hold Ctrl-C back until the block is done, then raise KeyboardInterrupt.

    Within another such block it is handed to that one.

    Args:
        announce: called at once, to bring the block to its end; a second Ctrl-C then ends it.
    """
    hold = _Hold(announce)
    with _handled_by(hold):
        yield
    hold.pass_on()


@contextlib.contextmanager
def signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM; processes that are started meanwhile ignore them for life.

    A terminal, or whoever stops a service, signals all processes of a program at once; only the
    first one shall answer. What strikes that one meanwhile is lost: starting takes 30 ms. (Blocked
    signals would wait, but loky unblocks them before it starts its processes.)
    """
    with _handled_by(signal.SIG_IGN), _handled_by(signal.SIG_IGN, signal.SIGTERM):
        yield


def ignore_signals_from_now_on() -> None:
    """At the end of a program, whose exit status is decided.

    CPython remembers an interrupt that struck within `exec` of a text, as every dataclass has one,
    also where it was caught: at its end `python -m` then kills itself by SIGINT, whatever the exit
    status is. The next `exec` of a text makes it forget that.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    dataclasses.make_dataclass("Nothing", ())


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
    """Ctrl-C is ignored, as this program's parent wants it; nothing else is."""
    if number != signal.SIGINT:
        raise KeyboardInterrupt


def _terminated(number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(number, frame)


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
