"""What a stack is built for: rates, actuators and simulated latencies, equal over a batch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drivestack.core.errors import InputError
from drivestack.core.start import Rates
from drivestack.motion import Actuation
from drivestack.safety import Layer
from drivestack.vehicle.parameters import Actuators

MOST_LATENCY = 1000
"""Ticks; a plan that comes later is never of use."""

LEAST_DEADLINE, MOST_DEADLINE = 0.001, 60.0
"""Seconds; talking to another process takes half of the least, and nobody waits longer."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Simulated time that stages take [ticks of physics]; what is decided at t acts at t + latency.

    Attributes:
        plan: from an observation to the plan that is driven (route, proposals, scores, choice).
        control: from an observation to the control that is commanded; the filter adds nothing.
    """

    plan: int = 0
    control: int = 0

    def __post_init__(self) -> None:
        for name in ("plan", "control"):
            value = getattr(self, name)
            if not 0 <= value <= MOST_LATENCY:
                raise InputError(f"{name} latency should be 0 to {MOST_LATENCY} ticks, got {value}")


@dataclass(frozen=True, slots=True)
class Host:
    """Where the planner plans.

    Attributes:
        place: a name in `planners.PLACES`. deadline: in a process of its own, how long a tick waits
        for its plans [s of wall time]; safety.md's budget (11).
    """

    place: str = "inline"
    deadline: float = 0.05

    def __post_init__(self) -> None:
        if not LEAST_DEADLINE <= self.deadline <= MOST_DEADLINE:
            most = f"{LEAST_DEADLINE:g} to {MOST_DEADLINE:g}"
            raise InputError(f"planner deadline should be {most} s, got {self.deadline}")


LONGEST_HELD = 1.0
"""Seconds; the safety layer stops who has had no new plan for longer (`plan_age`)."""

AVERAGED = 0.75
"""Of the plan in force in an average with a new one: three plans before it count, 0.3 s at 10 Hz,
which is what a chunk of 8 ticks or so is driven for. Our choice."""


@dataclass(frozen=True, slots=True)
class Execution:
    """How chunks are driven.

    Attributes:
        ticks: of physics for which each is driven before there is another one; 1: whenever a plan
        is due. share: of the plan in force in averages with a new one; 0: none is averaged.
    """

    ticks: int = 1
    share: float = 0.0

    @staticmethod
    def of(text: str) -> Execution:
        """As the command line writes it: ``replan``, ``open:8``, ``ensembled``."""
        if text == "replan":
            return Execution()
        if text == "ensembled":
            return Execution(share=AVERAGED)
        found = re.fullmatch(r"open:([1-9]\d{0,3})", text)
        if not found:
            raise InputError(
                f"execute should be replan, open:N (N ticks, such as open:8) or ensembled, "
                f"got '{text:.40}'"
            )
        return Execution(int(found[1]))

    def __str__(self) -> str:
        if self.share:
            return "ensembled"
        return "replan" if self.ticks == 1 else f"open:{self.ticks}"


@dataclass(frozen=True, slots=True)
class Setup:
    """What presets take.

    Attributes:
        rates: of the scenarios. controller: a name in `CONTROLLERS`.
        actuators: what stands between a command and the wheels; None: nothing.
        latency: simulated. layer: of safety; None: the preset's own. host: of the planner.
        policy, scorer: checkpoints of a learned planner and of a scoring model; None: those that
        come with the package. execution: of chunks.
    """

    rates: Rates
    controller: str = "mpc"
    actuators: Actuators | None = None
    latency: Latency = field(default_factory=Latency)
    layer: Layer | None = None
    host: Host = field(default_factory=Host)
    policy: str | None = None
    scorer: str | None = None
    execution: Execution = field(default_factory=Execution)

    def __post_init__(self) -> None:
        every = self.rates.physics // self.rates.control
        if self.latency.control % every:
            raise InputError(
                f"control latency should be a whole multiple of {every} ticks, "
                f"the control period, got {self.latency.control}"
            )
        held = self.execution.ticks * self.dt
        if held > LONGEST_HELD:
            raise InputError(
                f"execute {self.execution} drives each chunk for {held:g} s; expected at most "
                f"{LONGEST_HELD:g} s, after which the safety layer stops the car"
            )

    @property
    def dt(self) -> float:
        """A tick of physics [s]."""
        return 1.0 / self.rates.physics

    @property
    def period(self) -> float:
        """Time for which a control is held [s]."""
        return 1.0 / self.rates.control

    @property
    def actuation(self) -> Actuation:
        """The actuators as controllers know them; the control's own latency is a part of the delay.

        Raises:
            InputError: delays that are no whole number of control periods.
        """
        return Actuation.behind(self.actuators, self.period, self.dt, self.latency.control)

    @property
    def uncommanded(self) -> int:
        """Control periods from deciding a control to commanding it."""
        return self.latency.control * self.rates.control // self.rates.physics

    @property
    def plans_waiting(self) -> int:
        """The most plans that have been decided and do not act yet."""
        return -(-self.latency.plan * self.rates.plan // self.rates.physics)
