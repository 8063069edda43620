"""Log replay end to end: a recorded vehicle as ego stays on what was recorded of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from drivestack.cli.main import main
from drivestack.core.episode import Episode, Outcome
from drivestack.core.start import Start, iso_log
from drivestack.core.types import Floats, Goal
from drivestack.motion import CONTROLLERS
from drivestack.scenario import load
from drivestack.sim import driver
from drivestack.sim.driver import Driver
from drivestack.sim.recorder import Recorder
from drivestack.sim.runner import Lockstep
from drivestack.sim.suite import run
from drivestack.stack import STACKS, Setup
from drivestack.stack.stack import StagedStack
from drivestack.world import WORLDS
from tests.scenario.writing import document, lane_change, recorded, write

SUITE = "suite: s\nscenarios: [{{recording: {name}, ego: {{vehicle: {ego}}}}}]\n"


def synthetic(folder: Path, ego: str = "all") -> Path:
    other = [(30.0 + 1.2 * k, 0.0, 0.0, 12.0) for k in range(41)]
    more = recorded(31, lane_change()) + recorded(32, other, first=10)
    write(folder, "r.xml", document("2020a", more=more))
    return write(folder, "s.yaml", SUITE.format(name="r.xml", ego=ego))


def replayed(starts: Sequence[Start], controller: str) -> list[Episode]:
    """Driven on the kinematic plant."""
    stack = Driver("replay", controller).stack_for(starts[0])
    found: list[Episode] = []
    recorder = Recorder(starts, lambda _, episode: found.append(episode))
    Lockstep(WORLDS["engine"](), stack, starts, [recorder]).run(32)
    return found


def apart(episode: Episode) -> Floats:
    """Distances [m] of the ego to its log at every tick."""
    log = iso_log(episode.start)[: len(episode.ego)]
    ego = episode.ego[: len(log)]
    return np.hypot(ego["x"] - log[:, 0], ego["y"] - log[:, 1])


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_drive_that_a_car_can_drive_is_replayed_closely(tmp_path: Path, controller: str) -> None:
    starts = [start for ego in ("31", "32") for start in load(synthetic(tmp_path / ego, ego))]
    assert len(starts) == 2
    for episode in replayed(starts, controller):
        assert episode.outcome is Outcome.GOAL
        assert not episode.decisions["plan_source"].any()
        assert apart(episode).max() < 0.15


@pytest.mark.shared
@pytest.mark.parametrize("controller", CONTROLLERS)
def test_real_drives_are_replayed_closely(shared: Path, tmp_path: Path, controller: str) -> None:
    """Recorded positions jitter and leap (data.md, section 5), so not all is within reach."""
    errors = []
    for name in ("USA_Peach-4_8_T-1", "USA_US101-4_1_T-1", "USA_Lanker-1_3_T-1"):
        file = shared / "data" / "commonroad_ngsim_head" / f"{name}.xml.gz"
        (tmp_path / file.name).write_bytes(file.read_bytes())
        suite = write(tmp_path, "s.yaml", SUITE.format(name=file.name, ego="all"))
        errors += [apart(episode) for episode in replayed(list(load(suite)), controller)]
    assert len(errors) >= 40
    largest = np.array([error.max() for error in errors])
    assert np.median([error.mean() for error in errors]) < 0.1
    assert np.median(largest) < 0.2
    assert np.quantile(largest, 0.9) < 0.6
    assert largest.max() < 2.0


@pytest.mark.parametrize("name", STACKS)
def test_only_the_stack_that_replays_is_told_the_log(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Goal] = []

    def spied(setup: Setup) -> object:
        stack = STACKS[name](setup)
        assert isinstance(stack, StagedStack)

        class Spy(StagedStack):
            def start(self, batch: int, goal: Goal) -> object:  # pyright: ignore
                told.append(goal)
                return super().start(batch, goal)

        return Spy(**{key: getattr(stack, key) for key in stack.__dataclass_fields__})

    monkeypatch.setattr(driver, "STACKS", {name: spied})
    result = run(synthetic(tmp_path, "31"), stack=name)
    assert [row["failure"] for row in result.episodes] == [""]
    assert [goal.log_valid.any() for goal in told] == [name == "replay"]


def test_a_scenario_without_a_recorded_ego_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, "r.xml", document("2020a"))
    words = ["run", str(file), "--stack", "replay", "--out", str(tmp_path / "run")]
    assert main(words) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "'r@1#0': nobody recorded its ego" in said
    assert "ego.vehicle" in said
    assert not (tmp_path / "run").exists()


@pytest.mark.shared
@pytest.mark.parametrize("stack", ["idm", "constant", "replay"])
def test_recordings_run_or_say_why_not(
    shared: Path, tmp_path: Path, stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, name in (("head", "USA_US101-3_3_T-1"), ("2018a", "C-USA_Lanker-1_2_T-1")):
        file = shared / "data" / f"commonroad_ngsim_{folder}" / f"{name}.xml.gz"
        out = tmp_path / name
        status = main(["run", str(file), "--stack", stack, "--out", str(out)])
        said = capsys.readouterr().err.splitlines()
        if stack == "replay":
            assert (status, len(said)) == (2, 1)
            assert "nobody recorded its ego" in said[0]
        else:
            assert (status, said) == (0, [])
