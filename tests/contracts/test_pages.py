"""What every page of a report promises: data that JSON can say, of any run, and a script to it."""

from __future__ import annotations

import inspect
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from drivestack.report.compared import seen
from drivestack.report.pages import COMPARED, JUDGED, PAGES, WATCHED
from drivestack.report.pages.judgement import Judgement
from drivestack.report.pages.look import Look
from drivestack.report.reading import opened
from drivestack.sim.comparing.compare import compare
from drivestack.sim.interventions.evaluate import evaluate
from drivestack.sim.interventions.facts import facts_of, human_facts_of
from drivestack.sim.interventions.human import Humans, human_of
from drivestack.sim.suite import run
from tests.scenes import write_road


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> list[Look]:
    """Two drives, one that drives itself, and one that nobody may replay."""
    folder, found = tmp_path_factory.mktemp("pages"), []
    for kind, embedded in (("stack", (0, 1)), ("idm", (0,)), ("stack", ())):
        path, out = write_road(folder, kind=kind, limit=0.3, seeds="0-1"), folder / f"{len(found)}"
        run(path, stack="constant", controller="pid", out=out)
        log = opened(Path(out))
        found.append(Look(log, log.episodes(), log.acted(), embedded))
    return found


@pytest.mark.parametrize("name", PAGES)
def test_data_is_json_and_the_same_again(name: str, looks: list[Look]) -> None:
    for look in looks:
        text = json.dumps(PAGES[name].data(look), allow_nan=False)
        assert json.dumps(PAGES[name].data(look), allow_nan=False) == text


@pytest.mark.parametrize("name", COMPARED)
def test_data_of_comparisons_is_json_and_the_same_again(name: str, looks: list[Look]) -> None:
    base, itself, other = looks[0].log.folder, looks[0].log.folder, looks[2].log.folder
    for second in (itself, other):
        both = seen(compare(base, second), 1)
        text = json.dumps(COMPARED[name].data(both), allow_nan=False)
        assert json.dumps(COMPARED[name].data(both), allow_nan=False) == text


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judgement]:
    """A layer that was judged with twins, and one that looked on."""
    folder = tmp_path_factory.mktemp("judgements")
    path = write_road(folder, limit=0.3)
    chosen: dict[str, Any] = {"stack": "constant", "controller": "pid"}
    found = evaluate(path, out=folder / "twins", **chosen)
    run(path, out=folder / "shadow", shadow_layer=True, **chosen)
    humans = Humans(folder, {"layer": human_of(folder / "shadow")})
    facts = {"JUDGED": facts_of(found), "WATCHED": human_facts_of(humans)}
    return {kind: Judgement(one, []) for kind, one in facts.items()}


@pytest.mark.parametrize(
    ("kind", "name"), [*(("JUDGED", n) for n in JUDGED), *(("WATCHED", n) for n in WATCHED)]
)
def test_data_of_judgements_is_json_and_the_same_again(
    kind: str, name: str, judgements: dict[str, Judgement]
) -> None:
    page, judged = {"JUDGED": JUDGED, "WATCHED": WATCHED}[kind][name], judgements[kind]
    text = json.dumps(page.data(judged), allow_nan=False)
    assert json.dumps(page.data(judged), allow_nan=False) == text


@pytest.mark.parametrize("name", [*PAGES, *COMPARED, *JUDGED, *WATCHED])
def test_its_script_draws_it(name: str) -> None:
    script = files("drivestack.report").joinpath("pages", f"{name}.js").read_text("utf-8")
    assert re.search(rf"^pages\.{name} = ", script, re.M)
    assert script.startswith("// ")
    for forbidden in ("innerHTML", "eval(", "fetch(", "XMLHttpRequest", "import("):
        assert forbidden not in script


@pytest.mark.parametrize("name", [*PAGES, *COMPARED, *JUDGED, *WATCHED])
def test_it_has_a_title_and_says_what_it_shows(name: str) -> None:
    page = {**PAGES, **COMPARED, **JUDGED, **WATCHED}[name]
    assert page.title
    assert inspect.getdoc(page.data)
