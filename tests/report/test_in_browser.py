"""Reports in a headless Chromium: they open from disk, draw, and ask nothing of the network."""

from __future__ import annotations

import shlex
from pathlib import Path

import duckdb
import pytest

from drivestack.cli.main import main
from drivestack.report import write
from tests.report.browser import CHROMIUM, Browser
from tests.report.conftest import Changed

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.usefixtures("quiet"),
]

SHOWS = """(() => {
  const canvas = document.getElementById("scene"), copy = document.createElement("canvas");
  [copy.width, copy.height] = [canvas.width, canvas.height];
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    count += (data[i] << 16 | data[i + 1] << 8 | data[i + 2]) === COLOUR;
  }
  return count;
})()"""
"""How many pixels of the scene have a colour."""

DRAWN = "document.getElementById('scene').toDataURL()"


@pytest.fixture(scope="module")
def page(road_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(road_run, tmp_path_factory.mktemp("page") / "it's a report.html")


@pytest.mark.parametrize(("width", "height", "mobile"), [(1360, 900, False), (390, 844, True)])
def test_every_page_draws(
    browser: Browser, page: Path, width: int, height: int, mobile: bool
) -> None:
    """On a desk and on a phone, where nothing is wider than the window."""
    browser.size(width, height, mobile)
    browser.open(page)
    for name in ("overview", "histograms", "episodes", "episode"):
        browser.go(f"#{name}")
        assert browser.run("document.querySelector('main').innerText.length") > 200
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.querySelector('#tabs [aria-current]').dataset.page") == name
        assert "[object" not in browser.run("document.querySelector('main').innerText")
    assert browser.colours("scene") > 20
    assert browser.colours("strips") > 5


def test_first_and_last_frame_draw_and_differ(browser: Browser, page: Path) -> None:
    browser.size(1360, 900)
    browser.open(page, "#ep=1")
    first, inked = browser.run(DRAWN), browser.colours("scene")
    browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'End', bubbles: true}))")
    assert browser.run("document.querySelector('.clock').textContent") == "3.00 s  tick 60"
    assert min(inked, browser.colours("scene")) > 20
    assert browser.run(DRAWN) != first


def test_stop_lines_show_the_colour_of_the_moment(
    browser: Browser, changed: Changed, tmp_path: Path
) -> None:
    page = write(changed.lit().folder, tmp_path / "lit.html")
    browser.size(1360, 900)
    for moment, shown, not_shown in (
        ("0.5", "0x2e9d4f", "0xd32f2f"),
        ("1.5", "0xd32f2f", "0x2e9d4f"),
    ):
        browser.open(page, f"#ep=0&t={moment}")
        assert browser.run(SHOWS.replace("COLOUR", shown)) > 20
        assert browser.run(SHOWS.replace("COLOUR", not_shown)) == 0


def test_scrubbing_playing_and_stepping(browser: Browser, page: Path) -> None:
    browser.size(1360, 900)
    browser.open(page, "#ep=0")
    before = browser.run(DRAWN)
    browser.run(
        "(() => { const scrub = document.querySelector('input[type=range]'); scrub.value = 1.5;"
        " scrub.dispatchEvent(new Event('input')); })()"
    )
    assert browser.run("document.querySelector('.clock').textContent") == "1.50 s  tick 30"
    assert browser.run(DRAWN) != before
    key = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'KEY', bubbles: true}))"
    browser.run(key.replace("KEY", "ArrowRight"))
    assert browser.run("document.querySelector('.clock').textContent") == "1.55 s  tick 31"
    browser.run(key.replace("KEY", " "))
    browser.until("document.querySelector('.clock').textContent === '3.00 s  tick 60'")
    # events lead to their moment, and what was played is in the address
    browser.run("document.querySelector('.events button').click()")
    assert "emergency brake" in browser.run("document.querySelector('.events').innerText")
    assert "emergency brake" in browser.run("document.querySelector('.reason').innerText")
    browser.until("location.hash.startsWith('#ep=0&t=')")


def test_a_deep_link_opens_its_moment(browser: Browser, page: Path) -> None:
    browser.size(1360, 900)
    browser.open(page, "#ep=2&t=1.25")
    assert browser.run("document.querySelector('.clock').textContent") == "1.25 s  tick 25"
    assert "seed 2" in browser.run("document.querySelector('.head').innerText")
    browser.open(page, "#ep=99")
    assert "no episode 99" in browser.run("document.querySelector('main').innerText")


