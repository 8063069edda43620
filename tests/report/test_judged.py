"""The page of a judged safety layer: written, drawn from disk, nothing asked of the network."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivestack.report.judged import write_judgement
from drivestack.report.pages.safety import histogram
from drivestack.sim.interventions.evaluate import evaluate
from drivestack.sim.interventions.facts import facts_of, human_facts_of
from drivestack.sim.interventions.foretold import reliability
from drivestack.sim.interventions.human import Humans, human_of
from drivestack.sim.suite import run
from tests.report.browser import CHROMIUM, Browser
from tests.safety.networks import checkpoint, random_network
from tests.sim.interventions.suite import write_suite

drawn = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The page of the known scenarios, and the facts."""
    folder = tmp_path_factory.mktemp("judged")
    layer: dict[str, Any] = {"checks": ("road_boundary",), "bind": ("time_to_collision",)}
    layer["critic"] = str(checkpoint(folder, random_network()))
    found = evaluate(
        write_suite(folder), out=folder / "out", stack="constant", ablate=True, **layer,
        prices=(0.0, 0.1, 1.0),
    )  # fmt: skip
    facts = facts_of(found)
    return write_judgement(folder / "out", facts), facts


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a layer that looks on; whoever drives stands for humans."""
    folder = tmp_path_factory.mktemp("watched")
    layer: dict[str, Any] = {"checks": (), "bind": ("time_to_collision",)}
    chosen = {"stack": "constant", "shadow_layer": True, **layer}
    run(write_suite(folder), out=folder / "out" / "run", **chosen)
    human = human_of(folder / "out" / "run")
    other = replace(human, worst=())
    facts = human_facts_of(Humans(folder / "out", {"layer": human, "price-1": other}))
    return write_judgement(folder / "out", facts)


def test_pages_say_what_the_facts_say(judged: tuple[Path, dict[str, Any]]) -> None:
    page, facts = judged
    data = json.loads(page.read_text().split('id="data">')[1].split("</script>")[0])["pages"]
    assert data["safety"]["scenarios"] == 5
    assert len(data["safety"]["layers"]) == len(facts["layers"]) == 8
    assert [one["label"] for one in data["safety"]["cases"]] == ["needless", "harm"]
    assert sum(data["safety"]["lead"]["counts"]) == 2
    assert sum(data["safety"]["margin"]["counts"]) == 1
    rows = data["interventions"]["rows"]
    assert [row["label"] for row in rows] == ["harm", "needless", "mitigated", "saved"]
    assert all(row["sentence"].startswith("braking for road user") for row in rows)


def test_histograms_of_times() -> None:
    assert histogram([]) is None
    found = histogram([0.0, 0.1, 1.95, 2.0])
    assert found is not None
    assert found["width"] == 0.1
    assert (found["counts"][0], found["counts"][1], found["counts"][19]) == (1, 1, 1)
    assert (found["counts"][20], sum(found["counts"])) == (1, 4)
    long = histogram([-0.05, 7.9])
    assert long is not None
    assert long["width"] == 0.4
    assert sum(long["counts"]) == 2


@drawn
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("width", "height", "mobile"), [(1360, 900, False), (390, 844, True)])
def test_every_page_draws(
    browser: Browser, judged: tuple[Path, Any], watched: Path, width: int, height: int, mobile: bool
) -> None:
    browser.size(width, height, mobile)
    for page, names in ((judged[0], ("safety", "interventions")), (watched, ("humans",))):
        browser.open(page)
        for name in names:
            browser.go(f"#{name}")
            assert browser.run("document.querySelector('main').innerText.length") > 200
            assert browser.run("document.documentElement.scrollWidth") <= width
            text = browser.run("document.querySelector('main').innerText")
            assert not any(wrong in text for wrong in ("[object", "undefined", "NaN"))


@drawn
@pytest.mark.usefixtures("quiet")
def test_figures_hold_what_was_counted(browser: Browser, judged: tuple[Path, Any]) -> None:
    browser.size(1360, 900, False)
    browser.open(judged[0])
    browser.go("#safety")
    assert browser.run("document.querySelectorAll('svg.bars rect.label-missed').length") == 2
    assert (
        browser.run("document.querySelectorAll('svg.curve:not(.reliability) circle').length") == 9
    )
    assert browser.run("document.querySelectorAll('svg.histogram .bin').length") >= 2
    filled = [one for one in judged[1]["critic"]["bins"] if one["decisions"]]
    points = browser.run("document.querySelectorAll('svg.reliability circle').length")
    assert points == len(filled) > 0
    text = browser.run("document.querySelector('main').innerText")
    assert f"ECE {judged[1]['critic']['ece']:.3g}" in text
    assert all(one["worst"] in text for one in judged[1]["monitors"])
    browser.go("#interventions?label=harm")
    assert browser.run("document.querySelectorAll('tbody tr').length") == 1


@drawn
@pytest.mark.usefixtures("quiet")
def test_a_critic_of_which_no_outcome_is_known(
    browser: Browser, judged: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    none = np.zeros(0, np.int32)
    critic = asdict(reliability(none, none.astype(float), none.astype(bool), left_out=7))
    browser.open(write_judgement(tmp_path, judged[1] | {"critic": critic}))
    browser.go("#safety")
    text = browser.run("document.querySelector('main').innerText")
    assert "All 7 decisions are too near an end to tell." in text
