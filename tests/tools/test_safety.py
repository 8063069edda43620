"""The page of what the safety layer is worth: known answers, and of a run that was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivestack.core.errors import InputError
from drivestack.sim.suite import run
from tools import safety


def row(scenario: str, **facts: Any) -> dict[str, Any]:
    """An episode of 30 s."""
    quiet = {"contact": False, "at_fault": False, "duty": "", "duty_met": "", "mean_speed": 20.0,
             "outcome": "time_limit"}  # fmt: skip
    return {"scenario": scenario, "ticks": 600, "dt": 0.05, **quiet, **facts}


def test_rates_have_exact_intervals() -> None:
    low, high = safety.per_hour(0, 12.5)
    assert (low, high) == (0.0, pytest.approx(3.6889 / 12.5, rel=1e-4))
    assert safety.per_hour(3, 1.0) == pytest.approx((0.6187, 8.7673), rel=1e-4)


def test_who_was_at_fault_is_named() -> None:
    part = safety.Part("drivestack run a.yaml", "", ())
    rows = [row("a@1#0"), row("a@1#1", contact=True, at_fault=True, mean_speed=30.0), row("b@1#0")]
    said = safety._survived(part, rows)
    assert "| a | 2 | 0.02 | 1 | 1 | 60.00 (1.52 to 334.30) | 25.0 |" in said
    assert "| b | 1 | 0.01 | 0 | 0 | 0.00 (0.00 to 442.67) | 20.0 |" in said
    assert said.endswith("At fault in a@1#1.")


def test_who_could_not_be_driven_is_not_counted_but_named() -> None:
    part = safety.Part("drivestack run a.yaml", "", ())
    failed = row("a@2#0", outcome="failed", ticks=0, mean_speed=0.0)
    said = safety._survived(part, [row("a@1#0"), failed])
    assert "| a | 1 | 0.01 | 0 | 0 | 0.00 (0.00 to 442.67) | 20.0 |" in said
    assert said.endswith("Nobody was at fault. Could not be driven: a@2#0.")
    assert "| a | 1 | 0.00 | 0 | 0 | - | 20.0 |" in safety._survived(part, [row("a@1#0", ticks=0)])


def test_cases_that_were_not_avoided_are_named() -> None:
    part = safety.Part("drivestack run a.yaml", "shards 1/2", ())
    rows = [row(f"a@{n}#0", duty="must_avoid", duty_met="yes") for n in range(9)]
    rows += [row("a@9#0", duty="must_avoid", duty_met="no", contact=True)]
    rows += [row("a@10#0", duty="exempt", contact=True)]
    said = safety._avoided(part, rows)
    assert said.startswith("`drivestack run a.yaml`, shards 1/2")
    assert "| 11 | 10 | 9 | 90.00 % (59.58 to 98.21) | 1 |" in said
    assert said.endswith("Not avoided: a@9#0.")
    assert safety._avoided(part, rows[:9]).endswith("All were avoided.")
    assert "avoided." not in safety._avoided(part, rows[-1:])


def judged(folder: Path, shard: str, spells: int) -> Path:
    """A folder of recorded drivers."""
    worst = {"scenario": "R-1:7@1#0", "time": 2.0, "acting": 3, "sentence": "too near"}
    layer = {"drives": 5, "clean_minutes": 20.0, "clean_spells": spells,
             "by_check": {"aeb": spells} if spells else {}, "worst": [worst] * spells}  # fmt: skip
    near = {"ttc": 1.0, "gap": 0.3, "before": 1.0, "after": 5.0}
    command = ["drivestack", "safety", "a.yaml", "--shard", shard, "--out", str(folder)]
    folder.mkdir()
    facts = {"command": command, "near_miss": near, "layers": {"layer": layer}}
    (folder / "safety.json").write_text(json.dumps(facts))
    return folder


def test_shards_of_recorded_drivers_are_put_together(tmp_path: Path) -> None:
    runs = [judged(tmp_path / "one", "1/2", 1), judged(tmp_path / "two", "2/2", 0)]
    said = safety.page_of(safety.parts_of(runs))
    assert "`drivestack safety a.yaml`, all 2 shards" in said
    assert "`drivestack safety a.yaml`, shards 1/2" in safety.page_of(safety.parts_of(runs[:1]))
    assert "| 10 | 40.0 | 1 | 0.25 (0.01 to 1.39) | aeb 1 |" in said
    assert "- R-1:7@1#0 at 2.00 s, ticks of acting 3: too near" in said


def test_a_run_is_read(tmp_path: Path) -> None:
    scene = tmp_path / "road.yaml"
    scene.write_text("id: road\nmap: {kind: highway_env, env: highway-v0}\nego: {kind: stack}\n"
                     "time_limit: 1\n")  # fmt: skip
    run(scene, out=tmp_path / "run", stack="reckless")
    assert "| road | 1 | 0.00 | 0 | 0 |" in safety.page_of(safety.parts_of([tmp_path / "run"]))
    with pytest.raises(InputError, match="expected a folder of a run"):
        safety.parts_of([tmp_path])
    with pytest.raises(InputError, match="expected a folder of a run"):
        safety.parts_of([scene])
    (tmp_path / "run" / "episodes.parquet").write_bytes(b"")
    with pytest.raises(InputError, match="is damaged"):
        safety.parts_of([tmp_path / "run"])


def test_nothing_is_counted_twice(tmp_path: Path) -> None:
    one, other = judged(tmp_path / "one", "1/2", 1), judged(tmp_path / "other", "1/3", 0)
    for folders in ([one, one], [one, other]):
        with pytest.raises(InputError, match="holds episodes that another"):
            safety.parts_of(folders)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "cannot be read"),
        ("[1]", "is not of recorded drivers"),
        ('{"command": [], "horizon": 8.0, "layers": {}}', "is not of recorded drivers"),
    ],
)
def test_what_is_not_of_recorded_drivers_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "safety.json").write_text(text)
    with pytest.raises(InputError, match=told):
        safety.parts_of([tmp_path])


def test_commands_that_do_not_say_what_was_driven(tmp_path: Path) -> None:
    folder = judged(tmp_path / "one", "1/2", 1)
    facts = json.loads((folder / "safety.json").read_text())
    for command in (["drivestack", "resume", "one"], [["drivestack", "run", "a.yaml"]]):
        (folder / "safety.json").write_text(json.dumps(facts | {"command": command}))
        with pytest.raises(InputError, match="says nothing of what was driven"):
            safety.parts_of([folder])
    words = ["drivestack", "run", "a.yaml", "--resume", "--no-report", "--batch", "8"]
    assert safety._plain(words) == "drivestack run a.yaml"
