from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.expand import Case, cases
from drivestack.scenario.loader import documents
from tests.scenario.writing import SCENARIO, write


def expanded(folder: Path, more: str) -> list[Case]:
    (document,) = documents(write(folder, "scenario.yaml", SCENARIO + more))
    return list(cases(document))


def test_grids_are_products_in_order_and_ids_say_which(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        "seeds: 0-1\nvary: {ego.speed: [1, 2.5], actors.lead.s: [20, 30, 40]}\n"
        "exclude: [{ego.speed: 2.5, actors.lead.s: [20, 40]}]\n",
    )
    assert [case.id for case in found] == [
        "two-lanes/ego.speed=1,actors.lead.s=20@1#0",
        "two-lanes/ego.speed=1,actors.lead.s=20@1#1",
        "two-lanes/ego.speed=1,actors.lead.s=30@1#0",
        "two-lanes/ego.speed=1,actors.lead.s=30@1#1",
        "two-lanes/ego.speed=1,actors.lead.s=40@1#0",
        "two-lanes/ego.speed=1,actors.lead.s=40@1#1",
        "two-lanes/ego.speed=2.5,actors.lead.s=30@1#0",
        "two-lanes/ego.speed=2.5,actors.lead.s=30@1#1",
    ]
    assert [case.scenario.actors[0].s for case in found[::2]] == [20, 30, 40, 30]  # pyright: ignore


def test_any_value_can_vary(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        "vary:\n  ego.kind: [stack, idm]\n  ego.lane: [[a, b, 0], [a, b, 1]]\n"
        "  map.lanes.1.speed_limit: [null, 5]\n  rates.plan: [5]\n  actors.0.lane_changes: [false]",
    )
    assert len(found) == 8
    assert found[0].id.startswith('two-lanes/ego.kind=stack,ego.lane=["a","b",0],map.lanes.1')
    assert {case.scenario.rates.plan for case in found if case.scenario.rates} == {5}


RANDOM = (
    "seeds: 3-6\ncount: 4\nvary:\n  ego.speed: {uniform: [5, 15]}\n"
    "  actors.lead.s: {normal: {mean: 40, sd: 20, min: 20, max: 60}}\n"
    "  actors.lead.speed: {choice: [1, 2, 3]}\n"
)


def test_draws_depend_on_seed_id_path_and_number_alone(tmp_path: Path) -> None:
    found = expanded(tmp_path, RANDOM)
    assert len(found) == len({case.id for case in found}) == 16
    speeds = {case.id: case.scenario.ego.speed for case in found}
    assert len(set(speeds.values())) == 16
    again = expanded(tmp_path, RANDOM.replace("seeds: 3-6\ncount: 4", "seeds: [6, 3]\ncount: 2"))
    picked = {(case.seed, case.id.split("draw=")[1]): case.scenario.ego.speed for case in found}
    for case in again:
        assert picked[case.seed, case.id.split("draw=")[1]] == case.scenario.ego.speed
    other = expanded(tmp_path, RANDOM.replace("  ego.speed: {uniform: [5, 15]}\n", ""))
    assert [c.scenario.actors for c in other] == [c.scenario.actors for c in found]


def test_draws_stay_in_their_range(tmp_path: Path) -> None:
    for case in expanded(tmp_path, RANDOM.replace("count: 4", "count: 50")):
        lead = case.scenario.actors[0]
        assert 5 <= (case.scenario.ego.speed or 0) <= 15
        assert 20 <= lead.s <= 60  # pyright: ignore[reportAttributeAccessIssue]
        assert lead.speed in (1, 2, 3)  # pyright: ignore[reportAttributeAccessIssue]


def test_expansion_is_lazy(tmp_path: Path) -> None:
    axes = ", ".join(f"ego.{field}: {list(range(1, 90))}" for field in ("s", "speed", "lateral"))
    text = SCENARIO + f"seeds: 0-999999\nvary: {{{axes}}}\n"
    (document,) = documents(write(tmp_path, "scenario.yaml", text))
    first = list(itertools.islice(cases(document), 3))
    assert [case.seed for case in first] == [0, 1, 2]


def test_a_combination_that_does_not_fit_is_reported_when_it_comes(tmp_path: Path) -> None:
    more = "vary:\n  ego.kind: [idm, stack]\n  ego.target_speed: [null, 5]\n"
    (document,) = documents(write(tmp_path, "scenario.yaml", SCENARIO + more))
    found = cases(document)
    assert [next(found).scenario.ego.target_speed for _ in range(3)] == [None, 5, None]
    with pytest.raises(InputError, match=r":13: ego\.target_speed: only an ego of kind idm"):
        next(found)


def test_resolved_holds_the_concrete_scenario(tmp_path: Path) -> None:
    case = expanded(tmp_path, "seeds: 7\nvary: {ego.speed: [9]}\nexpect: {contact: false}\n")[0]
    facts = json.loads(case.resolved())
    assert facts["ego"]["speed"] == 9
    assert facts["seed"] == 7
    assert facts["expect"]["contact"] is False
    assert not {"vary", "seeds", "count", "exclude"} & set(facts)
    assert facts["map"]["lanes"][0]["from"] == "a"
    again = json.dumps({key: value for key, value in facts.items() if key != "seed"})
    (document,) = documents(write(tmp_path, "again.yaml", again))
    assert next(cases(document)).scenario.ego == case.scenario.ego
