"""Planners that fail, made by name in a process of their own; the test says how through a file.

Named by environment variables, which a child process inherits: `DRIVESTACK_TEST_MISCHIEF` is a file
with what to do at the next plan, empty for nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.rows import take_rows
from drivestack.stack import planners

MISCHIEF = "DRIVESTACK_TEST_MISCHIEF"


class Faulty:
    """Plans as IDM does, after what the file says."""

    def __init__(self) -> None:
        self._own = planners.idm()

    def plan(self, *asked: Any) -> Any:
        word, _, number = Path(os.environ[MISCHIEF]).read_text().partition(" ")
        if word == "raise":
            raise RuntimeError("lost my way\nand my mind")
        if word == "exit":
            sys.exit(3)
        if word == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        if word == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if word == "sleep":
            time.sleep(float(number))
        if word == "noise":
            for end in range(3, 30):
                try:
                    os.write(end, b"\x05\0\0\0\0\0\0\0noise" * 100)
                except OSError:
                    continue
        planned, good = self._own.plan(*asked)
        if word == "other-tick":
            planned = replace(planned, plan=replace(planned.plan, tick=planned.plan.tick + 1))
        if word == "other-batch":
            twice = take_rows(planned.candidates, np.array([0, 0]))
            planned = replace(planned, candidates=twice)
        if word == "nothing":
            return None, good
        if word == "text":
            return "a plan", good
        return planned, good


def faulty() -> Faulty:
    return Faulty()


def leaves_at_import() -> Faulty:
    """Called when the process begins."""
    os._exit(7)


def hangs_at_import() -> Faulty:
    time.sleep(3600.0)
    raise AssertionError


def raises_at_import() -> Faulty:
    raise RuntimeError("no weights")
