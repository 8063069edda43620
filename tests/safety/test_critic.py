"""The learned check: what it looks at, that it only tightens, and which files it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.core.rows import take_rows
from drivestack.core.types import Filtering, Floats, Observation, Plan, PlanSource
from drivestack.safety import BARE, WHOLE, Layer, filter_of
from drivestack.safety.bounds import FREE
from drivestack.safety.critic import Critic
from drivestack.safety.critic_features import MOST, TIMES, features_of
from drivestack.safety.critic_network import log_odds
from tests.safety.alone import alone
from tests.safety.networks import CALIBRATION, checkpoint, random_network, saying
from tests.scenes import bend, observation, two_lanes, write_road

PERIOD = 0.05


def straight(seen: Observation, steps: int = 40) -> Plan:
    """On at the present speed."""
    t = 0.1 * np.arange(1, steps + 1)
    x, y, yaw, v = (seen.ego.state[:, i, None] for i in range(4))
    gone = v * t
    states = np.stack([x + gone * np.cos(yaw), y + gone * np.sin(yaw), yaw + 0 * t, v + 0 * t], -1)
    batch = len(seen.tick)
    return Plan(
        states=states,
        controls=np.zeros((batch, steps, 2)),
        chosen=np.zeros(batch, np.int32),
        source=np.zeros(batch, np.int32),
        tick=seen.tick.copy(),
        dt=np.full(batch, 0.1),
    )


def behind(gap: float, speed: float = 10.0, other: float = 0.0) -> Observation:
    """A car of 5 m stands, or drives, so far ahead of the ego's front."""
    track = np.array([[50.0 + 5.0 + gap, 0.0, 0.0, other]])
    return observation([two_lanes()], [(50.0, 0.0, 0.0, speed)], [track])


def many(batch: int) -> Observation:
    draw = np.random.default_rng(3)
    egos = [(60.0 + 5 * b, draw.uniform(-1, 1), 0.1 * b, 3.0 * b) for b in range(batch)]
    tracks = [
        draw.normal([80.0, 2.0, 0.0, 8.0], [30.0, 4.0, 0.3, 4.0], (b, 4)) for b in range(batch)
    ]
    return observation([bend()], egos, tracks)


def test_the_smallest_gap_and_its_time_are_those_of_the_geometry() -> None:
    """10 m/s towards a standing car 20 m ahead: touched after 2 s, after 3 s 10 m inside it."""
    seen = behind(20.0)
    others = features_of(seen, straight(seen)).others[0, 0]
    assert others[1] == np.float32(2.2)  # they overlap along as much as across, 2 m; no more
    assert others[0] == pytest.approx(-2.0 / (1.0 + 2.0 / 30.0), abs=1e-5)
    gaps = others[14 + 2 :: 3]
    assert gaps[TIMES.index(1.0)] == pytest.approx(10.0 / (1.0 + 10.0 / 30.0), abs=1e-4)


def test_a_late_plan_is_looked_at_where_it_is_by_now() -> None:
    plan = straight(behind(20.0))
    later = observation([two_lanes()], [(60.0, 0.0, 0.0, 10.0)], [np.array([[75.0, 0, 0, 0.0]])])
    later = replace(later, tick=np.array([20], np.int32))
    late, fresh = features_of(later, plan), features_of(later, straight(later))
    assert np.allclose(late.own, fresh.own, atol=1e-5)
    assert np.allclose(late.others, fresh.others, atol=1e-5)


def test_tracks_of_an_old_frame_are_moved_on() -> None:
    seen = behind(20.0, other=8.0)
    aged = replace(seen, age=np.array([10], np.int32))
    moved = observation([two_lanes()], [(50.0, 0.0, 0.0, 10.0)], [np.array([[79.0, 0, 0, 8.0]])])
    left, right = features_of(aged, straight(seen)), features_of(moved, straight(seen))
    assert np.allclose(left.others, right.others, atol=1e-5)


def test_only_those_that_come_nearest_are_looked_at() -> None:
    track = np.array([[50.0 + 10.0 * n, 20.0 * (n % 2), 0.0, 0.0] for n in range(1, 15)])
    seen = observation([two_lanes()], [(50.0, 0.0, 0.0, 20.0)], [track])
    found = features_of(seen, straight(seen))
    assert found.there.sum() == MOST
    assert (np.diff(found.others[0, :, 0]) >= 0.0).all()
    alone = observation([two_lanes()], [(50.0, 0.0, 0.0, 20.0)])
    assert not features_of(alone, straight(alone)).there.any()


def test_a_row_does_not_depend_on_its_batch() -> None:
    seen, network = many(7), random_network()
    whole = log_odds(network, features_of(seen, straight(seen)))
    for row in range(7):
        one = take_rows(seen, np.array([row]))
        assert log_odds(network, features_of(one, straight(one))).tobytes() == whole[row].tobytes()


def test_the_network_is_the_one_that_is_trained() -> None:
    torch = pytest.importorskip("torch")
    from drivestack.learn.critic.network import Trained

    torch.manual_seed(0)
    seen = many(9)
    features = features_of(seen, straight(seen))
    model = Trained(features)
    given = (torch.tensor(array) for array in (features.own, features.others, features.there))
    expected = model(*given).detach().numpy()
    assert np.allclose(log_odds(model.exported(), features), expected, atol=1e-4)


