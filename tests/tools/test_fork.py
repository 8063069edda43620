"""The fork of the lab in small: planted planners end as is known; what is made is made once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.behavior.knots import DT, KNOTS, unrolled
from drivestack.behavior.origin import Origin
from drivestack.core.types import Candidates, Goal, Observation, Route
from tools.lab import fork, fork_lessons
from tools.lab.command import main
from tools.lab.fork_drives import ENDS, Drive, driven, first_of


@dataclass(frozen=True, slots=True)
class Towards:
    """One candidate, which goes to a place beside the middle of the road [m]."""

    aside: float
    accel: float

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """Critically damped, at most 4 m/s2 sideways."""
        _, y, heading, speed = observation.ego.state.T
        lateral = np.clip(self.aside - y - 2.0 * speed * np.sin(heading), -4.0, 4.0)
        knots = np.empty((len(y), 1, KNOTS, 2))
        knots[..., 0], knots[..., 1] = self.accel, lateral[:, None, None]
        states, controls = unrolled(observation.ego, route, knots)
        return Candidates(
            states=states,
            controls=controls,
            source=np.full((len(y), 1), Origin.LEARNED, np.int32),
            valid=np.ones((len(y), 1), np.bool_),
            dt=np.full(len(y), DT),
        )


@pytest.mark.parametrize(
    ("aside", "accel", "end"),
    [
        (3.0, 0.0, "left"),
        (-3.0, 0.0, "right"),
        (0.0, 0.0, "hit"),
        (0.0, -6.0, "stopped"),
        (9.0, 0.0, "off the road"),
    ],
)
def test_the_ends_of_planted_planners_are_known(aside: float, accel: float, end: str) -> None:
    drives = driven(first_of(Towards(aside, accel)), fork.scenes(4))
    assert [drive.end for drive in drives] == [end] * 4


def test_ends_are_counted() -> None:
    drives = [Drive(end, np.zeros((1, 2))) for end in ("left", "hit", "right", "left", "stopped")]
    arm = fork.counted("flow", "rules", drives)
    assert arm["ends"] == dict(zip(ENDS, (2, 1, 1, 1, 0), strict=True))
    assert (arm["hit"]["hits"], arm["cleared"]["hits"], arm["hit"]["trials"]) == (1, 3, 5)
    row = fork.tables({"arms": [arm]}).splitlines()[-1]
    assert row.startswith("| flow | rules | 2 | 1 | 1 | 1 | 0 | 20.0 (")


def test_it_is_made_once_and_driven_by_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_lessons, "KEPT", tmp_path / "kept")

    def said() -> Any:
        assert main(fork.EXPERIMENT, ["--quick", "--json", "--out", str(tmp_path)]) == 0
        return json.loads(capsys.readouterr().out)

    first = said()
    arms = {(arm["head"], arm["choice"]) for arm in first["arms"]}
    assert arms == {(h, c) for h in ("mse", "flow") for c in ("first", "rules", "scorer")}
    for arm in first["arms"]:
        assert sum(arm["ends"].values()) == first["scenes"] == 2
    for name in ("make_policy", "make_scorer"):
        monkeypatch.setattr(fork_lessons, name, None)  # nothing is trained again
    assert said() == first


@pytest.mark.nightly
def test_the_mean_of_drivers_hits_it_and_the_flow_passes_on_both_sides() -> None:
    """200 scenes; half an hour, kept in `build/lab`."""
    arms = fork.measure(quick=False)["arms"]
    ends = {(arm["head"], arm["choice"]): arm["ends"] for arm in arms}
    for choice in ("first", "rules", "scorer"):
        assert ends["mse", choice]["hit"] > 100
    passed = ends["flow", "scorer"]
    assert passed["left"] + passed["right"] >= 196
    assert min(passed["left"], passed["right"]) >= 10
