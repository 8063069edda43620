"""Mistakes of the user: one sentence with the place, status 2, no traceback, nothing written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from drivestack.cli.main import main
from tests.scenario.test_hostile import alias_bomb, blank_bomb, cut, entity_bomb
from tests.scenario.writing import SCENARIO, document, edited, write
from tests.scenes import write_road

Make = Callable[[Path], Path]


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def refused(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence with which a command is refused."""
    before = files_in(folder)
    status = main(words)
    shown, complaints = capsys.readouterr()
    assert (status, shown) == (2, "")
    assert complaints.startswith("drivestack: ")
    assert complaints.count("\n") == 1
    assert "Traceback" not in complaints
    assert files_in(folder) == before, "nothing is written"
    return complaints


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("run missing.yaml", "no such file"),
        ("run .", "not a scenario file"),
        ("run road.txt", "not a scenario file"),
        ("run road.yaml --stack idn", "did you mean 'idm'?"),
        ("run road.yaml --backend engin", "did you mean 'engine'?"),
        ("run road.yaml --ego stak", "did you mean 'stack'?"),
        ("run road.yaml --controller mcp", "did you mean 'mpc'?"),
        ("run road.yaml --plant laged", "did you mean 'lagged'?"),
        ("run road.yaml --plan-latency -1", "0 to 1000 ticks"),
        ("run road.yaml --control-latency many", "--control-latency"),
        ("run road.yaml --ego idm --plant lagged", "ego.plant"),
        ("run road.yaml --vehicle 3", "ego.vehicle: only for maps of kind commonroad"),
        ("run road.yaml --vehicle most", "a recorded vehicle, or all, got 'most'"),
        ("run road.yaml --physics clampd", "did you mean 'clamped'?"),
        ("run road.yaml --batch 0", "from 1 to 65536"),
        ("run road.yaml --workers 0", "from 1 to 4096"),
        ("run road.yaml --workers 100000", "from 1 to 4096"),
        ("run road.yaml road.yaml", "road.yaml: road@1#0: given twice, first here"),
        ("run road.yaml --vehicle " + "7" * 5000, "expected the id of a recorded vehicle, or all"),
        ("run road.yaml --backend highway_env", "run it with --backend engine"),
        (f"run {'x' * 300}.yaml", "not a path"),
        (f"run {'x' * 300}.xml", "not a path"),
        (f"run {'x' * 300}.xosc", "not a path"),
        ("run loop.xml", "loop.xml: not a path of a file"),
        ("run loop.xosc", "loop.xosc: not a path of a file"),
        ("run loop.yaml", "loop.yaml: a symbolic link that leads to no file"),
        (f"run road.yaml --out {'x' * 300}", "too long"),
        ("run road.yaml --out there", "exists"),
        ("run road.yaml --out road.txt", "exists"),
        ("run road.yaml --out road.txt/x", "is a file"),
        ("run road.yaml --only raod@1#0", "no scenario 'raod@1#0'; did you mean 'road@1#0'?"),
        ("run road.yaml --only", "--only"),
        ("run road.yaml --seed -1", "whole number"),
        ("run broken.yaml", "broken.yaml"),
        ("run", "missing argument"),
        ("run road.yaml --batch many", "--batch"),
        ("run road.yaml --stak idm", "--stack"),
        ("run road.yaml --out", "--out"),
        ("run raod.yaml", "no such file; did you mean 'road.yaml'?"),
        ("import merg-v1", "highway-env scene 'merg-v1' is not covered; did you mean 'merge-v1'?"),
        ("import merge-v1 nonsense", "highway-env scene 'nonsense' is not covered; valid: "),
        ("import raod.yaml", "no such file; did you mean 'road.yaml'?"),
        ("import there/road", "there/road: no such file"),
        ("import ''", "not a scenario file"),
        ("import road.yaml --out road.txt", "a file is in the way"),
        ("import road.yaml --out road.txt/x", "a file is in the way"),
        (f"import road.yaml --out new/{'x' * 300}", "too long"),
        ("list everything", "unexpected extra argument"),
        ("rnu road.yaml", "no such command 'rnu'"),
        ("--verbose", "no such option"),
    ],
)
def test_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_road(tmp_path)
    (tmp_path / "road.txt").write_text("x")
    (tmp_path / "broken.yaml").write_text("id: [")
    (tmp_path / "there").mkdir()
    for name in ("loop.xml", "loop.xosc", "loop.yaml"):
        (tmp_path / name).symlink_to(name)
    assert sentence in refused(shlex.split(words), tmp_path, capsys)


