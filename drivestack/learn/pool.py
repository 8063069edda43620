"""Tasks, each done once, in one process or several: what is done is in files."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from typing import Protocol

Advance = Callable[[str, int, int], None]
"""Told of a step's name, how much of it is done, and how much there is."""


class Task(Protocol):
    """Work for any process, which leaves its result in files."""

    def is_done(self) -> bool:
        """Whether its files are there; they are whole or absent."""
        ...

    def do(self) -> None:
        """Do it, and write them."""
        ...


def all_done(tasks: Sequence[Task], workers: int, step: str, advance: Advance) -> None:
    """Do what is not done yet.

    Raises:
        KeyboardInterrupt: what was finished is in files.
    """
    left = [task for task in tasks if not task.is_done()]
    ready = len(tasks) - len(left)
    advance(step, ready, len(tasks))
    if workers == 1:
        for number, task in enumerate(left):
            task.do()
            advance(step, ready + number + 1, len(tasks))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        open_ones = {pool.submit(_do, task) for task in left}
        try:
            while open_ones:
                finished, open_ones = wait(open_ones, return_when=FIRST_COMPLETED)
                for one in finished:
                    one.result()
                    ready += 1
                    advance(step, ready, len(tasks))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _do(task: Task) -> None:
    task.do()
