"""The reference beside a run: the same for any batch, worker and order, or absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivestack.core.start import EgoKind, Rates, Start
from drivestack.scenario.sources.highway_env import load as scene
from drivestack.sim import reference_cache
from drivestack.sim.driver import Driver
from drivestack.sim.reference import REFERENCE, driven, name_of, references
from drivestack.sim.settings import Settings, settings_of
from drivestack.sim.suite import run_starts
from drivestack.world import WORLDS
from tests.scenes import starts_of, write_road
from tests.sim.test_runner import Broken

RATES = Rates(20, 20, 10)


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept from earlier runs, and nothing of this one."""
    monkeypatch.setattr("drivestack.sim.reference.kept", lambda start, by: None)
    monkeypatch.setattr("drivestack.sim.reference.keep", lambda start, by, metres: None)


@pytest.fixture(scope="module")
def starts() -> list[Start]:
    names = ("highway-fast-v0", "roundabout-v1", "merge-v1")
    return [scene(name, seed, rates=RATES, time_limit=2.0 + 0.4 * i)
            for i, name in enumerate(names) for seed in (0, 1)]  # fmt: skip


def test_it_does_not_depend_on_batch_or_order(starts: list[Start]) -> None:
    alone = driven(starts, "engine", 1)
    assert sorted(alone) == list(range(6))
    assert min(alone.values()) > 1.0
    assert driven(starts, "engine", 4) == alone
    backwards = driven(starts[::-1], "engine", 3)
    assert {5 - place: metres for place, metres in backwards.items()} == alone


@pytest.mark.usefixtures("unknown")
def test_scores_do_not_depend_on_batch_or_order(starts: list[Start]) -> None:
    def scores(order: list[Start], batch: int) -> dict[object, tuple[object, ...]]:
        settings = Settings(Driver("idm", "pid"), batch=batch)
        rows = run_starts(order, settings).episodes
        names = ("ego_progress", "making_progress", "nuplan_cls_1", "pdms_1", "epdms_1", "absent")
        return {(row["scenario"], row["seed"]): tuple(row[name] for name in names) for row in rows}

    alone = scores(starts, 1)
    assert all(None not in found for found in alone.values())
    assert scores(starts[::-1], 4) == alone


def test_two_workers_give_the_same_scores(starts: list[Start]) -> None:
    one = run_starts(starts, Settings(Driver("idm", "pid"), batch=2))
    two = run_starts(starts, Settings(Driver("idm", "pid"), batch=2, workers=2))
    skipped = {"wall_seconds"}
    for a, b in zip(one.episodes, two.episodes, strict=True):
        assert {k: v for k, v in a.items() if k not in skipped} == {
            k: v for k, v in b.items() if k not in skipped
        }


@pytest.mark.usefixtures("unknown")
def test_the_reference_is_its_own(starts: list[Start]) -> None:
    own = references(starts[:1], REFERENCE, "engine", 1, [])
    assert own.seconds == 0.0
    assert own.runs[0].progress is None
    (row,) = run_starts(starts[:1], Settings(REFERENCE)).episodes
    beside = driven(starts[:1], "engine", 1)
    assert row["reference"] == name_of(REFERENCE)
    assert row["ego_progress"] == 1.0
    assert row["reference_progress_m"] == row["route_progress_m"] == beside[0]
    other = replace(REFERENCE, controller="pid")
    assert references(starts[:1], other, "engine", 1, []).runs[0].progress == beside[0]


def test_who_drives_by_himself_has_none(tmp_path: Path) -> None:
    path = write_road(tmp_path, kind="idm", limit=0.5)
    (row,) = run_starts(starts_of(path), Settings()).episodes
    assert (row["reference"], row["reference_progress_m"]) == ("", None)
    assert row["ego_progress"] is None
    for name in ("making_progress", "ego_progress", "ego_progress_pdms", "ego_progress_epdms"):
        assert name in row["absent"].split(", ")
    assert 0.0 < row["pdms_1"] <= 1.0


@pytest.mark.usefixtures("unknown")
def test_a_reference_that_fails_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = starts_of(write_road(tmp_path, seeds="1-3", limit=1.0))
    monkeypatch.setitem(WORLDS, "broken", Broken)
    assert sorted(driven(starts, "broken", 3)) == [0, 2]
    rows = run_starts(starts, Settings(backend="broken")).episodes
    assert [row["outcome"] for row in rows] == ["timeout", "failed", "timeout"]
    assert [row["reference"] for row in rows] == [name_of(REFERENCE), "", name_of(REFERENCE)]
    assert [rows[1][name] for name in ("nuplan_cls_1", "pdms_1", "epdms_1")] == [0.0] * 3


def test_what_is_known_needs_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_cache, "user_cache", lambda: tmp_path / "cache")
    starts = starts_of(write_road(tmp_path, limit=0.5))
    idm = Driver("idm", "pid")
    first = references(starts, idm, "engine", 1, []).runs
    calls: list[object] = []
    monkeypatch.setattr("drivestack.sim.reference._drive", lambda *given: calls.append(given))
    assert references(starts, idm, "engine", 1, []).runs == first
    assert calls == []
    # another seed, another backend: another start
    assert references([replace(starts[0], seed=5)], idm, "engine", 1, []).runs == {}
    assert len(calls) > 0
    (file,) = (tmp_path / "cache").rglob("*.json")
    file.write_text(file.read_text()[:-3])
    assert references(starts, idm, "engine", 1, []).runs == {}


def test_by_other_checkpoints_it_is_another_one(
    starts: list[Start], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_cache, "user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr("drivestack.sim.reference.shipped", lambda head: tmp_path / head)
    runs: list[int] = []

    def noted(left: list[Start], *_: object) -> dict[int, float]:
        runs.append(len(left))
        return dict.fromkeys(range(len(left)), 1.0)

    monkeypatch.setattr("drivestack.sim.reference.driven", noted)
    for weights in ("old", "old", "new"):
        for head in ("flow", "scorer"):
            (tmp_path / head).write_text(weights)
        references(starts, Driver("idm"), "engine", 4, (), Driver("flow"))
    assert runs == [6, 6]


def test_ego_kinds_of_one_batch_may_differ(tmp_path: Path) -> None:
    kinds = [EgoKind.STACK, EgoKind.IDM, EgoKind.PLAIN]
    starts = [
        start
        for kind in kinds
        for start in starts_of(write_road(tmp_path, kind=kind, limit=0.5, name=f"{kind}.yaml"))
    ]
    assert sorted(references(starts, Driver("idm", "pid"), "engine", 3, []).runs) == [0, 2]


@pytest.mark.usefixtures("unknown")
def test_progress_can_be_compared_with_the_oracle(starts: list[Start]) -> None:
    settings = settings_of(stack="idm", controller="pid", reference="oracle")
    (row,) = run_starts(starts[:1], settings).episodes
    assert row["reference"] == "oracle/mpc"
    (own,) = run_starts(starts[:1], settings_of(stack="oracle")).episodes
    assert row["reference_progress_m"] == own["route_progress_m"]
