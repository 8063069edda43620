"""What every measure promises: finite numbers of any episode, under names of its own, with reasons.

What never arose in an episode (no lead, no conflict) has no value and says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.episode import (
    AGENT_TICK,
    DECISION_TICK,
    EGO_TICK,
    PLAN_CHANGE,
    Episode,
    Outcome,
    ReferenceRun,
)
from drivestack.metrics import METRICS
from drivestack.metrics.evidence import gathered
from drivestack.metrics.judge import COMPOSED, FLAGS, MEASURES, SUB_METRICS, judged, measured
from drivestack.scenario.schema import Expect
from drivestack.sim.driver import Driver
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.world import WORLDS
from tests.scenes import logged, starts_of, write_road

EGO = (20.0, 0.0, 0.0, 15.0)
"""Where both begin to drive, and how fast the recorded driver of both went."""

REFERENCE = ReferenceRun("somebody", 40.0)


def driven(folder: Path) -> Sequence[Episode]:
    """A quiet drive and one that ends in contact."""
    quiet = write_road(folder, limit=1.0, name="quiet.yaml")
    crash = write_road(folder, kind="plain", speed=30.0, gap=32.0, name="crash.yaml")
    starts = [replace(start, log=logged([EGO]).log[0]) for start in starts_of(quiet, crash)]
    found: list[Episode] = []
    recorder = Recorder(starts, lambda _, episode: found.append(episode))
    stack = Driver("idm", "pid").stack_for(starts[0])
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
        plan_changes=np.zeros(0, PLAN_CHANGE),
    )
    alone = replace(quiet, agents=np.zeros(0, AGENT_TICK))
    first = replace(quiet, ego=quiet.ego[:1], decisions=quiet.decisions[:0])
    return {"contact": contact, "quiet": quiet, "alone": alone, "first": first, "nothing": nothing}


@pytest.mark.parametrize("name", METRICS)
def test_measures_are_finite_and_repeatable(episodes: dict[str, Episode], name: str) -> None:
    metric = METRICS[name]
    for episode in episodes.values():
        before = {f.name: getattr(episode, f.name) for f in fields(episode)}
        reasons = metric.measure(gathered(episode, REFERENCE))
        assert tuple(reason.measure for reason in reasons) == metric.names
        for reason in reasons:
            assert reason.value is None or math.isfinite(reason.value), reason
            assert reason.value is None or type(reason.value) is float, reason
        assert metric.measure(gathered(replace(episode), REFERENCE)) == reasons
        assert all(getattr(episode, field) is value for field, value in before.items())


@pytest.mark.parametrize("name", METRICS)
def test_reasons_point_at_what_is_there(episodes: dict[str, Episode], name: str) -> None:
    for what, episode in episodes.items():
        for reason in METRICS[name].measure(gathered(episode, REFERENCE)):
            assert reason.sentence.strip() == reason.sentence != "", what
            assert "\n" not in reason.sentence
            assert reason.tick is None or reason.tick in episode.ego["tick"], what
            assert reason.object is None or reason.object in episode.agents["id"], what
            if reason.measure in SUB_METRICS and reason.value == 0.0 and what == "contact":
                assert reason.tick is not None or reason.measured is not None, reason


def test_where_there_was_a_lead_and_a_contact_everything_arose(
    episodes: dict[str, Episode],
) -> None:
    values = measured(episodes["contact"], REFERENCE)
    assert {name for name, value in values.items() if value is None} <= {"traffic_lights"}


def test_names_are_taken_once_and_cover_what_can_be_expected() -> None:
    assert len({*MEASURES, *COMPOSED}) == len(MEASURES) + len(COMPOSED)
    assert {*FLAGS, *SUB_METRICS} <= set(MEASURES)
    assert set(Expect.model_fields) <= set(MEASURES)


def test_what_is_measured_has_every_name(episodes: dict[str, Episode]) -> None:
    for episode in episodes.values():
        assert tuple(reason.measure for reason in judged(episode)) == (*MEASURES, *COMPOSED)


def test_scores_lie_between_nothing_and_one(episodes: dict[str, Episode]) -> None:
    for episode in episodes.values():
        values = measured(episode, REFERENCE)
        for name in (*SUB_METRICS, *COMPOSED, *FLAGS):
            value = values[name]
            assert value is None or 0.0 <= value <= 1.0, name


def test_without_a_tick_no_score_is_left(episodes: dict[str, Episode]) -> None:
    values = measured(episodes["nothing"], REFERENCE)
    assert {values[name] for name in SUB_METRICS} <= {0.0, None}
    assert [values[name] for name in COMPOSED] == [0.0] * 3
