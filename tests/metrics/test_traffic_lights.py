"""TLC: crossing a stop line at red, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivestack.core.episode import Reason
from drivestack.core.lights import Colour, Light
from drivestack.core.start import Start
from drivestack.core.types import Floats
from drivestack.metrics.judge import judged, measured
from tests.metrics.drives import driven, straight_ego
from tests.scenes import starts_of, two_lanes, write_road

GREEN, YELLOW, RED = Colour.GREEN, Colour.YELLOW, Colour.RED


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def light(*phases: tuple[Colour, int], lane: int = 1, s: float = 110.0) -> Light:
    return Light("main", phases, 0, ((0, 500.0), (lane, s)))


def tlc(start: Start, ego: Floats, *lights: Light) -> Reason:
    episode = driven(replace(start, lights=lights), two_lanes(), ego)
    return next(r for r in judged(episode) if r.measure == "traffic_lights")


# the front, 2.5 m before the centre, is at 102.5 m at tick 0 and goes on 1 m a tick of 0.1 s
@pytest.mark.parametrize(
    ("phases", "value"),
    [
        (((GREEN, 8), (RED, 90)), 0.0),  # over the line at tick 8 with 110.5 m: it is red then
        (((GREEN, 9), (RED, 90)), 1.0),
        (((RED, 8), (GREEN, 90)), 1.0),
        (((RED, 9), (GREEN, 90)), 0.0),
        (((Colour.RED_YELLOW, 98),), 0.0),
        (((YELLOW, 98),), 1.0),
        (((Colour.INACTIVE, 98),), 1.0),
    ],
)
def test_by_the_colour_at_the_line(start: Start, phases: tuple, value: float) -> None:
    assert tlc(start, straight_ego(10.0), light(*phases)).value == value


def test_the_reason(start: Start) -> None:
    reason = tlc(start, straight_ego(10.0), light((GREEN, 5), (RED, 90)))
    assert (reason.value, reason.tick) == (0.0, 8)
    assert reason.measured == pytest.approx(0.4)
    assert "light main on lane [a, b, 1] at 110.0 m at 0.80 s, red for 0.40 s" in reason.sentence


def test_who_stops_before_the_line_complies(start: Start) -> None:
    assert tlc(start, straight_ego(0.0), light((RED, 9))).value == 1.0
    assert tlc(start, straight_ego(1.0), light((RED, 9))).value == 1.0


def test_another_lane_is_not_crossed(start: Start) -> None:
    assert tlc(start, straight_ego(10.0), light((RED, 9), lane=0)).value == 1.0
    assert tlc(start, straight_ego(10.0, y=4.0), light((RED, 9), lane=0)).value == 0.0


def test_who_stands_over_the_line_has_crossed_it_before(start: Start) -> None:
    assert tlc(start, straight_ego(10.0), light((RED, 9), s=101.0)).value == 1.0


def test_absent_without_lights(start: Start) -> None:
    reason = tlc(start, straight_ego(10.0))
    assert (reason.value, reason.sentence) == (None, "there are no traffic lights")


def test_it_is_a_factor_of_epdms(start: Start) -> None:
    ego = straight_ego(10.0)
    for phases, share in ((((GREEN, 9),), 1.0), (((RED, 9),), 0.0)):
        lit = replace(start, lights=(light(*phases),))
        values = measured(driven(lit, two_lanes(), ego))
        without = measured(driven(start, two_lanes(), ego))
        assert without["epdms_1"]
        assert values["epdms_1"] == share * without["epdms_1"]


def test_waiting_at_red_is_no_freezing(start: Start) -> None:
    ego = straight_ego(0.0, seconds=8.0)

    def frozen(one: Light) -> float | None:
        return measured(driven(replace(start, lights=(one,)), two_lanes(), ego))["frozen"]

    assert [frozen(light((colour, 9))) for colour in (RED, YELLOW, GREEN)] == [0.0, 0.0, 1.0]
    assert frozen(light((RED, 9), s=113.0)) == 1.0
