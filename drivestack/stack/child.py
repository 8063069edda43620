"""A planner's process as its parent sees it: started, asked, heard, ended, never waited for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

from drivestack.core.map import Map
from drivestack.core.types import Goal, Observation, Plan, Route

from .channel import Channel
from .messages import MAP, QUESTION, NewMap, Question
from .wire import packed

Asked = tuple[Observation, Goal, Route, Plan]
"""What a planner is given."""

_BEGIN = """
import importlib, json, sys
sys.path[:], end, parent, factory = json.loads(sys.argv[1])
importlib.import_module("drivestack.stack.planner_process").main(end, parent, factory)
"""


class Child:
    """One process, a fresh interpreter and no fork: nothing of the parent's memory, threads and
    files gets into it, and nothing of what a planner does to its own gets out.

    Attributes:
        waited: there is something that it has not answered yet, since a time [s] `since`.
        proven: it has answered at least one question.
    """

    def __init__(self, factory: str) -> None:
        ours, theirs = socket.socketpair()
        words = json.dumps([sys.path, theirs.fileno(), os.getpid(), factory])
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN, words],
                stdin=subprocess.DEVNULL,
                stdout=2,  # what a planner prints must not get into the output of a program
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C is for the parent, which ends this
            )
        self._channel = Channel(ours)
        self._maps: dict[int, tuple[int, Map]] = {}
        self.since, self.waited, self.proven = time.monotonic(), True, False

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def ask(self, number: int, asked: Asked) -> None:
        """Ask a question, which is on its way as far as the process takes it."""
        observation, goal, route, plan = asked
        maps = tuple(self._number(map) for map in observation.maps)
        question = Question(number, maps, replace(observation, maps=()), goal, route, plan)
        self._channel.send(QUESTION + packed(question))
        self.since, self.waited = time.monotonic(), True

    def hear(self, until: float) -> bytes | None:
        """What it says next, or None if that is nothing until a time of `time.monotonic` [s].

        Raises:
            ChannelError: it has ended, or what it says are no frames.
        """
        frame = self._channel.receive(until)
        self.waited = frame is None
        return frame

    def kill(self) -> None:
        """End it, whatever it does; its end is not waited for."""
        self._process.kill()
        self._channel.close()

    def is_gone(self) -> bool:
        """Whether it has ended and is no zombie any more."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait for its end."""
        self._process.wait()

    def _number(self, map: Map) -> int:
        """What a map is called there; the process is sent those that it does not know."""
        if id(map) not in self._maps:
            self._channel.send(MAP + packed(NewMap(map)))
            self._maps[id(map)] = len(self._maps), map  # kept, so that its id stays its own
        return self._maps[id(map)][0]
