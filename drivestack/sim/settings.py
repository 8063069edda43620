"""How to run: who drives, in which world, in how many processes, which share of the queue."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivestack.behavior.checkpoint import check_given
from drivestack.core.errors import InputError, unknown
from drivestack.core.start import EgoKind, Physics, Traffic
from drivestack.core.tables import Plant
from drivestack.safety import CRITIC, WHOLE, Layer
from drivestack.safety.critic import SHIPPED, SHIPPED_WORD, Critic
from drivestack.scenario.override import Override
from drivestack.stack import Execution, Host, Latency
from drivestack.world import WORLDS

from .driver import Driver
from .interventions.twins import Twins
from .perfect import Stage
from .reference import REFERENCE

BATCH = 32
"""Scenarios in lockstep unless told otherwise."""

MOST_SLOTS, MOST_WORKERS, MOST_SHARDS = 65536, 4096, 10_000
"""A larger batch only costs memory; more processes than a cluster has cores only cost time."""

CLUSTERS = ("ray",)
"""Engines that spread processes over machines."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A share of the queue: every `count`-th scenario, from number `index - 1` on.

    Attributes:
        index: from 1. count: of shards; together they are the whole queue.
    """

    index: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.count <= MOST_SHARDS:
            most = f"1/1 to {MOST_SHARDS}/{MOST_SHARDS}"
            raise InputError(f"shard must be i/n from {most} with i <= n, got {self}")

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @staticmethod
    def of(text: str) -> Shard:
        """A shard as the command line writes it, such as ``2/8``."""
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
        if not found:
            raise InputError(f"shard must be i/n, such as 2/8, got '{text:.40}'")
        return Shard(int(found[1]), int(found[2]))

    def holds(self, number: int) -> bool:
        """Whether a queue number belongs to it."""
        return number % self.count == self.index - 1

    def share(self, total: int) -> int:
        """How many of `total` scenarios belong to it."""
        return max(total + self.count - self.index, 0) // self.count


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run.

    Attributes:
        driver: who drives. backend: a name in the registry. batch: B. workers: processes.
        override: replaces values of the scenario files. shard: which part of the queue.
        only: ids of the scenarios that are run; empty: all.
        cluster: an engine of `CLUSTERS` that starts the processes; None: this machine does.
        twins: how those of interventions are driven; None: not at all.
        reference: whom progress is compared with.
    """

    driver: Driver = field(default_factory=Driver)
    backend: str = "engine"
    batch: int = BATCH
    workers: int = 1
    override: Override = field(default_factory=Override)
    shard: Shard = field(default_factory=Shard)
    only: tuple[str, ...] = ()
    cluster: str | None = None
    twins: Twins | None = None
    reference: Driver = REFERENCE

    def __post_init__(self) -> None:
        if self.backend not in WORLDS:
            raise unknown("backend", self.backend, WORLDS)
        if self.driver.forks and self.backend != "engine":
            raise InputError("experts and perfect stages fork the world: only 'engine' can")
        if self.cluster is not None and self.cluster not in CLUSTERS:
            raise unknown("cluster", self.cluster, CLUSTERS)
        for name, most in (("batch", MOST_SLOTS), ("workers", MOST_WORKERS)):
            value = getattr(self, name)
            if not (isinstance(value, int) and 1 <= value <= most):
                raise InputError(f"{name} must be a whole number from 1 to {most}, got {value!r}")

    def decisive(self) -> dict[str, Any]:
        """What results depend on, by the names of `drivestack.run`'s arguments."""
        override = self.override
        return {
            "stack": self.driver.stack,
            "controller": self.driver.controller,
            "plan_latency": self.driver.latency.plan,
            "control_latency": self.driver.latency.control,
            "execute": str(self.driver.execution),
            "planner": self.driver.host.place,
            "planner_deadline": self.driver.host.deadline,
            "policy": self.driver.policy,
            "scorer": self.driver.scorer,
            "reference": self.reference.stack,
            "perfect": self.driver.perfect.value if self.driver.perfect else None,
            **_layer_words(self.driver.layer),
            "shadow_layer": self.driver.shadow,
            "backend": self.backend,
            "seed": override.seed,
            "ego": override.ego.value if override.ego else None,
            "plant": override.plant.name.lower() if override.plant else None,
            "vehicle": None if override.vehicle is None else str(override.vehicle),
            "traffic": override.traffic.value if override.traffic else None,
            "smoothed": override.smoothing or False,
            "physics": override.physics.value if override.physics else None,
            "shard": str(self.shard),
            "only": list(self.only) or None,
            "twins": None if self.twins is None else self.twins.horizon,
        }


