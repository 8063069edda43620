"""What every measure promises: finite numbers of any episode, under names of its own.

What never arose in an episode (no lead, no conflict) is absent from its values: `OPTIONAL`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.episode import AGENT_TICK, DECISION_TICK, EGO_TICK, Episode, Outcome
from drivestack.metrics import METRICS, OPTIONAL, measured
from drivestack.scenario.schema import Expect
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.stack import STACKS, Setup
from drivestack.world import WORLDS
from tests.scenes import logged, starts_of, write_road

EGO = (20.0, 0.0, 0.0, 15.0)
"""Where both begin to drive, and how fast the recorded driver of both went."""


def driven(folder: Path) -> Sequence[Episode]:
    """A quiet drive and one that ends in contact."""
    quiet = write_road(folder, limit=1.0, name="quiet.yaml")
    crash = write_road(folder, kind="plain", speed=30.0, gap=32.0, name="crash.yaml")
    starts = [replace(start, log=logged([EGO]).log[0]) for start in starts_of(quiet, crash)]
    found: list[Episode] = []
    recorder = Recorder(starts, lambda _, episode: found.append(episode))
    stack = STACKS["idm"](Setup(starts[0].rates))
    Lockstep(WORLDS["engine"](), stack, starts, [recorder]).run(2)
    return sorted(found, key=lambda episode: episode.outcome)


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Episode]:
    contact, quiet = driven(tmp_path_factory.mktemp("roads"))
    assert (contact.outcome, quiet.outcome) == (Outcome.CONTACT, Outcome.TIMEOUT)
    nothing = replace(
        quiet,
        outcome=Outcome.FAILED,
        failure="it raised before the first tick",
        ego=np.zeros(0, EGO_TICK),
        agents=np.zeros(0, AGENT_TICK),
        decisions=np.zeros(0, DECISION_TICK),
    )
    alone = replace(quiet, agents=np.zeros(0, AGENT_TICK))
    first = replace(quiet, ego=quiet.ego[:1], decisions=quiet.decisions[:0])
    return {"contact": contact, "quiet": quiet, "alone": alone, "first": first, "nothing": nothing}


@pytest.mark.parametrize("name", METRICS)
def test_measures_are_finite_and_repeatable(episodes: dict[str, Episode], name: str) -> None:
    names = METRICS[name].measure(episodes["contact"]).keys()
    assert names, "where there was a lead and a contact, everything arose"
    for what, episode in episodes.items():
        before = {f.name: getattr(episode, f.name) for f in fields(episode)}
        values = METRICS[name].measure(episode)
        assert values.keys() <= names, what
        assert names - values.keys() <= set(OPTIONAL), what
        assert all(isinstance(value, float) and math.isfinite(value) for value in values.values())
        assert METRICS[name].measure(replace(episode)) == values
        assert all(getattr(episode, field) is value for field, value in before.items())


def test_names_are_taken_once_and_cover_what_can_be_expected(
    episodes: dict[str, Episode],
) -> None:
    names = [key for metric in METRICS.values() for key in metric.measure(episodes["contact"])]
    assert len(set(names)) == len(names)
    assert set(Expect.model_fields) <= set(names) - set(OPTIONAL)
    assert set(OPTIONAL) == set(names) - set(measured(episodes["nothing"]))
    assert set(measured(episodes["contact"])) == set(names)