def test_filters_and_sorting(browser: Browser, page: Path) -> None:
    browser.size(1360, 900)
    browser.open(page, "#episodes")
    rows = "document.querySelectorAll('.cases tbody tr').length"
    assert browser.run(rows) == 3
    browser.run(
        "(() => { const box = document.getElementById('filter-text'); box.value = '#1';"
        " box.dispatchEvent(new Event('input')); })()"
    )
    assert browser.run(rows) == 1
    browser.open(page, "#episodes?only=wrong")
    assert browser.run(rows) == 0
    browser.open(page, "#episodes?only=interventions")
    assert browser.run(rows) == 3
    first = "document.querySelector('.cases tbody td').innerText.trim()"
    browser.run("document.querySelector('.cases .sort').click()")
    assert browser.run(first).startswith("2")
    # a bin of a histogram leads to its episodes
    browser.go("#histograms")
    browser.run("document.querySelector('.bin[role]').dispatchEvent(new MouseEvent('click'))")
    browser.until("!!document.querySelector('.tools .chip')")
    assert browser.run(rows) >= 1


def test_odd_episodes_draw(browser: Browser, changed: Changed) -> None:
    """Nobody else there, not one tick, a contact in the only tick: nothing is blank."""
    browser.size(1360, 900)
    changed.without_agents().without_ticks(1).crashed_at_once(2)
    page = write(changed.folder)
    browser.open(page, "#ep=0&t=1")
    assert browser.colours("scene") > 20
    browser.open(page, "#ep=1")
    assert "ValueError: no world" in browser.run("document.querySelector('.notice').innerText")
    browser.open(page, "#ep=2")
    assert browser.colours("scene") > 10
    browser.open(page)
    assert "ValueError: no world" in browser.run("document.querySelector('table.wrong').innerText")


def test_far_from_the_origin(browser: Browser, changed: Changed) -> None:
    browser.size(1360, 900)
    browser.open(write(changed.moved_by(10_000.0).folder), "#ep=0&t=1")
    assert browser.colours("scene") > 20


def test_hostile_names_do_nothing(browser: Browser, changed: Changed) -> None:
    text = "</script><img src=x onerror=alert(1)><b>bold</b> {curly} ''quotes''"
    changed.table("episodes", f"SELECT * REPLACE ('{text}' AS scenario) FROM t")
    browser.size(1360, 900)
    browser.open(write(changed.folder), "#ep=0")
    assert browser.run("document.querySelector('h1').textContent") == text.replace("''", "'")
    browser.go("#episodes")
    assert browser.run("document.querySelectorAll('main img, main b').length") == 0


@pytest.mark.parametrize("embedded", [1, 0])
def test_the_command_of_an_episode_drives_it_again(
    browser: Browser, road_run: Path, tmp_path: Path, embedded: int
) -> None:
    """Of one that can be replayed, and of one that cannot."""
    browser.size(1360, 900)
    browser.open(write(road_run, tmp_path / "page.html", episodes=embedded), "#ep=0")
    words = shlex.split(browser.run("document.querySelector('.again code').innerText"))
    assert words[:2] == ["drivestack", "run"]
    assert words[3:] == ["--stack", "pdm15", "--only", "road@1#0"]
    assert main([*words[1:], "--no-report", "--out", str(tmp_path / "again")]) == 0
    query = "SELECT episode, scenario, digest FROM read_parquet(?) WHERE episode = 0"
    first, second = (
        duckdb.execute(query, [str(run / "episodes.parquet")]).fetchall()
        for run in (road_run, tmp_path / "again")
    )
    assert first == second != []


def test_what_is_not_embedded_says_how(browser: Browser, road_run: Path, tmp_path: Path) -> None:
    browser.size(1360, 900)
    browser.open(write(road_run, tmp_path / "page.html", episodes=1), "#ep=2")
    assert "drivestack replay run --episode 2 --html" in browser.run("document.body.innerText")


def test_an_old_browser_is_told(browser: Browser, page: Path) -> None:
    browser.size(1360, 900)
    script = "delete globalThis.DecompressionStream"
    added = browser.call("Page.addScriptToEvaluateOnNewDocument", source=script)
    browser.open(page, "#ep=0")
    browser.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added["identifier"])
    assert "too old" in browser.run("document.querySelector('.notice').innerText")