def scenario(old: str, new: str) -> Make:
    """A scenario file with one piece replaced."""
    return lambda folder: write(folder, "s.yaml", edited(old, new))


def upwards(folder: Path) -> Path:
    write(folder, "secret.yaml", SCENARIO)
    text = "suite: s\nscenarios:\n  - file: ../secret.yaml\n"
    return write(folder, "suite/s.yaml", text)


def upwards_recording(folder: Path) -> Path:
    write(folder, "secret.xml", document("2020a"))
    text = "id: r\nmap:\n  kind: commonroad\n  file: ../secret.xml\n"
    return write(folder, "inside/s.yaml", text)


def linked_out(folder: Path) -> Path:
    write(folder, "secret.yaml", SCENARIO)
    (folder / "inside").mkdir()
    os.symlink(folder / "secret.yaml", folder / "inside" / "link.yaml")
    return write(folder, "inside/s.yaml", "suite: s\nscenarios:\n  - file: link.yaml\n")


def cyclic_lanelet(folder: Path) -> Path:
    text = edited('<successor ref="3"/>', '<successor ref="1"/>', document("2020a"))
    return write(folder, "r.xml", text)


def missing_lanelet(folder: Path) -> Path:
    text = edited('<successor ref="3"/>', '<successor ref="77"/>', document("2020a"))
    return write(folder, "r.xml", text)


def broken_xml(folder: Path) -> Path:
    return write(folder, "r.xml", document("2020a").replace("</lanelet>", "</lanlet>", 1))


def truncated_xml(folder: Path) -> Path:
    return write(folder, "r.xml", document("2020a")[:900])


def second_of_two(folder: Path) -> Path:
    """Bad input behind a good scenario: the whole suite is checked before anything runs."""
    good, bad = SCENARIO, edited("id: two-lanes", "id: other").replace("width: 4", "width: -4")
    write(folder, "good.yaml", good)
    write(folder, "bad.yaml", bad)
    return write(folder, "s.yaml", "suite: s\nscenarios: [{file: good.yaml}, {file: bad.yaml}]\n")


BAD_FILES: dict[str, tuple[Make, str]] = {
    "unknown key": (scenario("time_limit", "tme_limit"), "s.yaml:10: tme_limit"),
    "nan": (scenario("speed: 10", "speed: .nan"), "s.yaml:7: ego.speed"),
    "infinite": (scenario("speed: 10", "speed: 1e999"), "s.yaml:7: ego.speed"),
    "negative width": (scenario("width: 4", "width: -4"), "s.yaml:6: map.lanes.1.width"),
    "cyclic lane": (scenario("from: a, to: b, start: [0, -4]", "from: a, to: a, start: [0, -4]"),
                    "s.yaml:6: map.lanes.1.to"),
    "missing lane": (scenario("lane: [a, b, 0]", "lane: [a, c, 0]"), "s.yaml:7: ego.lane"),
    "cyclic lanelet": (cyclic_lanelet, "r.xml:"),
    "missing lanelet": (missing_lanelet, "r.xml:"),
    "broken xml": (broken_xml, "r.xml:"),
    "truncated xml": (truncated_xml, "r.xml:"),
    "truncated gzip": (cut, "bomb.xml.gz: the gzip stream ends"),
    "upwards": (upwards, "s.yaml:3: file"),
    "upwards recording": (upwards_recording, "s.yaml:4: map.file"),
    "linked out": (linked_out, "leads out of the folder"),
    "alias bomb": (alias_bomb, "bomb.yaml:"),
    "entity bomb": (entity_bomb, "bomb.xml"),
    "gzip bomb": (blank_bomb, "bomb.xml.gz: larger than"),
    "second of two": (second_of_two, "bad.yaml:6: map.lanes.1.width"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    make, place = BAD_FILES[name]
    path = make(tmp_path)
    words = ["run", str(path), "--out", str(tmp_path / "out")]
    assert place in refused(words, tmp_path, capsys)
