"""A fixed sample of the ALKS grid: imported, started, and played for three seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.rng import stream
from drivestack.core.start import Start
from drivestack.scenario.expand import case_at, combinations
from drivestack.scenario.loader import Document, documents
from drivestack.scenario.resolve import resolve
from drivestack.world import build_world
from tests.scenario.openscenario.test_shared_suites import alks

pytestmark = pytest.mark.shared

BATCH, TICKS = 50, 60


def sampled(shared: Path, count: int) -> list[Start]:
    """So many valid cases, drawn from all families by their size; always the same ones."""
    found: list[Document] = [document for path in alks(shared).values() for document in
                             documents(path)]  # fmt: skip
    sizes = np.array([combinations(document) for document in found])
    random = stream(0, "alks-sample", "draw", count)
    starts: list[Start] = []
    while len(starts) < count:
        document = found[int(random.choice(len(found), p=sizes / sizes.sum()))]
        number = int(random.integers(combinations(document)))
        case = case_at(document, number)
        given = {f"map.parameters.{k}": v for k, v in case.scenario.map.parameters.items()}  # pyright: ignore
        given |= {f"map.sets.{k}": v for k, v in case.scenario.map.sets.items()}  # pyright: ignore
        assert document.leaves_out is not None
        if not document.leaves_out(given):
            starts += resolve(case)
    return starts


@pytest.mark.parametrize("count", [150, pytest.param(3_000, marks=pytest.mark.nightly)])
def test_a_sample_is_imported_and_played(shared: Path, count: int) -> None:
    starts = sampled(shared, count)
    print(f"{count} cases, {sum(len(start.script.cues) > 0 for start in starts)} with events")
    for at in range(0, count, BATCH):
        batch = starts[at : at + BATCH]
        world = build_world("engine")
        world.reset(batch)
        for _ in range(TICKS):
            world.step(np.zeros((len(batch), 2)))
        scene = world.observe()
        for slot, start in enumerate(batch):
            ego = start.bodies[0]
            assert scene.ego.state[slot, 3] == pytest.approx(float(ego["speed"])), start.scenario
            moved = np.hypot(*(scene.ego.state[slot, :2] - [ego["x"], ego["y"]]))
            # with steering at 0 it goes straight on, also where the road bends
            assert moved == pytest.approx(float(ego["speed"]) * TICKS / 20), start.scenario
            assert np.isfinite(scene.agents.state[slot]).all()
