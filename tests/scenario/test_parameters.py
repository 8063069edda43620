from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario import load
from tests.scenario.writing import edited, write

NAMED = edited(
    "id: two-lanes\n",
    'id: two-lanes\nparameters: {kph: 36, gap: 20, v: "${kph / 3.6}", side: 1}\n',
    edited(
        "{kind: idm, name: lead, lane: [a, b, 1], s: 30, speed: 5}",
        '{kind: idm, name: lead, lane: [a, b, "${side}"], s: "${10 + gap}", speed: "${v - 5}"}',
        edited("s: 10, speed: 10", 's: 10, speed: "${v}"'),
    ),
)


def test_fields_take_the_values_of_expressions(tmp_path: Path) -> None:
    (start,) = load(write(tmp_path, "s.yaml", NAMED))
    assert start.bodies["x"].tolist() == [10.0, 30.0]
    assert start.bodies["speed"].tolist() == [10.0, 5.0]
    assert json.loads(start.resolved)["parameters"] == {"kph": 36, "gap": 20, "v": 10, "side": 1}


def test_parameters_are_varied_and_combinations_excluded_by_a_condition(tmp_path: Path) -> None:
    varied = NAMED + "vary: {parameters.kph: [18, 36, 72], parameters.gap: [5, 20]}\n"
    found = list(load(write(tmp_path, "s.yaml", varied + 'exclude: ["${v * 2 > gap}"]\n')))
    assert [start.scenario for start in found] == [
        "two-lanes/kph=18,gap=20@1#0", "two-lanes/kph=36,gap=20@1#0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("${v - 5}", "${w - 5}", "actors.0.speed: no parameter 'w'"),
        ("${v - 5}", "${v - 5", "actors.0.speed: expected '}'"),
        ("${v - 5}", "${v - 15}", "actors.0.speed: expected a number greater than or equal to 0"),
        ("${kph / 3.6}", "${v / 3.6}", "parameters.v: no parameter 'v'"),
        ("side: 1}", "side: [1]}", "parameters.side: expected a number"),
        ("${side}", "${side + 8}", "actors.0.lane: no lane [a, b, 9]"),
    ],
)  # fmt: skip
def test_mistakes_name_the_field(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    path = write(tmp_path, "s.yaml", edited(old, new, NAMED))
    with pytest.raises(InputError) as caught:
        list(load(path))
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")
