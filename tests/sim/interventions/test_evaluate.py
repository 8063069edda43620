"""The layer on scenarios whose outcome is known: labels, times, costs, cases, files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivestack.core.errors import InputError
from drivestack.sim.interventions.evaluate import Evaluation, evaluate
from drivestack.sim.interventions.facts import facts_of, write_facts
from drivestack.sim.interventions.labels import Label
from drivestack.sim.interventions.reading import rows_in
from drivestack.sim.suite import run
from tests.sim.interventions.conftest import LAYER
from tests.sim.interventions.suite import NAMES

TICK = 0.05


def test_every_scenario_has_the_label_it_is_named_by(known: Evaluation) -> None:
    (account,) = known.accounts
    spells = rows_in(Path(account.folder), "interventions")
    assert {NAMES[row["episode"]]: row["label"] for row in spells} == {
        name: name for name in NAMES if name != "quiet"
    }
    counts = {label: n for label, n in account.episodes.labels.items() if n}
    assert counts == {Label(name): 1 for name in NAMES}
    assert (account.episodes.needed, account.episodes.acted) == (2, 4)
    assert account.episodes.precision.rate.hits == 2
    assert account.episodes.recall.rate.hits == account.episodes.recall.rate.trials == 2
    assert account.by_check["time_to_collision"].acted == 4


def test_times_are_those_of_the_braking_distance(known: Evaluation) -> None:
    (account,) = known.accounts
    saved, *_ = rows_in(Path(account.folder), "interventions")
    # 80 m to the obstacle at 15 m/s, of which 15^2 / (2 * 8) are needed to stop
    contact, needed = (101.25 - 1.25 - 22.5) / 15.0, 15.0 / 16.0
    assert saved["twin_tick"] * TICK == pytest.approx(contact, abs=TICK)
    # due at 15 / (2 * 6) + 0.35 s before
    assert saved["lead"] == pytest.approx(15.0 / 12.0 + 0.35, abs=0.1 + TICK)
    assert saved["margin"] == pytest.approx(saved["lead"] - needed, abs=2 * TICK)
    assert saved["twin_impact"] == pytest.approx(15.0)
    assert saved["twin_delta_v"] == pytest.approx(7.5)
    assert saved["twin_at_fault"]
    assert not saved["own_at_fault"]
    assert account.too_late == 1  # of `mitigated`
    ((bare, own),) = account.impact
    assert bare == pytest.approx(7.5)
    # 10 m that are braked away with 8 m/s2
    assert own == pytest.approx(0.5 * (15.0**2 - 16.0 * 10.0) ** 0.5, abs=0.5)


def test_a_twin_is_the_run_without_the_layer(known: Evaluation) -> None:
    (account,) = known.accounts
    bare = {row["episode"]: row for row in known.bare.episodes}
    seen = 0
    for row in rows_in(Path(account.folder), "interventions"):
        if row["twin_mishap"] == "contact" and row["spell"] == 0:
            assert row["twin_tick"] == bare[row["episode"]]["ticks"]
            assert row["twin_delta_v"] == bare[row["episode"]]["impact_delta_v"]
            seen += 1
    assert seen == 2


def test_costs_are_counted(known: Evaluation) -> None:
    cost = known.accounts[0].cost
    assert cost.bare_brakes == cost.bare_hard_brakes == 0.0
    assert cost.brakes == pytest.approx(4 / cost.hours)
    assert 0.0 < cost.override < 0.5
    assert cost.rear_conflicts == 1
    assert cost.jerk > cost.bare_jerk
    # `needless` and `quiet`: braking for what vanishes loses way
    assert cost.progress.count == 2
    assert cost.progress.value is not None
    assert cost.progress.value < 0.0


def test_cases_are_driven_again_bit_for_bit(known: Evaluation, tmp_path: Path) -> None:
    (account,) = known.accounts
    cases = [case for case in account.cases if case.spell is None]
    assert [case.label for case in cases] == [Label.NEEDLESS, Label.HARM]
    digests = {row["scenario"]: row["digest"] for row in _all(known)}
    for case in cases:
        path = known.folder / case.file
        again = run(path, out=tmp_path / case.label, **LAYER)
        assert [row["digest"] for row in again.episodes] == [digests[case.scenario]]
        assert again.episodes[0]["scenario"] == case.scenario
        first, *_ = path.read_text().splitlines()
        assert first == f"# {case.label}: {case.why}"


def _all(known: Evaluation) -> list[dict[str, Any]]:
    return list(rows_in(Path(known.accounts[0].folder), "episodes"))


def test_sentences_say_why(known: Evaluation) -> None:
    whys = {case.label: case.why for case in known.accounts[0].cases if case.spell is None}
    assert "braking for road user" in whys[Label.HARM]
    assert "with the layer the episode ends in a contact of" in whys[Label.HARM]
    assert "not at fault, without it without a mishap" in whys[Label.HARM]
    assert whys[Label.NEEDLESS].endswith("without a mishap too")


def test_nothing_depends_on_batch_or_processes(
    known: Evaluation, suite: Path, tmp_path: Path
) -> None:
    ways: tuple[dict[str, Any], ...] = ({"batch": 1}, {"batch": 2, "workers": 2})
    for number, how in enumerate(ways):
        again = evaluate(suite, out=tmp_path / str(number), **LAYER, **how)
        assert rows_in(Path(again.accounts[0].folder), "interventions") == rows_in(
            Path(known.accounts[0].folder), "interventions"
        )


def test_json_has_everything_and_is_whole(known: Evaluation) -> None:
    path = write_facts(known.folder, facts_of(known))
    found = json.loads(path.read_text())["layers"]["layer"]
    assert found["episodes"]["saved"] == found["spells"]["saved"] == 1
    assert found["episodes"]["rates"]["recall"]["rate"]["trials"] == 2
    assert (found["checks"], found["bound"]) == ([], ["time_to_collision"])
    assert {case["label"] for case in found["cases"]} == {"needless", "harm"}


def test_a_layer_without_the_check_misses(suite: Path, tmp_path: Path) -> None:
    given: dict[str, Any] = LAYER | {"checks": ("road_boundary",)}
    found = evaluate(suite, out=tmp_path / "out", ablate=True, prices=(0.5,), **given)
    accounts = {account.arm: account for account in found.accounts}
    assert list(accounts) == [
        "layer",
        "without-road_boundary",
        "without-time_to_collision",
        "only-road_boundary",
        "only-time_to_collision",
        "price-0.5",
    ]
    for name in ("without-time_to_collision", "only-road_boundary"):
        assert accounts[name].episodes.labels[Label.MISSED] == 2
        assert accounts[name].episodes.acted == 0
        assert accounts[name].episodes.avoided.at_most == 1.0
    for name in ("without-road_boundary", "only-time_to_collision", "price-0.5"):
        assert accounts[name].episodes.labels[Label.SAVED] == 1
    assert accounts["price-0.5"].price == 0.5
    assert all("never acted" in case.why for case in accounts["only-road_boundary"].cases)


def test_it_goes_on_where_it_was(known: Evaluation, suite: Path) -> None:
    again = evaluate(suite, out=known.folder, resume=True, **LAYER)
    assert facts_of(again) == facts_of(known)
    with pytest.raises(InputError, match="exists"):
        evaluate(suite, out=known.folder, **LAYER)


def test_running_a_red_light_is_a_mishap(tmp_path: Path) -> None:
    path = tmp_path / "light.yaml"
    lane = "{kind: straight, from: a, to: b, start: [0, 0], end: [300, 0], speed_limit: 30}"
    light = "{name: l, phases: [[red, 60], [green, 10]], lines: [{lane: [a, b, 0], s: 100}]}"
    path.write_text(
        f"id: light\nmap: {{kind: lanes, lanes: [{lane}]}}\nlights: [{light}]\n"
        "ego: {lane: [a, b, 0], s: 20, speed: 15}\ntime_limit: 8\n"
    )
    given: dict[str, Any] = LAYER | {"checks": ("right_of_way",), "bind": ()}
    found = evaluate(path, out=tmp_path / "out", **given)
    first, *_ = rows_in(Path(found.accounts[0].folder), "interventions")
    assert (first["label"], first["twin_mishap"], first["check"]) == (
        "saved",
        "red_light",
        "red_light",
    )
    # its front is 77.5 m before the line
    assert first["twin_tick"] * TICK == pytest.approx(77.5 / 15.0, abs=TICK)
    assert found.accounts[0].episodes.labels[Label.SAVED] == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"horizon": 0.0}, "twins must be followed for more than 0 s"),
        ({"horizon": float("nan")}, "twins must be followed for more than 0 s"),
        ({"prices": (1.0, 1.0)}, "prices must differ"),
        ({"prices": (-1.0,)}, "prices must be numbers from 0"),
        ({"checks": ("nothing",)}, "unknown check 'nothing'"),
        ({"bind": ("nothing",)}, "unknown monitor 'nothing'"),
        ({"price": float("inf")}, "price must be a number from 0"),
        ({"shadow_layer": True}, "a layer that only looks on has no twins"),
    ],
)
def test_wrong_words_are_told(
    given: dict[str, Any], told: str, suite: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=told):
        evaluate(suite, out=tmp_path / "out", **LAYER | given)
    assert not (tmp_path / "out").exists()
