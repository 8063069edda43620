"""A planner in its own process: as good as in ours while it is well, and survived when it fails."""

from __future__ import annotations

import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.core.start import Rates
from drivestack.core.types import Decision, Filtering, Observation, PlanSource
from drivestack.safety.faults import NAMES, Fault
from drivestack.stack import STACKS, Host, Setup
from drivestack.stack.remote import Patience, RemotePlanner
from tests.contracts.situations import assert_same
from tests.scenes import no_goal, observation, two_lanes
from tests.stack.faulty import MISCHIEF

RATES = Rates(20, 20, 10)
ROAD = two_lanes()
QUICK = Patience(deadline=0.5, hung=4.0, pause=0.01, longest_pause=0.05)
"""So long that a busy machine is not taken for a fault."""

KILLS = replace(QUICK, deadline=0.1, hung=20.0)
"""For many losses: as short as a busy machine can be trusted with."""

SLACK = 1.0
"""How late a busy machine may wake up who waits until a time [s]; half of what a tick would take
that waits for a process which hangs."""


def seen(tick: int, x: float) -> Observation:
    return observation([ROAD], [(x, 0.0, 0.0, 10.0)], [np.array([[x + 60.0, 0, 0, 10.0]])], tick)


class Timed(RemotePlanner):
    """Remembers how long each plan but the first, which may be waited for, was waited for."""

    def __init__(self, patience: Patience) -> None:
        super().__init__("tests.stack.faulty:faulty", patience)
        self.waits: list[float] = []

    def plan(self, *asked: Any) -> Any:
        begin = time.monotonic()
        try:
            return super().plan(*asked)
        finally:
            self.waits.append(time.monotonic() - begin)


class Drive:
    """A stack that is driven tick by tick along a road; every command must be a safe one."""

    def __init__(self, planner: RemotePlanner) -> None:
        self.planner = planner
        self._stack: Any = replace(STACKS["idm"](Setup(RATES)), planner=planner)  # pyright: ignore
        self._memory = self._stack.start(1, no_goal(1))
        self.tick, self.told = 0, set[str]()

    def step(self, ticks: int = 2) -> Decision:
        """So many ticks, in two of which one plan is due."""
        for _ in range(ticks):
            at = seen(self.tick, 50.0 + 0.5 * (self.tick % 900))
            decision, self._memory = self._stack.decide(at, self._memory)
            assert np.isfinite(decision.control).all()
            assert -8.0 <= decision.control[0, 0] <= 4.0
            assert abs(decision.control[0, 1]) <= 0.1
            failed = np.flatnonzero(decision.verdict.failed[0])
            self.told |= {decision.verdict.names[check] for check in failed}
            self.tick += 1
        return decision

    def faults(self) -> dict[str, int]:
        """Of the process, by name."""
        return {fault.name: n for fault, n in self.planner.faults.items() if n}

    def until_it_plans(self) -> Decision:
        """Drive on until there is a new plan."""
        for _ in range(3000):
            decision = self.step()
            if decision.plan.tick[0] >= self.tick - 2:
                return decision
            time.sleep(0.02)
        raise AssertionError(self.faults())


@pytest.fixture
def mischief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "mischief"
    file.write_text("")
    monkeypatch.setenv(MISCHIEF, str(file))
    return file


@pytest.fixture
def drive(mischief: Path) -> Drive:
    made = Drive(RemotePlanner("tests.stack.faulty:faulty", QUICK))
    made.until_it_plans()
    return made


def test_a_healthy_process_plans_what_we_would() -> None:
    """All records are the same, bit for bit, but for the time that stages take."""
    found = []
    for host in (Host(), Host("process", 60.0)):
        stack = STACKS["pdm15"](Setup(RATES, host=host))
        memory, decisions = stack.start(2, no_goal(2)), []
        for tick in range(8):
            one, other = seen(tick, 50.0 + 0.5 * tick), seen(tick, 80.0 + 0.4 * tick)
            both = observation(
                [ROAD], [one.ego.state[0], other.ego.state[0]], [one.tracks.state[0, :, 0]], tick
            )
            decision, memory = stack.decide(both, memory)
            decisions.append(decision)
            if tick == 4:
                memory = stack.reset(memory, np.array([1]), no_goal(1))
        found.append(decisions)
    for inline, apart in zip(*found, strict=True):
        assert_same(replace(inline, seconds={}), replace(apart, seconds={}))
        assert set(apart.seconds) - set(inline.seconds) <= {"planner"}


@pytest.mark.parametrize(
    ("word", "fault", "replaced"),
    [
        ("raise", "PLANNER_RAISED", False),
        ("nothing", "PLANNER_RAISED", False),
        ("text", "PLANNER_GARBAGE", True),
        ("other-tick", "PLANNER_GARBAGE", True),
        ("other-batch", "PLANNER_GARBAGE", True),
        ("noise", "PLANNER_GARBAGE", True),
        ("kill", "PLANNER_DIED", True),
        ("exit", "PLANNER_DIED", True),
        ("stop", "PLANNER_HUNG", True),
        ("sleep 1.0", "PLANNER_LATE", False),
        ("sleep 10", "PLANNER_HUNG", True),
    ],
)
def test_a_failure_is_named_survived_and_over(
    drive: Drive, mischief: Path, word: str, fault: str, replaced: bool
) -> None:
    before, last = drive.planner.pid, drive.tick - 2
    mischief.write_text(word)
    decision = drive.step()
    assert decision.plan.tick.tolist() == [last]
    assert decision.plan.source.tolist() == [PlanSource.HELD]
    for _ in range(40):  # more than it takes to be given up
        if fault not in drive.faults():
            drive.step()
    assert fault in drive.faults()
    mischief.write_text("")
    after = drive.until_it_plans()
    assert after.plan.source.tolist() == [PlanSource.CANDIDATE]
    assert (drive.planner.pid != before) == replaced
    assert (drive.planner.losses > 0) == replaced
    assert drive.told & set(NAMES) == {name.lower() for name in drive.faults()}


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_who_is_slow_but_in_time_is_no_fault(drive: Drive, mischief: Path, share: float) -> None:
    mischief.write_text(f"sleep {share * 0.2}")
    for _ in range(3):
        drive.step()
    assert drive.faults() == {}


