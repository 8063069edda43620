"""Pictures of an episode, which need no encoder: the ego in the middle, others where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from drivestack.report.picture import METRES, SIZE, Picture
from drivestack.report.reading import opened
from drivestack.report.replay import replay_of
from drivestack.sim.parquet import connected

pytest.importorskip("PIL", reason="pillow is not installed")

EGO = np.array([0x1B, 0x62, 0xC9])
SCALE = SIZE[0] / METRES
"""Pixels a metre."""


@pytest.fixture(scope="module")
def picture(road_run: Path) -> Picture:
    log = opened(road_run)
    row = log.episodes()[1]
    with connected() as connection:
        replay = replay_of(log, row, log.events([1])[1], connection)
        lanes = log.columns("SELECT * FROM {maps} WHERE map = $1", connection, row["map"])
    return Picture(replay, lanes)


def near(picture: NDArray[np.uint8], x: float, y: float, colour: NDArray) -> bool:
    """Whether a colour is within half a metre of a place, in metres from the middle; y is left."""
    across, down = round(SIZE[0] / 2 + x * SCALE), round(SIZE[1] / 2 - y * SCALE)
    reach = round(0.5 * SCALE)
    part = picture[down - reach : down + reach + 1, across - reach : across + reach + 1]
    return bool((np.abs(part.astype(int) - colour).max(axis=-1) < 8).any())


def test_the_ego_is_in_the_middle_and_others_where_they_are(picture: Picture) -> None:
    shown = picture.at(0)
    assert shown.shape == (SIZE[1], SIZE[0], 3)
    assert shown.dtype == np.uint8
    assert near(shown, 0.0, 0.0, EGO)
    ego, white = picture.of.ego_at(np.zeros(1, np.int32))[0], np.array([255, 255, 255])
    (lead, beside), ids = picture.of.agents[0] - [*ego, 0.0], picture.of.ids.tolist()
    assert ids == [1, 2]
    assert near(shown, lead[0], lead[1], white)
    assert near(shown, beside[0], beside[1], white)
    assert beside[1] > 2.0
    assert not near(shown, beside[0], -beside[1], white), "left is left"


def test_pictures_of_later_moments_differ(picture: Picture) -> None:
    first, last = picture.at(0), picture.at(60)
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > 20
    assert not np.array_equal(first, last)
    assert np.array_equal(first, picture.at(0))
