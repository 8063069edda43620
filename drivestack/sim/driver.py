"""Who drives: a stack by name, its controller, and the latencies that are simulated."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivestack.core.errors import InputError, unknown
from drivestack.core.protocols import Doubtful, Stack, World
from drivestack.core.start import Rates, Start
from drivestack.motion import CONTROLLERS
from drivestack.safety import BARE, WHOLE, Layer, check_layer, filter_of
from drivestack.stack import (
    APPRAISED,
    LEARNED,
    PLACES,
    STACKS,
    Execution,
    Host,
    Latency,
    Setup,
)
from drivestack.stack.recorded import told_to
from drivestack.stack.shadowed import Shadowed, WatchingFilter
from drivestack.stack.stack import StagedStack
from drivestack.vehicle.parameters import Actuators, actuators_of
from drivestack.world import build_world

from .experts import EXPERTS, STYLES, expert_stack
from .perfect import Stage, perfect_stack, perfect_start

Kin = tuple[Rates, Actuators | None]
"""What scenarios must have in common to be driven in one batch."""


def kin_of(start: Start) -> Kin:
    """What a scenario asks of its batch."""
    return start.rates, actuators_of(start.slot)


@dataclass(frozen=True, slots=True)
class Driver:
    """Names in the registries of stacks and controllers.

    Attributes:
        stack, controller: names. latency: of the stack's stages, simulated.
        layer: of safety; None: the stack's own. host: where the planner plans. shadow: the layer
        only looks on: the stack drives with nothing but guards. policy, scorer: checkpoints of a
        learned planner and of a scoring model; None: the stack's own.
        perfect: a stage that is made perfect, to see what it costs; None: none is.
        execution: of chunks.
    """

    stack: str = "idm"
    controller: str = "mpc"
    latency: Latency = field(default_factory=Latency)
    layer: Layer | None = None
    host: Host = field(default_factory=Host)
    shadow: bool = False
    policy: str | None = None
    scorer: str | None = None
    perfect: Stage | None = None
    execution: Execution = field(default_factory=Execution)

    def __post_init__(self) -> None:
        if self.stack not in STACKS and self.stack not in EXPERTS:
            raise unknown("stack", self.stack, [*STACKS, *EXPERTS])
        if self.stack in EXPERTS and (self.host.place != "inline" or self.shadow):
            raise InputError(f"stack '{self.stack}' is told the world: it drives here, and openly")
        if self.perfect is not None and self.stack in EXPERTS:
            raise InputError(f"stack '{self.stack}' has no stages that could be made perfect")
        if self.execution != Execution() and (self.perfect is not None or self.stack in EXPERTS):
            raise InputError(f"execute {self.execution}: who is told the world can only replan")
        if self.controller not in CONTROLLERS:
            raise unknown("controller", self.controller, CONTROLLERS)
        if self.host.place not in PLACES:
            raise unknown("planner", self.host.place, PLACES)
        if self.policy is not None and self.stack not in LEARNED:
            stacks = ", ".join(LEARNED)
            raise InputError(f"stack '{self.stack}' has no policy; stacks that have one: {stacks}")
        if self.scorer is not None and self.stack not in APPRAISED:
            stacks = ", ".join(APPRAISED)
            raise InputError(f"stack '{self.stack}' has no scorer; stacks that have one: {stacks}")
        if self.layer is not None:
            check_layer(self.layer)

    def stack_for(self, start: Start) -> Stack:
        """A stack for scenarios like this one.

        Raises:
            InputError: the latencies do not fit the scenario's rates.
        """
        return self.stack_in(start, build_world("engine"))

    def stack_in(self, start: Start, world: World) -> Stack:
        """The same, for slots of a world, which an expert is told.

        Raises:
            InputError: the latencies do not fit the scenario's rates.
        """
        rates, actuators = kin_of(start)
        try:
            return self._stack(self._setup(rates, actuators), world)
        except InputError as error:
            raise InputError(f"{start.scenario}: {error}") from None

    @property
    def forks(self) -> bool:
        """Whether it is told the world, and forks it."""
        return self.stack in EXPERTS or self.perfect is not None

    def start_for(self, start: Start) -> Start:
        """What a scenario is for this driver."""
        start = told_to(self.stack, start)
        return start if self.perfect is None else perfect_start(self.perfect, start)

    def _perfected(self, stage: Stage, stack: Stack, setup: Setup, world: World) -> Stack:
        if not isinstance(world, Doubtful) or not isinstance(stack, StagedStack):
            raise InputError("a perfect stage forks the world, which only 'engine' can")
        return perfect_stack(stage, stack, world, setup, STYLES["oracle"](setup))

    def _setup(self, rates: Rates, actuators: Actuators | None) -> Setup:
        layer = BARE if self.shadow else self.layer
        return Setup(
            rates,
            self.controller,
            actuators,
            self.latency,
            layer,
            self.host,
            policy=self.policy,
            scorer=self.scorer,
            execution=self.execution,
        )

    def _stack(self, setup: Setup, world: World) -> Stack:
        if self.stack in EXPERTS:
            return expert_stack(self.stack, setup, world)
        stack = STACKS[self.stack](setup)
        if self.perfect is not None:
            return self._perfected(self.perfect, stack, setup, world)
        if not self.shadow:
            return stack
        return Shadowed(stack, WatchingFilter(filter_of(self.layer or WHOLE, setup.period)))