def test_a_car_without_plans_is_stopped_in_its_lane(drive: Drive, mischief: Path) -> None:
    """The last plan is driven for a second, then the freshness check takes over."""
    mischief.write_text("raise")
    last = drive.tick - 2
    for _ in range(15):
        decision = drive.step(1)
        braking = decision.intervention.kind[0] == Filtering.MINIMAL_RISK
        assert braking == ((drive.tick - 1 - last) * 0.05 > 1.0)


@pytest.mark.parametrize("how", ["leaves", "raises"])
def test_a_process_that_never_begins_is_tried_again_and_again(how: str, mischief: Path) -> None:
    patience = replace(QUICK, longest_pause=3.0 * QUICK.pause)
    drive = Drive(RemotePlanner(f"tests.stack.faulty:{how}_at_import", patience))
    while drive.planner.losses < 3:
        decision = drive.step()
        assert decision.intervention.kind.tolist() == [Filtering.MINIMAL_RISK]
        time.sleep(0.02)
    assert set(drive.faults()) == {"PLANNER_DIED", "PLANNER_STARTING"}
    assert drive.planner.pause == patience.longest_pause


def test_a_first_process_that_hangs_is_not_waited_for_for_ever(mischief: Path) -> None:
    patience = replace(QUICK, boot=0.5)
    drive = Drive(RemotePlanner("tests.stack.faulty:hangs_at_import", patience))
    for _ in range(3000):
        drive.step()
        if drive.planner.losses:
            break
    assert drive.faults()["PLANNER_HUNG"] == 1


def test_the_pause_doubles_and_is_short_again_after_some_good_plans(
    drive: Drive, mischief: Path
) -> None:
    pid = drive.planner.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    drive.until_it_plans()
    assert drive.planner.pause == 2.0 * QUICK.pause
    drive.step(2 * QUICK.settled)
    assert drive.planner.pause == QUICK.pause


def _files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _children() -> list[str]:
    """States of the processes that are ours, by the letters of proc(5)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.append(fields[0])
    return found


def _killed(times: int) -> None:
    """Kill the process again and again, every other time while it starts, or stop it while it
    plans; then nothing is left of it.

    Each command on the way is a safe one, and no tick waits past the deadline.
    """
    planner, begin = Timed(KILLS), time.monotonic()
    drive, draw = Drive(planner), random.Random(times)
    drive.until_it_plans()
    before = _files(), len(_children())
    for _ in range(times):
        if starting := draw.random() < 0.5:
            while planner.pid is None:
                drive.step()
                time.sleep(0.02)
            time.sleep(draw.uniform(0.0, 2.0))
        else:
            drive.until_it_plans()
            drive.step(draw.randrange(1, 4))
        ways = [signal.SIGKILL] if starting else [signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP]
        lost, pid = planner.losses, planner.pid
        assert pid is not None
        os.kill(pid, draw.choice(ways))
        for _ in range(200):
            if planner.losses == lost:
                drive.step()
    drive.until_it_plans()
    drive.step()
    waits, left = np.array(planner.waits[1:]), _children()
    print(
        f"{planner.losses} losses, {drive.tick} safe commands, {len(waits)} plans asked for, "
        f"waited {waits.max():.3f} s at most of {KILLS.deadline} s, {left.count('Z')} zombies, "
        f"faults {drive.faults()}, {time.monotonic() - begin:.0f} s"
    )
    assert planner.losses == times
    assert (_files(), len(left)) == before
    assert "Z" not in left
    assert waits.max() < KILLS.deadline + SLACK


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_many_kills_leave_nothing_behind(mischief: Path) -> None:
    _killed(6)


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_thousand_kills_leave_nothing_behind(mischief: Path) -> None:
    _killed(1000)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait_for(what: Callable[[], bool]) -> None:
    for _ in range(3000):
        if what():
            return
        time.sleep(0.02)
    raise AssertionError("in vain")


_PARENT = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits deafness
from drivestack.stack.child import Child
child = Child("tests.stack.faulty:faulty")
child.hear(time.monotonic() + 300.0)
print(child.pid, flush=True)
time.sleep(300.0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="nothing else tells a stopped process")
@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_the_process_does_not_outlive_its_parent(ending: signal.Signals, stopped: bool) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        assert _alive(pid)
        parent.send_signal(ending)
    _wait_for(lambda: not _alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_stack_that_is_dropped_takes_its_process_along(drive: Drive) -> None:
    pid = drive.planner.pid
    assert pid is not None
    drive.planner = drive._stack = None  # pyright: ignore
    gc.collect()
    assert not _alive(pid)


@pytest.mark.parametrize("deadline", [0.0, -1.0, 61.0, float("nan"), float("inf")])
def test_deadlines_have_bounds(deadline: float) -> None:
    with pytest.raises(InputError, match="planner deadline should be"):
        Host("process", deadline)


def test_faults_of_the_process_are_among_those_of_the_layer() -> None:
    assert [fault for fault in Fault if fault.name.startswith("PLANNER")] == list(
        RemotePlanner("tests.stack.faulty:faulty", QUICK).faults
    )
