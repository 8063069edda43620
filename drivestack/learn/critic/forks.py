"""What follows if a plan is executed for 3 s: the world is forked, and tells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drivestack.core.protocols import World
from drivestack.core.types import Bools, Floats, Observation, Plan, Scene
from drivestack.metrics.collision import answered_for
from drivestack.motion.pid import Pid
from drivestack.safety.critic import HORIZON


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of R plans.

    Attributes:
        contact: (R,) with anybody. answered: (R,) a contact that the plan has to answer for: the
        ego moved, and was not struck from behind; nuPlan's classes but for the lane of an ego that
        is touched sideways. after: (R,) when [s], 0 without a contact.
    """

    contact: Bools
    answered: Bools
    after: Floats


def executed(
    world: World, observation: Observation, plans: Plan, follows: Pid, period: int
) -> Outcome:
    """Execute one plan in each slot of a world, which is moved on by it.

    Traffic reacts to it as it does. The plan is tracked, not replanned; no safety layer acts.

    Args:
        observation: what the ego's planner saw, a row a slot. follows: tracks the plans.
        period: ticks of physics for which a control is held.
    """
    slots, dt = world.batch, float(observation.dt[0])
    contact, answered = np.zeros(slots, np.bool_), np.zeros(slots, np.bool_)
    after, state = np.zeros(slots), follows.start(slots)
    under_way = np.zeros((slots, follows.actuation.delay, 2))
    control = np.zeros((slots, 2))
    scene = world.observe()
    touched = scene.contact.copy()  # what touches already is nothing that will come
    for tick in range(round(HORIZON / dt)):
        if tick % period == 0:
            seen = replace(observation, tick=scene.tick, ego=scene.ego)
            tracking, state = follows.track(seen, plans, under_way, state)
            queue = np.concatenate([under_way, tracking.control[:, None]], axis=1)
            control, under_way = np.ascontiguousarray(queue[:, 0]), queue[:, 1:].copy()
        world.step(control)
        scene = world.observe()
        for slot in np.flatnonzero(scene.contact & ~contact & ~touched).tolist():
            contact[slot], answered[slot] = True, answers_for(scene, slot)
            after[slot] = (tick + 1) * dt
            world.release(slot)
    return Outcome(contact, answered, after)


def answers_for(scene: Scene, slot: int) -> bool:
    """Whether the ego has to answer for the contact it has now."""
    (places,) = np.nonzero(scene.agents.id[slot] == scene.contact_with[slot])
    other = None
    if len(places):
        other_x, other_y, _, other_v = scene.agents.state[slot, places[0], -1].tolist()
        other = other_x, other_y, other_v
    rear = 0.5 * float(scene.ego.size[slot, 0])
    return answered_for(scene.ego.state[slot].tolist(), rear, other)
