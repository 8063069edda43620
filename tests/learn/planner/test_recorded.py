"""Recorded drivers as demonstrators: what they did is what is learned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.tokens import Ego
from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.learn.planner import demonstrations
from drivestack.learn.planner.recalling import KEPT, REASONS
from drivestack.learn.planner.recorded import Recorded, make_recorded
from drivestack.learn.planner.sides import UNSEEN
from drivestack.learn.planner.teaching import FACTS
from drivestack.scenario.commonroad.contents import read_contents
from tests.scenario.writing import document, lane_change, recorded
from tests.test_readme import ROOT

States = Sequence[tuple[float, ...]]


def silent(step: str, done: int, total: int) -> None:
    assert 0 <= done <= total


def steady(speed: float, seconds: float = 8.0, y: float = 0.0, x: float = 5.0) -> States:
    return [(x + 0.1 * k * speed, y, 0.0, speed) for k in range(round(10 * seconds) + 1)]


def recording(folder: Path, name: str, tracks: dict[int, States]) -> Path:
    """A file of site USA_Test, or of another, with its benchmark id."""
    text = document("2020a", more="".join(recorded(n, s) for n, s in tracks.items()))
    path = folder / f"{name}.xml"
    path.write_text(text.replace("TST_Road-1_1_T-1", name))
    return path


def made(
    folder: Path, files: dict[str, dict[int, States]], **changes: object
) -> tuple[dict, demonstrations.Demonstrations]:  # pyright: ignore
    paths = tuple(recording(folder, name, tracks) for name, tracks in files.items())
    facts = make_recorded(Recorded(paths, folder / "out", **changes), silent)  # pyright: ignore
    return facts, demonstrations.read_all([folder / "out"])


def test_who_keeps_lane_and_speed_is_learned_as_one(tmp_path: Path) -> None:
    facts, found = made(tmp_path, {"USA_A-1_1_T-1": {31: steady(10.0)}})
    # every half second, neither at first nor in the last 4 s
    assert found.tick.tolist() == [10, 20, 30, 40, 50, 60, 70, 80]
    assert np.abs(found.knots).max() < 0.05
    np.testing.assert_allclose(found.tokens.ego[:, Ego.SPEED], 10.0, atol=0.05)
    assert found.names == ("USA_A",)
    assert facts["ade_m"]["mean"] < 0.05
    assert facts["shares"][KEPT] == pytest.approx(100.0 * 8 / facts["looked_at"], abs=0.01)


def test_a_change_of_lane_is_where_it_was_driven(tmp_path: Path) -> None:
    facts, found = made(tmp_path, {"USA_A-1_1_T-1": {31: lane_change()}})
    assert len(found) > 4
    assert facts["ade_m"]["mean"] < 0.2
    assert facts["fde_m"]["p95"] < 0.5
    first = found.knots[0]  # from 0.5 s on: faster, and at 3 s to the right
    assert first[:6, 0] == pytest.approx(1.0, abs=0.3)
    assert first[5, 1] < -0.3
    assert first[9, 1] > 0.3  # and straight again
    assert set(found.manoeuvre.tolist()) == {-1}


def test_the_end_of_a_recording_is_not_told(tmp_path: Path) -> None:
    _, found = made(tmp_path, {"USA_A-1_1_T-1": {31: steady(10.0)}})
    assert (found.tokens.ego[:, Ego.GOAL] == 0.0).all()
    assert (found.tokens.ego[:, Ego.ROUTED] == 1.0).all()
    assert found.tokens.route_there[:, :10].all()  # the route goes on beyond it


def test_intervals_are_on_one_side_and_drives_are_taken_once(tmp_path: Path) -> None:
    slow, fast = steady(8.0), steady(12.0, y=-4.0)
    twice = {31: slow, 32: fast}
    files = {"USA_A-1_1_T-1": twice, "USA_A-1_2_T-1": twice, "USA_A-2_1_T-1": {41: steady(9.0)}}
    paths = tuple(recording(tmp_path, name, tracks) for name, tracks in files.items())
    other = paths[2].read_text()
    paths[2].write_text(other.replace('id="11"', 'id="15"'))  # or it is in all windows
    facts = make_recorded(Recorded(paths, tmp_path / "out"), silent)
    found = demonstrations.read_all([tmp_path / "out"])
    assert facts["drives"] == 3
    assert facts["held_out"] == ["USA_A-2_1_T-1"]
    assert facts["learned"] == ["USA_A-1_1_T-1"]
    late = found.seed >= 8000
    assert set(found.seed[~late].tolist()) == {0, 1}
    assert set(found.seed[late].tolist()) == {8000}
    np.testing.assert_allclose(found.tokens.ego[late, Ego.SPEED], 9.0, atol=0.05)


def test_what_ends_in_a_contact_or_hardly_moves_is_left_out(tmp_path: Path) -> None:
    into_the_parked_car = steady(10.0, x=80.0)
    creeping = [*steady(0.1, 6.0, y=-4.0, x=60.0), *steady(10.0, 2.0, y=-4.0, x=60.6)]
    facts, found = made(tmp_path, {"USA_A-1_1_T-1": {31: into_the_parked_car, 32: creeping}})
    assert facts["shares"]["contact"] > 0.0
    assert facts["shares"]["hardly moves"] > 0.0
    assert sum(facts["shares"].values()) == pytest.approx(100.0, abs=0.1)
    assert set(facts["shares"]) == {KEPT, *REASONS}
    crash = found.tick[found.seed == 0]
    assert (crash + 80 < 20 * 6.7).all()  # they touch after 6.5 s


def test_who_goes_on_gets_the_same(tmp_path: Path) -> None:
    facts, _ = made(tmp_path, {"USA_A-1_1_T-1": {31: steady(10.0)}})
    again, _ = made(tmp_path, {"USA_A-1_1_T-1": {31: steady(10.0)}}, workers=2)
    assert again == facts == json.loads((tmp_path / "out" / FACTS).read_text())


def test_a_site_is_left_out(tmp_path: Path) -> None:
    files = {"USA_A-1_1_T-1": {31: steady(10.0)}, "USA_Lanker-1_1_T-1": {31: steady(9.0)}}
    facts, found = made(tmp_path, files)
    assert facts["unseen"] == list(UNSEEN)
    assert facts["learned"] == ["USA_A-1_1_T-1"]
    assert found.names == ("USA_A",)
    alone = Recorded((tmp_path / "USA_Lanker-1_1_T-1.xml",), tmp_path / "other")
    with pytest.raises(InputError, match="no family is left"):
        make_recorded(alone, silent)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--experts", "oracle,recorded"], "expert 'recorded' is asked alone"),
        (["--experts", "recorded", "--seeds", "4"], "--seeds: expert 'recorded' tells of"),
        (["--experts", "recorded"], "'rare-debris' is no recording, which expert 'recorded' needs"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(ROOT / "scenarios/rare/debris.yaml")
    assert main(["collect", file, "--out", str(tmp_path / "out"), *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1


def test_experts_are_not_asked_about_recordings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recording(tmp_path, "USA_A-1_1_T-1", {31: steady(10.0)})
    assert main(["collect", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "is a recording: only '--experts recorded' learns from it" in capsys.readouterr().err


def test_recordings_of_ngsim(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "commonroad_ngsim_2018a"
    names = ("USA_US101-1_1_T-1", "USA_US101-29_1_T-1", "USA_Lanker-1_1_T-1")
    paths = tuple(folder / f"{name}.xml.gz" for name in names)
    facts = make_recorded(Recorded(paths, tmp_path / "out"), silent)
    found = demonstrations.read_all([tmp_path / "out"])
    assert found.names == ("USA_US101",)
    assert facts["ade_m"]["mean"] < 0.15
    assert facts["learned"] == ["USA_US101-29_1_T-1"]
    assert facts["held_out"] == ["USA_US101-1_1_T-1"]
    sides = [
        {track.id for track in read_contents(path).tracks if track.moves} for path in paths[:2]
    ]
    assert not sides[0] & sides[1]
    assert (found.seed >= 8000).sum() > 0
