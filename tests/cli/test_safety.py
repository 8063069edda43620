"""`drivestack safety r157-grid`: the table, the JSON, and wrong words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivestack.cli.main import main

KEYS = {"cases", "collisions", "needless_share", "harm", "acted", "saved", "missed"}


def test_the_table_has_our_row_beside_the_reference_models(capsys: Any) -> None:
    assert main(["safety", "r157-grid", "--noise", "none", "--list", "missed"]) == 0

    shown = capsys.readouterr().out
    rows = {line.split("  ")[0]: line for line in shown.splitlines()}
    assert "282 / 758" in rows["what-if, certain"]
    assert "880 / 1,491" in rows["rss"]
    assert "901 / 1,649" in rows["fsm"]
    assert "no braking avoids 265 / 747" in shown
    assert "low: 30-10-14-0.4, 40-10-25-0.4" in shown


def test_json_has_both_ranges(capsys: Any) -> None:
    words = ["--latency", "0.1", "--latency-model", "delay", "--price", "1.2", "--json"]
    words += ["--noise", "none"]
    assert main(["safety", "r157-grid", *words]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["low"]) >= KEYS
    assert found["low"]["cases"] == 15_930
    assert found["high"]["cases"] == 14_040
    assert found["low"]["collisions"] <= 65
    assert found["unavoidable"] == {"low": 0, "high": 151}
    assert {"cc", "reg157", "rss", "fsm", "nobody"} <= set(found["drivers"])


def test_a_sample_with_noise_and_a_picture(tmp_path: Path, capsys: Any) -> None:
    words = ["safety", "r157-grid", "--every", "40", "--json", "--out"]
    assert main([*words, str(tmp_path / "curves.html")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["low"]["cases"] == 399
    assert found["noise"]["speed"] == 0.05
    drivers = found["noise"]["drivers"]
    assert {"rss", "fsm", "what-if, certain", "what-if, expected loss, price 3"} <= set(drivers)
    assert set(found["named"]) == {"missed", "needless", "harm"}
    assert "what-if, shift, price 2" in found["drivers"]
    page = (tmp_path / "curves.html").read_text()
    assert page.count("<polyline") == 12
    assert page.count("stroke-dasharray") == 12
    assert main([*words, str(tmp_path / "curves.svg"), "--noise", "none"]) == 0
    assert (tmp_path / "curves.svg").read_text().startswith("<svg ")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--latency", "9"], "--latency must be from 0 to 1.6 s, got 9"),
        (["--latency", "nan"], "--latency must be from 0 to 1.6 s, got nan"),
        (["--latency-model", "dely"], "did you mean 'delay'?"),
        (["--profile", "ramps"], "did you mean 'ramp'?"),
        (["--price", "-1"], "--price must be at least 0, got -1"),
        (["--noise", "0.05"], "--noise: expected none, or two deviations"),
        (["--noise", "0,nan"], "--noise: expected none, or two deviations"),
        (["--list", "mised"], "did you mean 'missed'?"),
        (["--out", "curve.png"], "curve.png must end in .svg or .html"),
        (["--stack", "idmm"], "did you mean 'idm'?"),
        (["--price", "nan"], "--price must be at least 0, got nan"),
    ],
)
def test_wrong_words_are_one_sentence(words: list[str], told: str, capsys: Any) -> None:
    assert main(["safety", "r157-grid", *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
