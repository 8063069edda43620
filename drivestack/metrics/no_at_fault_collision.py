"""No at-fault collision NC of an episode, and whether the ego is at fault at all."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Reason

from .collision import (
    Collision,
    Fault,
    navsim_no_at_fault_collision,
    no_at_fault_collision,
)
from .evidence import Evidence

_WHY = {
    Fault.STOPPED_EGO: "not at fault: the ego stood",
    Fault.STOPPED_TRACK: "at fault: it stood",
    Fault.REAR: "not at fault: it came from behind",
    Fault.FRONT: "at fault: the ego's front ran into it",
}


def described(evidence: Evidence, hit: Collision) -> str:
    """Whom the ego touched, when, and whose fault that is."""
    why = _WHY.get(hit.fault)
    if why is None:
        lane = "was not within one lane" if hit.at_fault else "kept to its lane"
        why = f"{'' if hit.at_fault else 'not '}at fault: they touched sideways and the ego {lane}"
    who = evidence.name(hit.other)
    return f"touched {who} {evidence.at(hit.tick)}, delta-v {hit.delta_v:.1f} m/s, {why}"


@dataclass(frozen=True, slots=True)
class NoAtFaultCollision:
    """`at_fault`: 1 if the ego is at fault for a first contact.

    `no_at_fault_collision` is nuPlan's NC, `no_at_fault_collision_navsim` NAVSIM's.
    """

    names: tuple[str, ...] = (
        "at_fault",
        "no_at_fault_collision",
        "no_at_fault_collision_navsim",
    )

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The flag and both scores of one episode; without ticks the scores are 0."""
        found, driven = evidence.collisions, evidence.driven
        values = (
            float(any(hit.at_fault for hit in found)),
            driven * no_at_fault_collision(found),
            driven * navsim_no_at_fault_collision(found),
        )
        if not found:
            sentence = "touched nobody" if driven else "did not drive"
            return tuple(Reason(*pair, sentence) for pair in zip(self.names, values, strict=True))
        hit = next((hit for hit in found if hit.at_fault), found[0])
        sentence = described(evidence, hit)
        tick, object = evidence.tick(hit.tick), evidence.id(hit.other)
        return tuple(
            Reason(name, value, sentence, tick, object, measured=hit.delta_v)
            for name, value in zip(self.names, values, strict=True)
        )
