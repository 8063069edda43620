"""The page of a comparison in a headless Chromium: filters, sorting, both episodes on one clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.report import write_comparison
from drivestack.sim.comparing.compare import compare
from tests.report.blocks import data_of
from tests.report.browser import CHROMIUM, Browser
from tests.report.conftest import Changed

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.usefixtures("quiet"),
]

ROWS = "[...document.querySelectorAll('.cases tbody tr')].map((row) => row.innerText)"
NAMES = "[...document.querySelectorAll('.cases tbody .name')].map((one) => one.textContent)"
MEASURES = "[...document.querySelectorAll('.differences tbody th')].map((one) => one.innerText)"
CLOCK = "document.querySelector('.clock').textContent"
DRAWN = "[0, 1].map((side) => document.getElementById(`scene-${side}`).toDataURL())"
KEY = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'KEY', bubbles: true}))"


@pytest.fixture(scope="module")
def page(road_run: Path, other_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    return write_comparison(compare(road_run, other_run), folder / "it's a page.html", 2)


def words(measure: str) -> str:
    """A measure as pages write it."""
    return (f"{measure[:-2]}@1" if measure.endswith("_1") else measure).replace("_", " ")


def click(browser: Browser, selector: str) -> None:
    browser.run(f"document.querySelector({selector!r}).click()")


@pytest.mark.parametrize(("width", "height", "mobile"), [(1280, 900, False), (390, 844, True)])
def test_both_pages_draw(
    browser: Browser, page: Path, width: int, height: int, mobile: bool
) -> None:
    """On a desk and on a phone, where nothing is wider than the window."""
    browser.size(width, height, mobile)
    browser.open(page)
    for name in ("compare", "pair"):
        browser.go(f"#{name}")
        assert browser.run("document.querySelector('main').innerText.length") > 200
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.querySelector('#tabs [aria-current]').dataset.page") == name
        assert "[object" not in browser.run("document.querySelector('main').innerText")
    for side in (0, 1):
        assert browser.colours(f"scene-{side}") > 20
        assert browser.colours(f"strips-{side}") > 5


def test_filters(browser: Browser, page: Path) -> None:
    browser.size(1280, 900)
    browser.open(page, "#compare")
    assert len(browser.run(ROWS)) == 3
    click(browser, "#only-contact")
    (row,) = browser.run(ROWS)
    assert "now contact at fault, contact" in row
    click(browser, "#only-contact")
    click(browser, "#only-acted")
    assert len(browser.run(ROWS)) == 3
    click(browser, "#only-worse")
    # worse by the measure that is shown, or newly wrong
    assert any("now contact" in row for row in browser.run(ROWS))
    browser.run(
        "(() => { const box = document.getElementById('pair-text'); box.value = '@1#2';"
        " box.dispatchEvent(new Event('input')); })()"
    )
    assert all("@1#2" in name for name in browser.run(NAMES))


def test_both_tables_can_be_sorted(browser: Browser, page: Path) -> None:
    """By any column, either way; a measure that is clicked is shown of every episode."""
    browser.size(1280, 900)
    browser.open(page, "#compare")
    assert browser.run(NAMES)[0].startswith("road@1#1")
    click(browser, ".cases th:first-child .sort")
    assert [name[:8] for name in browser.run(NAMES)] == ["road@1#0", "road@1#1", "road@1#2"]
    click(browser, ".cases th:first-child .sort")
    assert [name[:8] for name in browser.run(NAMES)] == ["road@1#2", "road@1#1", "road@1#0"]
    found = data_of(page.read_text())["pages"]["compare"]["groups"][0]["differences"]
    gaps = {words(one["measure"]): one["difference"] for one in found if one["changed"]}
    assert browser.run(MEASURES) == list(gaps), "regressions first"
    click(browser, ".differences th:nth-child(6) .sort")
    assert [gaps[name] for name in browser.run(MEASURES)] == sorted(gaps.values())
    browser.run(
        "[...document.querySelectorAll('.differences .link')]"
        ".find((one) => one.innerText === 'mean speed').click()"
    )
    assert "mean speed: base" in browser.run("document.querySelector('.cases thead').innerText")


def test_a_click_opens_both_on_one_clock(browser: Browser, page: Path) -> None:
    browser.size(1280, 900)
    browser.open(page, "#compare")
    browser.run("document.querySelector('.cases .name a').click()")
    browser.until("!!document.getElementById('scene-1')")
    assert browser.run("document.querySelector('h1').textContent") == "road@1#1"
    before = browser.run(DRAWN)
    assert before[0] != before[1]
    browser.run(KEY.replace("KEY", "ArrowRight"))
    assert browser.run(CLOCK) == "0.05 s  tick 1"
    after = browser.run(DRAWN)
    assert before[0] != after[0]
    assert before[1] != after[1]
    browser.run(KEY.replace("KEY", "End"))
    assert browser.run(CLOCK) == "3.00 s  tick 60"
    browser.until("location.hash.includes('t=3.00')")
    browser.open(page, "#pair?n=1&t=1.25")
    assert browser.run(CLOCK) == "1.25 s  tick 25"


def test_pairs_that_cannot_be_shown_say_why(
    browser: Browser, page: Path, road_run: Path, tmp_path: Path
) -> None:
    """Not embedded, not there, without a tick, no difference at all."""
    browser.size(1280, 900)
    last = "(() => report.pages.compare.rows.find((row) => !row.embedded).episodes[0])()"
    browser.open(page, "#compare")
    browser.go(f"#pair?n={browser.run(last)}")
    told = browser.run("document.querySelector('main').innerText")
    assert "not embedded" in told
    assert "drivestack replay 'run' --episode" in told
    browser.go("#pair?n=77")
    assert "no such pair" in browser.run("document.querySelector('.notice').innerText")
    odd = Changed(road_run, tmp_path / "odd").without_ticks(1).sealed()
    browser.open(write_comparison(compare(road_run, odd), tmp_path / "odd.html"), "#pair?n=1")
    assert "no tick" in browser.run("document.querySelector('.notice').innerText")
    same = write_comparison(compare(road_run, road_run), tmp_path / "same.html")
    browser.open(same)
    assert "No pair differs" in browser.run("document.querySelector('main').innerText")
    browser.go("#pair")
    assert browser.colours("scene-0") > 20
