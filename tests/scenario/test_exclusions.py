"""What `exclude:` leaves out, and where its mistakes are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.expand import cases
from drivestack.scenario.loader import documents
from tests.scenario.writing import SCENARIO, write


def found(folder: Path, more: str) -> list[str]:
    (document,) = documents(write(folder, "scenario.yaml", SCENARIO + more))
    return [case.id.removeprefix("two-lanes/") for case in cases(document)]


def mistake(folder: Path, more: str) -> str:
    with pytest.raises(InputError) as caught:
        found(folder, more)
    return str(caught.value).removeprefix(f"{folder}/scenario.yaml:")


def line(text: str) -> int:
    """The line that `text` stands on when it is written after SCENARIO."""
    return SCENARIO.count("\n") + text.count("\n") + 1


def test_a_table_leaves_out_what_has_all_its_values(tmp_path: Path) -> None:
    more = (
        "vary: {ego.speed: [1, 2], actors.lead.s: [20, 30]}\n"
        "exclude: [{ego.speed: 2, actors.lead.s: [30]}]\n"
    )
    assert len(found(tmp_path, more)) == 3


def test_a_condition_may_look_at_random_parameters(tmp_path: Path) -> None:
    more = (
        "seeds: 0-49\nparameters: {a: 0, b: 1}\n"
        "vary: {parameters.b: [1, 2], parameters.a: {uniform: [0, 1]},"
        " ego.speed: {uniform: [1, 9]}}\n"
    )
    kept = found(tmp_path, more + 'exclude: ["${a > 0.5}"]\n')
    assert 20 < len(kept) < 80
    assert all(float(case.split("a=")[1].split(",")[0]) <= 0.5 for case in kept)
    kept = found(tmp_path, more + 'exclude: ["${b == 2}"]\n')
    assert len(kept) == 50


@pytest.mark.parametrize("exclude", ["", 'exclude: ["${a == 7}"]\n'])
def test_a_varied_parameter_has_the_place_of_its_axis(tmp_path: Path, exclude: str) -> None:
    before = 'parameters: {a: 1}\nvary:\n  parameters.a: [1, "${2+1}", '
    said = mistake(tmp_path, before + "[1]]\n" + exclude)
    assert said.startswith(f"{line(before)}: parameters.a: expected a number")
    said = mistake(tmp_path, before + '"${2+c}"]\n' + exclude.replace("a ==", "a + 1 =="))
    assert said.startswith(f"{line(before)}: parameters.a: no parameter 'c'")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("${a}", "but ${a} is 1"),
        ("${a / 2 + 1}", "is 1.5"),
        ("${t}", "is 'x'"),
        ("${c}", "no parameter 'c'"),
        ("${a +}", "operand is missing"),
    ],
)
def test_a_condition_must_be_true_or_false(tmp_path: Path, condition: str, said: str) -> None:
    before = "parameters: {a: 1, t: x}\nvary: {parameters.a: [1, 2]}\nexclude:\n  - ${a == 9}\n  - "
    error = mistake(tmp_path, f'{before}"{condition}"\n')
    assert error.startswith(f"{line(before)}: exclude.1: ")
    assert said in error


@pytest.mark.parametrize("condition", ["${a == 0}", "${a == 0 or c > 100}"])
def test_a_condition_excludes_what_would_have_no_value(tmp_path: Path, condition: str) -> None:
    more = (
        'parameters: {a: 1, b: "${10 / a}", c: "${b + 1}"}\n'
        f'vary: {{parameters.a: [0, 1, 2]}}\nexclude: ["{condition}"]\n'
    )
    assert found(tmp_path, more) == ["a=1@1#0", "a=2@1#0"]


def test_a_condition_that_uses_what_has_no_value_is_refused(tmp_path: Path) -> None:
    before = "parameters:\n  a: 1\n"
    more = '  b: "${10 / a}"\n  c: "${b + 1}"\nvary: {parameters.a: [0, 1]}\n'
    said = mistake(tmp_path, f'{before}{more}exclude: ["${{c > 100}}"]\n')
    assert said.startswith(f"{line(before)}: parameters.b: ")
    assert "division by zero" in said


def test_a_table_about_what_is_not_varied_is_refused(tmp_path: Path) -> None:
    said = mistake(tmp_path, "vary: {ego.speed: [1]}\nexclude: [{ego.sped: 1}]\n")
    assert "ego.sped: not a varied path; did you mean 'ego.speed'?" in said
