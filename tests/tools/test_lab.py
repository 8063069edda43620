"""Experiments of the lab in their smallest form: what they print, and that their controls fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from drivestack.behavior.heads import HEADS
from tests.test_readme import ROOT
from tools.lab import averaging_trap, head_latency, mode_coverage, page, samplers, swerve
from tools.lab.command import Experiment, main
from tools.lab.figure import Line, Panel, drawn


def found(experiment: Experiment, folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(experiment, ["--quick", "--json", "--out", str(folder)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((folder / f"{experiment.name}.json").read_text())
    picture = ElementTree.parse(folder / f"{experiment.name}.svg").getroot()  # noqa: S314 our own
    assert picture.tag.endswith("svg")
    assert len(picture.findall(".//{*}polyline")) >= 4
    return printed


def test_the_averaging_trap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """120 steps: what is known of heads in closed form, and that one call of Euler fails."""
    said = found(averaging_trap.EXPERIMENT, tmp_path, capsys)
    keys = {"mean_deg", "valley_share", "mass_left", "mass_right"}
    assert set(said["heads"]) == set(HEADS)
    for name in (*HEADS, "euler1"):
        assert keys <= set(said[name])
        assert len(said[name]["by_seed"]) == len(said["seeds"]) == 1
    assert all(said["heads"][name] == said[name] for name in HEADS)
    assert said["mse"]["mean_deg"] == pytest.approx(-4.0, abs=0.2)
    assert said["mse"]["valley_share"] == 1.0
    assert said["gaussian"]["sd_deg"] == pytest.approx(19.6, abs=0.3)
    assert said["mixture"]["mass_left"] == pytest.approx(0.6, abs=0.02)
    assert said["euler1"]["valley_share"] > 10.0 * said["flow"]["valley_share"]
    assert said["drivers"]["mass_left"] == 0.6


def test_samplers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = found(samplers.EXPERIMENT, tmp_path, capsys)

    def cell(problem: str, *key: Any) -> dict[str, float]:
        (one,) = (c for c in said[problem] if (c["solver"], c["power"], c["calls"]) == key)
        return one

    default = cell("chunk", "ab2e", 1.5, 4)
    assert default["left"] == pytest.approx(0.604, abs=0.005)
    assert default["rms"] == pytest.approx(0.097, abs=0.01)
    assert cell("chunk", "euler", 1.0, 1)["valley"] == 1.0
    assert cell("chunk", "midpoint", 1.5, 4)["rms"] > 10.0 * said["spread"]
    assert cell("one", "ab2e", 1.0, 4)["valley"] == pytest.approx(0.028, abs=1e-3)


def test_mode_coverage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = found(mode_coverage.EXPERIMENT, tmp_path, capsys)
    for row in said["rows"]:
        assert row["drawn"] == pytest.approx(row["independent"], abs=0.08)
        assert row["bank"] > row["independent"] - 0.08
        assert row["alike"] == pytest.approx(row["chance"], abs=0.06)  # the control


def test_latency(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No time is asserted, but that 50 calls cost several times as much as 4: the control."""
    said = found(head_latency.EXPERIMENT, tmp_path, capsys)
    cost = {(row["head"], row["batch"]): row["cpu_p50_ms"] for row in said["rows"]}
    assert set(cost) == {(name, batch) for name in (*HEADS, "flow50") for batch in (1, 32)}
    assert min(cost.values()) > 0.0
    assert cost["flow50", 1] > 3.0 * cost["flow", 1]


def test_swerve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = found(swerve.EXPERIMENT, tmp_path, capsys)
    assert len(said["rows"]) == len(swerve.ASKED)
    once = next(row for row in said["rows"] if row["calls"] == 1)
    assert once["passes"] == 0
    for row in said["rows"]:
        assert row["left"] + row["right"] + row["valley"] == pytest.approx(1.0)


def test_the_page_is_made_of_results(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What there is no new result of stays; what never had one is missed."""
    monkeypatch.setattr(page, "EXPERIMENTS", (mode_coverage.EXPERIMENT,))
    main(mode_coverage.EXPERIMENT, ["--quick", "--out", str(tmp_path)])
    words = ["--results", str(tmp_path), "--out", str(tmp_path / "lab.md")]
    assert page.main(words) == 0
    written = (tmp_path / "lab.md").read_text()
    assert "`python tools/lab/mode_coverage.py`" in written
    assert "![mode_coverage](lab/mode_coverage.svg)" in written
    assert (tmp_path / "lab" / "mode_coverage.svg").exists()
    (tmp_path / "mode_coverage.json").unlink()
    assert page.main(words) == 0
    assert (tmp_path / "lab.md").read_text() == written
    monkeypatch.setattr(page, "EXPERIMENTS", (samplers.EXPERIMENT, mode_coverage.EXPERIMENT))
    capsys.readouterr()
    assert page.main(words) == 0
    assert (tmp_path / "lab.md").read_text() == written
    assert capsys.readouterr().err == f"page: {tmp_path}: no result of samplers\n"


def test_sections_are_known_by_their_figures() -> None:
    """Of the page that there is, none is lost."""
    text = (ROOT / "docs" / "lab.md").read_text()
    sections = page.written(ROOT / "docs" / "lab.md")
    assert "\n\n".join([page.HEAD.rstrip(), *sections.values()]) + "\n" == text
    names = [experiment.name for experiment in page.EXPERIMENTS]
    assert list(sections) == [name for name in names if name in sections]


def test_a_figure_puts_values_where_they_belong() -> None:
    panel = Panel("a < b", "x", "y", [Line("one", [0.0, 10.0], [0.0, 5.0], broken=True)])
    picture = ElementTree.fromstring(drawn([panel]))  # noqa: S314 our own
    (line,) = picture.findall(".//{*}polyline")
    start, end = (point.split(",") for point in line.attrib["points"].split())
    assert float(start[0]) < float(end[0])
    assert float(start[1]) > float(end[1])  # up is less in SVG
    assert "stroke-dasharray" in line.attrib
    assert any(text.text == "a < b" for text in picture.findall(".//{*}text"))