def checked(
    critic: Critic, seen: Observation, plan: Plan | None = None
) -> tuple[Floats, list[bool]]:
    control = np.ones((len(seen.tick), 2))
    verdict, _ = alone(critic, seen, plan or straight(seen), control)
    assert verdict.names == ("critic", "critic_silent")
    assert (verdict.low == -FREE).all()
    assert (verdict.high[:, :, 1] == FREE).all()
    return verdict.high[:, 0, 0], verdict.failed[0].tolist()


@pytest.mark.parametrize(("speed", "bound"), [(20.0, -4.0), (2.0, -2.0), (0.0, 0.0)])
def test_an_alarm_leaves_braking_only(speed: float, bound: float) -> None:
    high, failed = checked(Critic(saying(3.0), CALIBRATION), behind(50.0, speed))
    assert high.tolist() == [bound]
    assert failed == [True, False]


def test_below_the_threshold_nothing_is_bound() -> None:
    high, failed = checked(Critic(saying(-0.1), CALIBRATION), behind(50.0))
    assert high.tolist() == [FREE]
    assert failed == [False, False]


@pytest.mark.parametrize(
    "critic",
    [
        Critic(saying(3.0), replace(CALIBRATION, false_alarms=0.021)),
        Critic(saying(3.0), CALIBRATION, asked=False),
    ],
)
def test_who_only_advises_alarms_and_binds_nothing(critic: Critic) -> None:
    high, failed = checked(critic, behind(50.0))
    assert high.tolist() == [FREE]
    assert failed == [True, False]


def test_who_has_nothing_to_say_says_that() -> None:
    critic, seen = Critic(saying(3.0), CALIBRATION), behind(50.0)
    plan = straight(seen)
    stopped = replace(plan, source=np.full(1, PlanSource.FALLBACK, np.int32))
    old = replace(seen, age=np.array([11], np.int32))
    for given in ((seen, stopped), (old, plan)):
        high, failed = checked(critic, *given)
        assert (high.tolist(), failed) == ([FREE], [False, True])
    high, failed = checked(Critic(saying(float("nan")), CALIBRATION), seen)
    assert (high.tolist(), failed) == ([FREE], [False, True])


def test_the_layer_with_it_only_tightens(tmp_path: Path) -> None:
    file = checkpoint(tmp_path, saying(3.0))
    seen, plan, control = behind(80.0), straight(behind(80.0)), np.array([[1.0, 0.0]])
    filtered = {}
    for name, layer in {
        "without": BARE,
        "advises": replace(BARE, critic=str(file)),
        "acts": Layer(("critic",), critic=str(file)),
    }.items():
        filter = filter_of(layer, PERIOD)
        _, done, _ = filter.apply(seen, plan, control, filter.start(1))
        again, twice, _ = filter.apply(seen, plan, done.filtered, filter.start(1))
        assert np.array_equal(twice.filtered, done.filtered)
        assert ("critic" in again.names) == (name != "without")
        filtered[name] = done
    assert filtered["without"].filtered[0, 0] == filtered["advises"].filtered[0, 0] == 1.0
    assert filtered["acts"].filtered[0, 0] == -4.0
    assert filtered["acts"].kind.tolist() == [Filtering.CLAMPED]


def test_it_cannot_be_asked_for_without_a_file() -> None:
    with pytest.raises(InputError, match="check 'critic' needs --critic FILE"):
        filter_of(Layer(("critic",)), PERIOD)


def test_other_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    network = random_network()
    with pytest.raises(InputError, match="its header says 'flow', not 'drivestack critic 1'"):
        Critic.read(checkpoint(tmp_path, network, kind="flow"))
    bad = network._replace(last=np.zeros(3, np.float32))
    with pytest.raises(InputError, match=r"it has no tensor 'last' of shape \(64,\)"):
        Critic.read(checkpoint(tmp_path, bad))
    for words in ("{}", "[]", "no", json.dumps({"slope": 1.0})):
        with pytest.raises(InputError, match="expected a critic's checkpoint"):
            Critic.read(checkpoint(tmp_path, network, calibration=words))
    for name, value in (("slope", 0.0), ("threshold", 1.5), ("offset", float("inf"))):
        numbers = {
            "slope": 1.0,
            "offset": 0.0,
            "threshold": 0.5,
            "false_alarms": 0.0,
            "missed": 0.1,
        }
        words = json.dumps(numbers | {name: value})
        with pytest.raises(InputError, match="expected a critic's checkpoint"):
            Critic.read(checkpoint(tmp_path, network, calibration=words))


def test_a_run_with_a_critic_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    road, file = write_road(tmp_path, limit=1.0), checkpoint(tmp_path, saying(3.0))
    words = ["run", str(road), "--no-report", "--json", "--explain", "checks_failed"]
    checks = ["--checks", ",".join((*WHOLE.checks, "critic")), "--critic", str(file)]
    assert main([*words, *checks, "--out", str(tmp_path / "run")]) in (0, 1)
    (reason,) = json.loads(capsys.readouterr().out)["reasons"]
    assert "critic at 20 decisions, first at 0.0 s" in reason["sentence"]
    file.write_bytes(file.read_bytes()[:-5])
    assert main([*words, *checks, "--out", str(tmp_path / "again")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert "expected a whole safetensors file" in said
