"""The same scenario and seed give byte-identical episodes, whatever runs beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from drivestack.core.sensor import PERFECT, Sensor
from drivestack.core.start import EgoKind, Rates, Start
from drivestack.core.tables import Plant
from drivestack.scenario.sources.highway_env import load as scene
from drivestack.sim.driver import Driver
from drivestack.sim.settings import Settings
from drivestack.sim.suite import run_starts
from drivestack.stack import STACKS, Latency
from tests.scenes import starts_of, write_road

RATES = Rates(20, 20, 10)
SCENES = ("highway-fast-v0", "roundabout-v1", "intersection-v2", "racetrack-v1", "merge-v1")


DRIVERS = {
    **{name: Driver(name) for name in STACKS if name != "replay"},  # these scenes have no log
    "idm, pid": Driver("idm", "pid"),
    "pdm15, late": Driver("pdm15", latency=Latency(plan=3, control=1)),
}
"""Who must not depend on what runs beside; the first one is tried on everything."""


def digests(
    starts: Sequence[Start], batch: int, workers: int = 1, driver: Driver | None = None
) -> dict[tuple[str, int], str]:
    settings = Settings(driver or Driver(), batch=batch, workers=workers)
    run = run_starts(starts, settings)
    assert [row["episode"] for row in run.episodes] == list(range(len(starts)))
    assert not [row["failure"] for row in run.episodes if row["failure"]]
    return {(row["scenario"], row["seed"]): row["digest"] for row in run.episodes}


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> list[Start]:
    """Scenes of unlike size and length, so that slots are refilled at unlike times."""
    folder = tmp_path_factory.mktemp("roads")
    found = [
        scene(name, seed, rates=RATES, time_limit=2.0 + 0.35 * i + 0.2 * seed)
        for i, name in enumerate(SCENES)
        for seed in (0, 1)
    ]
    found.append(scene("highway-fast-v0", 5, ego=EgoKind.IDM, rates=RATES, time_limit=3.0))
    found.append(scene("merge-v1", 5, ego=EgoKind.META, rates=RATES, time_limit=3.0))
    found += starts_of(write_road(folder, seeds="0-2", limit=1.5))
    found.append(scene("merge-v1", 6, plant=Plant.LAGGED, rates=RATES, time_limit=2.5))
    return found


@pytest.fixture(scope="module")
def alone(starts: list[Start]) -> dict[tuple[str, int], str]:
    return digests(starts, batch=1)


@pytest.mark.parametrize("batch", [2, 5, 32])
def test_batch_size(starts: list[Start], alone: dict[tuple[str, int], str], batch: int) -> None:
    assert digests(starts, batch) == alone


def test_order(starts: list[Start], alone: dict[tuple[str, int], str]) -> None:
    assert digests(starts[::-1], 4) == alone
    shuffled = starts[1::2] + starts[::2]
    assert digests(shuffled, 3) == alone


def test_two_workers(starts: list[Start], alone: dict[tuple[str, int], str]) -> None:
    assert digests(starts, 3, workers=2) == alone


@pytest.mark.parametrize("name", DRIVERS)
def test_every_driver(starts: list[Start], name: str) -> None:
    """Backwards in batches of 4 and in two processes gives the bytes of one at a time."""
    driver, some = DRIVERS[name], starts[::2]
    one_by_one = digests(some, 1, driver=driver)
    assert digests(some[::-1], 4, driver=driver) == one_by_one
    assert digests(some, 3, workers=2, driver=driver) == one_by_one


def test_repeated_scenario_in_one_batch(tmp_path: Path) -> None:
    (start,) = starts_of(write_road(tmp_path))
    run = run_starts([start] * 5, Settings(batch=2))
    assert len({row["digest"] for row in run.episodes}) == 1


def test_sensing_does_not_depend_on_what_runs_beside(starts: list[Start]) -> None:
    """Sensors of unlike kinds and latencies, and perfect ones, refilled at unlike times."""
    sensors = [
        Sensor(latency=3, position_noise=0.3, miss_probability=0.1),
        Sensor(range=60.0, visible_share=0.1, ghost_probability=0.05, ghost_ticks=10),
        PERFECT,
        Sensor(freeze_probability=0.1, freeze_ticks=5, speed_noise=0.5),
    ]
    blurred = [replace(start, sensing=sensors[i % 4]) for i, start in enumerate(starts)]
    alone = digests(blurred, batch=1)
    assert digests(blurred[::-1], 4) == alone
    assert digests(blurred, 5, workers=2) == alone


def test_perfect_sensing_by_hand_is_the_default(
    starts: list[Start], alone: dict[tuple[str, int], str]
) -> None:
    """The long way through memory, with effects that have no effect, gives the same bytes."""
    nothing = Sensor(ghost_ticks=2, freeze_ticks=2)
    assert not nothing.is_perfect
    assert digests([replace(start, sensing=nothing) for start in starts], 5) == alone
