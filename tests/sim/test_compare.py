"""Comparing runs: known answers on runs written by hand, and what must hold of any."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import drivestack
from drivestack.core.errors import InputError
from drivestack.core.types import Floats
from drivestack.metrics.direction import DIRECTIONS, Better
from drivestack.metrics.judge import COMPOSED, MEASURES
from drivestack.sim.comparing.judging import groups_of
from drivestack.sim.comparing.measures import COMPARED, Measured, measures_named
from drivestack.sim.comparing.pairing import Block
from drivestack.sim.comparing.records import Against, Changed, Deviation, Difference, Group, Sign
from drivestack.sim.log import SCHEMA_VERSION
from tests.sim.hand_made import CONTROL_HZ, episode, write_run

Rows = list[dict[str, Any]]


def rows(count: int, family: str = "road", **values: Any) -> Rows:
    return [episode(f"{family}/x={number}@1#{number}", **values) for number in range(count)]


def against(tmp_path: Path, base: Rows, other: Rows, **options: Any) -> Against:
    paths = write_run(tmp_path / "base", base), write_run(tmp_path / "other", other)
    (found,) = drivestack.compare(*paths, **options).against
    return found


def of(group: Group, name: str) -> Difference:
    return next(found for found in group.differences if found.measure == name)


def test_every_measure_has_a_direction_and_is_compared() -> None:
    assert set(DIRECTIONS) == {*MEASURES, *COMPOSED}
    names = [measure.name for measure in COMPARED]
    assert len(set(names)) == len(names)
    assert {*MEASURES, *COMPOSED} - set(names) == {"has_goal"}
    for measure in COMPARED:
        assert measure.better is DIRECTIONS.get(measure.name, measure.better)


def test_a_run_equals_itself(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run", rows(5))
    found = drivestack.compare(path, path, path)
    assert len(found.against) == 2
    assert not found.regressed
    for one in found.against:
        assert (one.pairs, one.changed, one.changes, one.deviations) == (5, 0, (), ())
        assert {d.sign for d in one.total.differences} == {Sign.EQUAL}
        assert {d.changed for d in one.total.differences} == {0}


def test_contacts_that_appear_are_a_regression_by_an_exact_test(tmp_path: Path) -> None:
    """Six of forty against none: 2 * 0.5**6 is below 5 %; five would not be."""
    other = rows(40)
    for row in other[:6]:
        row |= {"contact": True, "at_fault": True, "outcome": "contact"}
    found = against(tmp_path, rows(40), other)
    contact = of(found.total, "contact")
    assert (contact.base, contact.other, contact.changed) == (0.0, 0.15, 6)
    assert contact.p == pytest.approx(0.03125)
    assert (contact.sign, contact.regression) == (Sign.WORSE, True)
    assert {name for _, d in found.regressions for name in [d.measure]} == {"contact", "at_fault"}
    assert found.total.differences[0].regression, "regressions come first"
    five = against(tmp_path / "5", rows(40), [*other[:5], *rows(40)[5:]])
    assert of(five.total, "contact").sign is Sign.UNCLEAR
    assert not five.regressions


def test_scores_are_judged_by_their_interval(tmp_path: Path) -> None:
    drop = np.random.default_rng(1).uniform(0.0, 0.2, 30)
    other = rows(30)
    for row, loss in zip(other, drop.tolist(), strict=True):
        row["pdms_1"] = 1.0 - loss
    score = of(against(tmp_path, rows(30), other).total, "pdms_1")
    assert score.difference == pytest.approx(-drop.mean())
    half = 1.96 * drop.std() / np.sqrt(30)
    assert score.low == pytest.approx(-drop.mean() - half, abs=0.003)
    assert score.high == pytest.approx(-drop.mean() + half, abs=0.003)
    assert score.regression


def test_a_handful_of_pairs_establishes_nothing(tmp_path: Path) -> None:
    """All five are worse, which the bootstrap takes for certain and a sign test does not."""
    found = of(against(tmp_path, rows(5), rows(5, pdms_1=0.5)).total, "pdms_1")
    assert (found.low, found.high) == (-0.5, -0.5)
    assert (found.changed, found.sign) == (5, Sign.UNCLEAR)
    six = of(against(tmp_path / "6", rows(6), rows(6, pdms_1=0.5)).total, "pdms_1")
    assert six.sign is Sign.WORSE


def test_swapping_runs_flips_signs(tmp_path: Path) -> None:
    draws = np.random.default_rng(4)
    sides = [rows(60), rows(60)]
    for side, rate in zip(sides, (0.1, 0.5), strict=True):
        for row in side:
            row["contact"] = bool(draws.random() < rate)
            row["pdms_1"] = float(draws.random())
            row["mean_speed"] = float(draws.random() + rate)
    paths = [write_run(tmp_path / str(n), side) for n, side in enumerate(sides)]
    (there,), (back,) = (drivestack.compare(*pair).against for pair in (paths, paths[::-1]))
    flipped = {Sign.WORSE: Sign.BETTER, Sign.BETTER: Sign.WORSE, Sign.HIGHER: Sign.LOWER,
               Sign.LOWER: Sign.HIGHER}  # fmt: skip
    for one in there.total.differences:
        other = of(back.total, one.measure)
        assert other.sign is flipped.get(one.sign, one.sign)
        assert other.difference == pytest.approx(-(one.difference or 0.0))
        assert (other.low, other.high) == pytest.approx((-(one.high or 0.0), -(one.low or 0.0)))
        assert other.p == pytest.approx(one.p)
    assert of(there.total, "contact").sign is Sign.WORSE
    assert of(there.total, "mean_speed").sign is Sign.HIGHER
    assert there.changed == back.changed
    for change in there.changes:
        mirror = replace(
            change, appeared=change.vanished, vanished=change.appeared, score=-change.score
        )
        assert mirror in back.changes


def test_what_stands_in_one_run_only_is_counted_and_named(tmp_path: Path) -> None:
    found = against(tmp_path, rows(5)[1:], rows(5)[:3])
    assert found.pairs == 2
    assert (found.base_only.count, found.base_only.first) == (2, ("road/x=3@1#3", "road/x=4@1#4"))
    assert (found.other_only.count, found.other_only.first) == (1, ("road/x=0@1#0",))


def test_pairs_are_by_id_whatever_the_order(tmp_path: Path) -> None:
    base = rows(8)
    base[2]["pdms_1"] = 0.25
    found = against(tmp_path, base, base[::-1])
    assert not found.changed
    assert of(found.total, "pdms_1").changed == 0


def test_failed_episodes_score_nothing_and_have_no_contact(tmp_path: Path) -> None:
    other = rows(4)
    other[1] |= {"outcome": "failed", "contact": True, "mean_speed": 99.0}
    found = against(tmp_path, rows(4), other)
    assert of(found.total, "failed").other == 0.25
    assert (of(found.total, "pdms_1").pairs, of(found.total, "pdms_1").other) == (4, 0.75)
    assert (of(found.total, "contact").pairs, of(found.total, "contact").other) == (3, 0.0)
    assert of(found.total, "mean_speed").pairs == 3
    assert found.changes == (Changed("road/x=1@1#1", 1, 1, ("failed",), (), -1.0),)


def test_a_value_that_one_run_lacks_is_no_pair(tmp_path: Path) -> None:
    base, other = rows(4, min_ttc_s=3.0), rows(4, min_ttc_s=2.0)
    base[0]["min_ttc_s"] = None
    other[1]["min_ttc_s"] = None
    found = of(against(tmp_path, base, other).total, "min_ttc_s")
    assert (found.pairs, found.base, found.other, found.difference) == (2, 3.0, 2.0, -1.0)


def test_goals_are_of_those_that_have_one_and_make_metres_equal(tmp_path: Path) -> None:
    there = {"has_goal": True, "goal_reached": True, "route_progress_m": 95.0}
    base = [*rows(2, "a", **there), *rows(2, "b", route_progress_m=95.0)]
    other = [*rows(2, "a", **(there | {"route_progress_m": 90.0})), *rows(2, "b")]
    other[0]["goal_reached"] = False
    found = against(tmp_path, base, other)
    goal = of(found.total, "goal_reached")
    assert (goal.pairs, goal.base, goal.other) == (2, 1.0, 0.5)
    assert of(found.total, "route_progress_m").pairs == 3, "not where both reach it"
    assert found.changes[0].appeared == ("goal missed",)


def test_interventions_come_from_the_ticks(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", rows(3), {1: ["clamped"] * 4})
    acted = {0: ["emergency_brake"] * 10, 1: ["clamped"] * 2 + ["minimal_risk"] * 3}
    other = write_run(tmp_path / "other", rows(3), acted)
    total = drivestack.compare(base, other).against[0].total
    assert (of(total, "intervened").base, of(total, "intervened").other) == (1 / 3, 2 / 3)
    assert of(total, "emergency_braked").other == 1 / 3
    assert of(total, "minimal_risk").other == 1 / 3
    seconds = of(total, "intervention_s")
    assert seconds.base == pytest.approx(4 / CONTROL_HZ / 3)
    assert seconds.other == pytest.approx(15 / CONTROL_HZ / 3)


def test_a_regression_in_one_family_is_found_behind_gains_in_another(tmp_path: Path) -> None:
    """And at a stricter level, so that many families raise no more false alarms than one."""
    base = [*rows(20, "cut-in"), *rows(20, "following", contact=True), *rows(20, "free")]
    other = [*rows(20, "cut-in"), *rows(20, "following"), *rows(20, "free")]
    for row in other[:8]:
        row["contact"] = True
    found = against(tmp_path, base, other)
    assert of(found.total, "contact").sign is Sign.BETTER
    assert [group.name for group in found.families] == ["cut-in", "following", "free"]
    assert found.families[0].level == pytest.approx(0.05 / 3)
    assert [(name, d.measure) for name, d in found.regressions] == [("cut-in", "contact")]
    assert of(found.families[1], "contact").sign is Sign.BETTER


def test_what_changed_is_listed_worst_first(tmp_path: Path) -> None:
    base = rows(6)
    base[5]["frozen"] = True
    other = rows(6)
    other[0] |= {"frozen": True}
    other[1] |= {"contact": True, "pdms_1": 0.5}
    other[2] |= {"expectations": "failed"}
    other[3] |= {"contact": True, "at_fault": True}
    other[4] |= {"contact": True, "pdms_1": 0.25}
    found = against(tmp_path, base, other)
    assert found.changed == 6
    assert [change.base for change in found.changes] == [3, 4, 1, 2, 0, 5]
    assert found.changes[0].appeared == ("contact at fault", "contact")
    assert found.changes[-1].vanished == ("frozen",)


def test_tolerances_allow_losses(tmp_path: Path) -> None:
    base, other = rows(30), rows(30, pdms_1=0.98)
    assert [d.measure for _, d in against(tmp_path, base, other).regressions][:1] == ["pdms_1"]
    allowed = against(tmp_path / "2", base, other, tolerances={"pdms@1": 0.03})
    assert not allowed.regressions
    assert of(allowed.total, "pdms_1").sign is Sign.WORSE
    tight = against(tmp_path / "3", base, other, tolerances={"pdms_1": 0.01})
    assert tight.regressions


def test_quantities_count_only_where_they_are_asked_for(tmp_path: Path) -> None:
    base, other = rows(30, min_ttc_s=5.0), rows(30, min_ttc_s=3.0)
    found = against(tmp_path, base, other)
    assert of(found.total, "min_ttc_s").sign is Sign.WORSE
    assert not found.regressions
    asked = against(tmp_path / "2", base, other, measures=["min_ttc_s"])
    assert [d.measure for d in asked.total.differences] == ["min_ttc_s"]
    assert asked.regressions


def test_neither_way_is_never_a_regression(tmp_path: Path) -> None:
    slow = against(tmp_path, rows(30), rows(30, mean_speed=0.5), measures=["mean_speed"])
    (found,) = slow.total.differences
    assert (found.better, found.sign, found.regression) == (Better.NEITHER, Sign.LOWER, False)


def test_rounding_is_no_difference(tmp_path: Path) -> None:
    found = against(tmp_path, rows(30), rows(30, pdms_1=1.0 - 1e-13))
    assert of(found.total, "pdms_1").sign is Sign.EQUAL


def test_what_differs_in_the_making_is_said(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", rows(3))
    other = write_run(
        tmp_path / "other",
        [episode("road/x=0@1#0", resolved="otherwise", absent="ego_progress"), *rows(3)[1:]],
        versions={"drivestack": "2"},
        settings={"stack": "pdm15", "batch": 7},
        files={"f": "b"},
    )
    (found,) = drivestack.compare(base, other).against
    assert found.deviations == (
        Deviation("stack", "idm", "pdm15"),
        Deviation("drivestack", "1", "2"),
        Deviation("contents of f", "a", "b"),
    )
    assert (found.redefined, found.rescored) == (1, 1)


def test_a_table_without_a_column_is_compared_by_the_rest(tmp_path: Path) -> None:
    short = rows(3)
    for row in short:
        del row["duty_met"]
    found = against(tmp_path, short, rows(3))
    assert found.uncompared == ("duty_met",)
    assert of(found.total, "contact").pairs == 3


def test_very_many_pairs_have_normal_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = np.random.default_rng(2).normal(0.3, 0.1, 200)
    other = [row | {"pdms_1": float(1.0 - x)} for row, x in zip(rows(200), loss, strict=True)]
    few = of(against(tmp_path, rows(200), other).total, "pdms_1")
    monkeypatch.setattr("drivestack.sim.comparing.judging.MOST_RESAMPLED", 100)
    many = of(against(tmp_path / "many", rows(200), other).total, "pdms_1")
    assert many.difference == pytest.approx(few.difference)
    assert (many.low, many.high) == pytest.approx((few.low, few.high), abs=0.002)


def test_blocks_do_not_change_what_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = np.random.default_rng(7)
    sides = [[row | {"pdms_1": float(draws.random())} for row in rows(40)] for _ in range(2)]
    whole = against(tmp_path, *sides)
    monkeypatch.setattr("drivestack.sim.comparing.pairing._CELLS", 1)
    assert against(tmp_path / "2", *sides).total == whole.total


@dataclass
class Drawn:
    """Pairs of one family whose values are drawn, not read."""

    values: Floats
    families = ("road",)

    @property
    def count(self) -> int:
        return self.values.shape[1]

    @property
    def family(self) -> NDArray[np.int64]:
        return np.zeros(self.count, np.int64)

    def blocks(self, measures: Sequence[Measured]) -> Iterator[Block]:
        yield Block(tuple(measures), self.values, np.ones(self.values.shape[1:], np.bool_))


def test_chance_alone_is_seldom_called_worse() -> None:
    """Of 200 pairs of equal drivers: contacts and scores, at 5 % two-sided, so 2.5 % each way."""
    draws = np.random.default_rng(11)
    measures = measures_named(["contact", "pdms_1"])
    signs = {measure.name: list[Sign]() for measure in measures}
    for _ in range(200):
        contact, score = draws.random((2, 40)) < 0.3, draws.random((2, 40))
        pairs: Any = Drawn(np.stack([contact, score], axis=2))
        total, _ = groups_of(pairs, measures, {})
        for found in total.differences:
            signs[found.measure].append(found.sign)
    for name, own in signs.items():
        assert len(own) == 200
        assert own.count(Sign.WORSE) <= 12, name
        assert 0 < own.count(Sign.WORSE) + own.count(Sign.BETTER) <= 20, name


def spoil(path: Path, **values: Any) -> None:
    file = path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def damage(path: Path, name: str) -> None:
    content = bytearray((path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (path / name).write_bytes(content)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda path: (path / "manifest.json").write_text("{"), "cannot be read"),
        (lambda path: spoil(path, interrupted=True), "is not finished"),
        (lambda path: spoil(path, schema_version=SCHEMA_VERSION + 1), "schema version"),
        (lambda path: spoil(path, schema_version="new"), "schema version"),
        (lambda path: spoil(path, sha256={}), "no checksum"),
        (lambda path: damage(path, "episodes.parquet"), "episodes.parquet: is damaged"),
        (lambda path: damage(path, "ticks.parquet"), "ticks.parquet: is damaged"),
        (lambda path: (path / "episodes.parquet").unlink(), "cannot be read"),
        (lambda path: (path / "manifest.json").unlink(), "is not a run folder"),
    ],
)
def test_damaged_folders_are_refused(tmp_path: Path, wrong: Any, sentence: str) -> None:
    base = write_run(tmp_path / "base", rows(3))
    other = write_run(tmp_path / "other", rows(3))
    wrong(other)
    for pair in ((base, other), (other, base)):
        with pytest.raises(InputError, match=sentence) as error:
            drivestack.compare(*pair)
        assert str(other) in str(error.value)
        assert "\n" not in str(error.value)


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    base = write_run(tmp_path / "base", rows(3))
    with pytest.raises(InputError, match="two or more"):
        drivestack.compare(base)
    with pytest.raises(InputError, match="no such folder"):
        drivestack.compare(base, tmp_path / "none")
    with pytest.raises(InputError, match=r"no scenario in common.*bend/x=0@1#0.*road/x=0@1#0"):
        drivestack.compare(base, write_run(tmp_path / "bend", rows(3, "bend")))
    with pytest.raises(InputError, match="road/x=1@1#1 twice"):
        drivestack.compare(base, write_run(tmp_path / "twice", [*rows(3), rows(2)[1]]))
    with pytest.raises(InputError, match="did you mean 'contact'"):
        drivestack.compare(base, base, measures=["contct"])
    with pytest.raises(InputError, match="not compared"):
        drivestack.compare(base, base, measures=["contact"], tolerances={"pdms_1": 0.1})
    for value in (-1.0, float("nan")):
        with pytest.raises(InputError, match="from 0"):
            drivestack.compare(base, base, tolerances={"pdms_1": value})
