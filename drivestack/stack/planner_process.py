"""The planner's own process: it answers questions until the stack's end of the channel closes."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from drivestack.core.map import Map
from drivestack.safety.faults import Fault

from .channel import Channel, ChannelError
from .messages import ANSWER, FAILED, MAP, READY, Answer, Failed, NewMap, Question
from .planning import Planning
from .wire import packed, unpacked

_PARENT_DEATH = 1
"""Linux's PR_SET_PDEATHSIG."""


def main(end: int, parent: int, factory: str) -> None:
    """Make the planner, say that it is ready, answer.

    Args:
        end: file descriptor of the channel. parent: process that must live on.
        factory: of the planner, such as ``package.module:function`` or ``...:function:word``.
    """
    _die_with(parent)
    channel = Channel(socket.socket(fileno=end))
    planner = _made_by(factory)()
    channel.send(READY)
    maps: list[Map] = []
    try:
        while (frame := channel.receive()) is not None:
            if frame[:1] == MAP:
                maps.append(unpacked(NewMap, frame[1:]).map)
            else:
                channel.send(_answered(planner, unpacked(Question, frame[1:]), maps))
    except ChannelError:
        return  # the stack has gone, or wants no more of this process


def _answered(planner: Planning, asked: Question, maps: list[Map]) -> bytes:
    """The answer as a frame; whatever the planner raises is one too."""
    seconds: dict[str, float] = {}
    observation = replace(asked.observation, maps=tuple(maps[number] for number in asked.maps))
    faults = np.zeros((len(observation.tick), len(Fault)), np.bool_)
    try:
        planned, good = planner.plan(
            observation, asked.goal, asked.route, asked.plan, faults, seconds
        )
        answer = Answer(
            number=asked.number,
            planned=() if planned is None else (planned,),
            good=good.astype(np.int64),
            faults=faults,
            stages=tuple(seconds),
            seconds=np.array(list(seconds.values()), np.float64),
        )
        return ANSWER + packed(answer)
    except Exception as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return FAILED + packed(Failed(asked.number, said[:500]))


def _made_by(factory: str) -> Callable[[], Planning]:
    module, _, rest = factory.partition(":")
    name, _, word = rest.partition(":")
    maker = getattr(importlib.import_module(module), name)
    return partial(maker, word) if word else maker


def _die_with(parent: int) -> None:
    """End when the parent ends, also if this process is stopped or stuck then.

    Where there is no Linux only the closed channel tells.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
