"""The page of a comparison: what it has is what the comparison found; odd runs, hostile names."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.report import write_comparison
from drivestack.sim.comparing.compare import compare
from tests.report.blocks import blocks_of, data_of, unpacked
from tests.report.conftest import Changed

HOSTILE = """</script><script>alert(1)</script> "quoted" ../../etc/passwd <!-- &amp; {x}"""


def data_in(page: Path) -> dict:
    return data_of(page.read_text())["pages"]["compare"]


def test_the_command_writes_what_the_comparison_found(
    road_run: Path, other_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Worst first, one pair embedded: both episodes, and the one map that they share."""
    page = tmp_path / "page.html"
    words = ["compare", str(road_run), str(other_run), "--html", str(page), "--episodes", "1"]
    assert main(words) == 0
    assert capsys.readouterr().out.endswith(f"page: {page}\n")
    data, (found,) = data_in(page), compare(road_run, other_run).against
    assert data["who"] == ["pdm15 / mpc", "idm / mpc"]
    assert data["pairs"] == 3
    (total,) = data["groups"]
    assert [one["measure"] for one in total["differences"]] == [
        one.measure for one in found.total.differences
    ]
    assert data["measures"] == [one.measure for one in found.total.differences if one.changed]
    worst, *others = data["rows"]
    assert worst["episodes"] == [1, 1]
    assert worst["appeared"] == ["contact at fault", "contact"]
    assert worst["contacts"] == [False, True]
    assert [row["embedded"] for row in data["rows"]] == [True, False, False]
    assert all(row["appeared"] == [] for row in others)
    at = data["measures"].index("pdms_1")
    gaps = [row["values"][1][at] - row["values"][0][at] for row in data["rows"]]
    (scores,) = (one for one in found.total.differences if one.measure == "pdms_1")
    assert sum(gaps) / 3 == pytest.approx(scores.difference, abs=1e-4)
    blocks = blocks_of(page.read_text())
    assert [name for name in blocks if not name.startswith("map-")] == ["base-1", "other-1"]
    assert len(blocks) == 3
    sides = [unpacked(blocks[name]) for name in ("base-1", "other-1")]
    assert [side["ticks"] for side in sides] == [61, 61]
    assert sides[0]["v"].tolist() != sides[1]["v"].tolist()


def test_a_run_and_itself_differ_in_nothing(road_run: Path, tmp_path: Path) -> None:
    page = write_comparison(compare(road_run, road_run), tmp_path / "page.html", 0)
    data = data_in(page)
    assert (data["measures"], data["regressions"], len(data["rows"])) == ([], [], 3)
    assert blocks_of(page.read_text()) == {}


def test_hostile_names_are_inert(road_run: Path, tmp_path: Path) -> None:
    query = f"SELECT * REPLACE ('{HOSTILE}' || episode AS scenario) FROM t"
    runs = [
        Changed(road_run, tmp_path / name).table("episodes", query).sealed() for name in ("a", "b")
    ]
    text = write_comparison(compare(*runs), tmp_path / "page.html").read_text()
    assert "<script>alert" not in text
    assert text.count("<script") == text.count("</script>")
    assert {row["scenario"] for row in data_in(tmp_path / "page.html")["rows"]} == {
        f"{HOSTILE}{number}" for number in range(3)
    }


def test_a_page_shows_two_runs(road_run: Path, other_run: Path, tmp_path: Path) -> None:
    words = ["compare", *map(str, (road_run, other_run, road_run)), "--html", str(tmp_path / "p")]
    assert main(words) == 2
    assert main([*words[:3], "--episodes", "3"]) == 2, "a number of pairs without a page"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="a page shows two runs, and 3 were given"):
        write_comparison(compare(road_run, other_run, road_run), tmp_path / "page.html")
