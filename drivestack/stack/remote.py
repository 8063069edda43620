"""A planner in a process of its own: however it fails, the stack goes on, and in time.

A tick waits for its plan until the deadline and no longer. A process that ends, talks nonsense or
answers nothing for long is replaced; each loss doubles the pause before the next start. A new one
is first tried on the last question that was answered in time, so that whatever it has to load or
to compile is there before a tick counts on it.
"""

from __future__ import annotations

import time
import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.rows import arrays_of
from drivestack.core.types import Bools, Goal, Observation, Plan, Route
from drivestack.safety.faults import Fault

from .channel import ChannelError
from .child import Asked, Child
from .memory import Planned
from .messages import ANSWER, FAILED, READY, Answer, Failed
from .wire import WireError, unpacked

FAULTS = (
    Fault.PLANNER_RAISED,
    Fault.PLANNER_GARBAGE,
    Fault.PLANNER_LATE,
    Fault.PLANNER_HUNG,
    Fault.PLANNER_DIED,
    Fault.PLANNER_STARTING,
)
"""What can go wrong with a process."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Wall times [s].

    Attributes:
        deadline: from asking for a plan to going on without; safety.md's budget (11).
        hung: a process that owes an answer for so many deadlines is ended; our choice, 1 s.
        boot: a process may take so long until its first answer: kernels may have to be compiled.
        Only for the very first one is it waited, since nothing moves before there is a plan.
        pause: until a process is started anew. longest_pause: doubled up to there.
        settled: answers in time after which the pause is short again; our choice: 1 s of plans.
    """

    deadline: float = 0.05
    hung: float = 20.0
    boot: float = 300.0
    pause: float = 0.1
    longest_pause: float = 5.0
    settled: int = 10


class RemotePlanner:
    """Plans elsewhere.

    Attributes:
        faults: how often there was no plan, by reason. losses: processes that were given up.
        pause: before the next one is started, if this one is lost [s].
    """

    def __init__(self, factory: str, patience: Patience) -> None:
        self._factory, self._patience = factory, patience
        self._running = _Running()
        self.pause, self._start_at = patience.pause, 0.0
        self._number = self._in_time = 0
        self._first, self._answered = True, None
        self.faults: dict[Fault, int] = dict.fromkeys(FAULTS, 0)
        self.losses = 0
        weakref.finalize(self, self._running.end)

    @property
    def pid(self) -> int | None:
        """The number of its process, while there is one."""
        return None if self._running.child is None else self._running.child.pid

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """The plans of the other process; where it fails as a whole, no row has one.

        The wall time of its stages is added, and as `planner` what it took to talk to it.
        """
        begin = time.monotonic()
        said = self._answer_to((observation, goal, route, plan), begin)
        self._first = False
        spent = time.monotonic() - begin
        if isinstance(said, Answer):
            faults |= said.faults
            for stage, taken in zip(said.stages, said.seconds.tolist(), strict=True):
                seconds[stage] = seconds.get(stage, 0.0) + taken
                spent -= taken
            made, good = (*said.planned, None)[0], said.good.astype(np.intp)
        else:
            faults[:, said] = True
            self.faults[said] += 1
            made, good = None, np.zeros(0, np.intp)
        seconds["planner"] = seconds.get("planner", 0.0) + max(spent, 0.0)
        return made, good

    def _answer_to(self, asked: Asked, begin: float) -> Answer | Fault:
        """What comes of a question that is asked now."""
        self._running.reap()
        try:
            child = self._started(begin)
            if child is None:
                return Fault.PLANNER_STARTING
            return self._spoken(child, asked, begin)
        except (ChannelError, OSError):
            return self._lost(Fault.PLANNER_DIED)
        except WireError:
            return self._lost(Fault.PLANNER_GARBAGE)

    def _started(self, now: float) -> Child | None:
        """The process; a new one if there is none and it is time for one."""
        if self._running.child is None and now >= self._start_at:
            self._running.child = Child(self._factory)
        return self._running.child

    def _spoken(self, child: Child, asked: Asked, begin: float) -> Answer | Fault:
        """Hear what the process still owes, then ask."""
        until = begin + (self._patience.boot if self._first else self._patience.deadline)
        while child.waited:
            frame = child.hear(until if child.proven or self._first else begin)
            if frame is None:
                return self._overdue(child)
            if frame == READY and not self._first:
                self._ask(child, self._answered or asked)
            child.proven |= frame[:1] in (ANSWER, FAILED)
        self._ask(child, asked)
        frame = child.hear(until)
        if frame is None:
            return self._overdue(child)
        child.proven = True
        if frame[:1] == FAILED:
            unpacked(Failed, frame[1:])
            return Fault.PLANNER_RAISED
        return self._checked(frame, asked)

    def _ask(self, child: Child, asked: Asked) -> None:
        self._number += 1
        child.ask(self._number, asked)

    def _checked(self, frame: bytes, asked: Asked) -> Answer | Fault:
        """The answer to the last question, if it is one."""
        answer = unpacked(Answer, frame[1:])
        if frame[:1] != ANSWER or answer.number != self._number:
            raise WireError(f"an answer to question {answer.number}, not {self._number}")
        check_fits(answer, asked[0])
        self._answered = asked
        self._in_time += 1
        if self._in_time >= self._patience.settled:
            self.pause = self._patience.pause
        return answer

    def _overdue(self, child: Child) -> Fault:
        """No answer in time: one that comes later is of the past, and is not used."""
        patience, owed = self._patience, time.monotonic() - child.since
        if owed > (patience.hung * patience.deadline if child.proven else patience.boot):
            return self._lost(Fault.PLANNER_HUNG)
        return Fault.PLANNER_LATE if child.proven else Fault.PLANNER_STARTING

    def _lost(self, fault: Fault) -> Fault:
        """Give the process up."""
        self._running.give_up()
        self.losses += 1
        self._in_time = 0
        self._start_at = time.monotonic() + self.pause
        self.pause = min(2.0 * self.pause, self._patience.longest_pause)
        return fault


def check_fits(answer: Answer, observation: Observation) -> None:
    """Refuse an answer that is well-formed, but not of these scenarios at this tick.

    Raises:
        WireError: it is not.
    """
    rows, good = np.arange(len(observation.tick)), answer.good
    if answer.faults.shape != (len(rows), len(Fault)) or not np.array_equal(
        good, rows[~answer.faults.any(axis=1)]
    ):
        raise WireError("rows are both planned and at fault, or neither")
    for planned in answer.planned:
        counts = {len(array) for array in arrays_of(planned)}
        if counts != {len(good)}:
            raise WireError(f"records of {sorted(counts)} scenarios, not of {len(good)}")
        if not np.array_equal(planned.plan.tick, observation.tick[good]):
            raise WireError("plans of another tick")


class _Running:
    """The process in use, and those that were ended and have not gone yet."""

    def __init__(self) -> None:
        self.child: Child | None = None
        self._leaving: list[Child] = []

    def give_up(self) -> None:
        """End the one in use, if it could be started."""
        if self.child is not None:
            self.child.kill()
            self._leaving.append(self.child)
            self.child = None

    def reap(self) -> None:
        """Forget those that have gone; none stays a zombie."""
        self._leaving = [child for child in self._leaving if not child.is_gone()]

    def end(self) -> None:
        """End all, and wait for it."""
        self.give_up()
        for child in self._leaving:
            child.wait()
