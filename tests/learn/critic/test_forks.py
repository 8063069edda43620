"""What becomes of plans in forks: contacts where geometry says so, and who answers for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.start import Start
from drivestack.core.types import Observation, Plan
from drivestack.learn.critic.forks import Outcome, executed
from drivestack.learn.critic.variations import OF_ONE, Variation, varied
from drivestack.motion import Actuation
from drivestack.motion.pid import Pid
from drivestack.world import build_world, sensing
from tests.safety.test_critic import straight
from tests.scenes import starts_of

ROAD = """
id: road
version: 1
map:
  kind: lanes
  lanes:
    - {{kind: straight, from: a, to: b, start: [0, 0], end: [600, 0], speed_limit: 30}}
ego: {{lane: [a, b, 0], s: 100, speed: {speed}}}
actors:
  - {{kind: scripted, name: other, type: car, lane: [a, b, 0], s: {s}, speed: {other}}}
time_limit: 10
rates: {{physics: 20, control: 20, plan: 10}}
"""


def begun(folder: Path, **given: object) -> Start:
    file = folder / "road.yaml"
    file.write_text(ROAD.format(**given))
    (start,) = starts_of(file)
    return start


def followed(start: Start, plan_of: object = straight) -> tuple[Outcome, Observation]:
    world = build_world("engine")
    world.reset([start])
    scene = world.observe()
    seen, _ = sensing.sense(scene, [sensing.Mount.of(start)], sensing.fresh(1, 0))
    plan: Plan = plan_of(seen)  # pyright: ignore
    return executed(world, seen, plan, Pid(Actuation(0.05)), 1), seen


@pytest.mark.parametrize(
    ("gap", "contact"), [(8.0, True), (28.0, True), (32.0, False), (100.0, False)]
)
def test_a_standing_car_is_touched_when_it_is_reached(
    tmp_path: Path, gap: float, contact: bool
) -> None:
    """10 m/s for 3 s: 30 m; the ego and the other are 5 m long."""
    start = begun(tmp_path, speed=10, s=100 + 5 + gap, other=0)
    outcome, _ = followed(start)
    assert outcome.contact.tolist() == outcome.answered.tolist() == [contact]
    assert outcome.after[0] == pytest.approx(gap / 10.0 if contact else 0.0, abs=0.06)


def test_who_is_struck_from_behind_does_not_answer(tmp_path: Path) -> None:
    start = begun(tmp_path, speed=5, s=80, other=20)
    outcome, _ = followed(start)
    assert outcome.contact.tolist() == [True]
    assert outcome.answered.tolist() == [False]


def test_variations_keep_to_their_words() -> None:
    from tests.scenes import observation, two_lanes

    seen = observation([two_lanes()], [(50.0, 0.0, 0.0, 10.0)])
    plan = straight(seen)
    draw = np.random.default_rng(0)
    none = type("None_", (), {"valid": np.zeros((1, 1), np.bool_), "states": plan.states[:, None]})
    for kind in OF_ONE:
        for _ in range(20):
            states, controls = varied(plan, none, 0, kind, draw)  # pyright: ignore
            assert states.shape == (40, 4)
            assert np.isfinite(states).all()
            assert (states[:, 3] >= 0.0).all()
            aside = np.abs(states[:, 1]).max()
            if kind is Variation.SWERVE:
                assert 0.9 <= aside <= 4.6
            else:
                assert aside < 1e-9
            if kind is Variation.BRAKE:
                assert controls[2, 0] == 0.0
                assert states[-1, 3] < 10.0