def settings_of(
    stack: str = "idm",
    backend: str = "engine",
    batch: int = BATCH,
    workers: int = 1,
    controller: str = "mpc",
    plan_latency: int = 0,
    control_latency: int = 0,
    execute: str = str(Execution()),
    planner: str = Host().place,
    planner_deadline: float = Host().deadline,
    policy: str | None = None,
    scorer: str | None = None,
    checks: Sequence[str] | None = None,
    bind: Sequence[str] | None = None,
    price: float | None = None,
    critic: str | None = None,
    shadow_layer: bool = False,
    seed: int | None = None,
    ego: str | None = None,
    plant: str | None = None,
    vehicle: str | None = None,
    traffic: str | None = None,
    smoothed: bool = False,
    physics: str | None = None,
    shard: str = "1/1",
    only: Sequence[str] | None = None,
    cluster: str | None = None,
    twins: float | None = None,
    reference: str = REFERENCE.stack,
    perfect: str | None = None,
) -> Settings:
    """Settings from names, as the command line and `drivestack.run` take them.

    Args:
        execute: how chunks are driven, as `Execution.of` takes it.
        policy, scorer: checkpoints of a learned planner and of a scoring model; None: those that
        come with the package.
        checks, bind, price: of the safety layer, as in `Layer`; all of them None: the stack's own
        layer. Otherwise checks that are not given are all there are.
        shadow_layer: the layer only looks on; what it would have done is in the log.
        perfect: a stage that is made perfect (`sim.perfect.Stage`), to see what it costs.
        reference: stack whose progress is what others' is compared with.
        twins: for how long a twin of every intervention is driven [s]; None: there is none.

    Raises:
        InputError: a name is unknown, or a number out of its range.
    """
    override = Override(
        ego=_chosen("ego", EgoKind, ego),
        plant=_chosen_plant(plant),
        vehicle=_vehicle(vehicle),
        traffic=_chosen("traffic", Traffic, traffic),
        smoothing=True if smoothed else None,
        physics=_chosen("physics", Physics, physics),
        seed=seed,
    )
    latency, layer = Latency(plan_latency, control_latency), _layer(checks, bind, price, critic)
    host = Host(planner, planner_deadline)
    driver = Driver(
        stack,
        controller,
        latency,
        layer,
        host,
        shadow_layer,
        policy=policy,
        scorer=scorer,
        perfect=_chosen("stage", Stage, perfect),
        execution=Execution.of(execute),
    )
    check_given(policy, scorer)  # a wrong file is told before anything is driven
    share, chosen = Shard.of(shard), tuple(only or ())
    if shadow_layer and twins is not None:
        raise InputError("a layer that only looks on has no twins; leave out one of the two")
    following = None if twins is None else Twins(twins)
    return Settings(
        driver,
        backend,
        batch,
        workers,
        override,
        share,
        chosen,
        cluster,
        following,
        REFERENCE if reference == REFERENCE.stack else Driver(reference),
    )


def _layer(
    checks: Sequence[str] | None,
    bind: Sequence[str] | None,
    price: float | None,
    critic: str | None,
) -> Layer | None:
    """The safety layer that was asked for, if any was; a critic acts unless checks are named."""
    if checks is None and bind is None and price is None and critic is None:
        return None
    usual = WHOLE.price if price is None else price
    if not (math.isfinite(usual) and usual >= 0.0):
        raise InputError(f"price must be a number from 0, got {price}")
    if critic is not None:
        critic = str(SHIPPED) if critic == SHIPPED_WORD else critic
        if not Path(critic).exists():
            raise InputError(
                f"critic {critic}: no such file; '{SHIPPED_WORD}' is the one that comes with it"
            )
        Critic.read(critic)  # a wrong file is told before anything is driven
    every = WHOLE.checks if critic is None else (*WHOLE.checks, CRITIC)
    return Layer(every if checks is None else tuple(checks), tuple(bind or ()), usual, critic)


def _layer_words(layer: Layer | None) -> dict[str, Any]:
    """A layer by the names of `settings_of`'s arguments."""
    if layer is None:
        return {"checks": None, "bind": None, "price": None, "critic": None}
    checks, bind = list(layer.checks), list(layer.bound)
    critic = SHIPPED_WORD if layer.critic == str(SHIPPED) else layer.critic  # wherever it lies
    return {"checks": checks, "bind": bind, "price": layer.price, "critic": critic}


def _chosen(what: str, kinds: Any, name: str | None) -> Any:
    """A member of an enum of names, or None."""
    if name is None:
        return None
    if name not in list(kinds):
        raise unknown(what, name, [kind.value for kind in kinds])
    return kinds(name)


_LONGEST_ID = 18
"""Digits of an id that fits 64 bits."""


def _vehicle(name: str | None) -> int | str | None:
    """The id of a recorded vehicle as a number, where it is one."""
    number = name is not None and name.isdecimal() and len(name) <= _LONGEST_ID
    return int(name) if number else name  # pyright: ignore[reportArgumentType]


def _chosen_plant(name: str | None) -> Plant | None:
    """A plant by its lower-case name, or None."""
    if name is None:
        return None
    names = [plant.name.lower() for plant in Plant]
    if name not in names:
        raise unknown("plant", name, names)
    return Plant[name.upper()]
