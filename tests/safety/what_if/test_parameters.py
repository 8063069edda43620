"""What the tuned numbers are tied to: the envelope, sources, and each other."""

from __future__ import annotations

import math
from dataclasses import asdict

import pytest

from drivestack.safety.envelope import Envelope
from drivestack.safety.monitors.rss import RssMonitor
from drivestack.safety.what_if.parameters import Abilities, Beliefs, Judgement

ABLE, BELIEFS, JUDGEMENT = Abilities(), Beliefs(), Judgement()
ENVELOPE, RSS = Envelope(0.05), RssMonitor(0.05)


@pytest.mark.parametrize("part", [ABLE, BELIEFS, JUDGEMENT])
def test_no_number_is_negative(part: object) -> None:
    for name, value in asdict(part).items():  # pyright: ignore[reportArgumentType]
        assert value > 0.0, name
        assert math.isfinite(value), name


def test_the_ego_can_do_what_the_envelope_lets_it() -> None:
    assert ABLE.brake == -ENVELOPE.least_accel == 8.0
    assert ABLE.most_gain == ENVELOPE.most_accel == 4.0
    assert ABLE.steer == ENVELOPE.most_steer == math.pi / 3.0
    assert ABLE.turn == ENVELOPE.steer_rate == 1.0
    assert 0.0 < ABLE.ease < ABLE.stop < ABLE.brake
    assert ABLE.gain < ABLE.most_gain


def test_sources() -> None:
    assert ABLE.stop == 4.0, "UN R157's minimal risk"
    assert (BELIEFS.reaction, BELIEFS.yields) == (RSS.response, RSS.brake_min) == (1.0, 4.0)
    assert BELIEFS.brake == BELIEFS.most == 6.0, "highway-env's traffic at the most"
    assert BELIEFS.fastest > 1.7, "of the R157 grid"
    assert BELIEFS.carried == 1.5, "r157_what_if.md, 9"
    assert (ABLE.shift, ABLE.edge) == (0.8, 0.1), "r157_what_if.md, 8"


def test_weights_are_shares() -> None:
    for share in (BELIEFS.leaving, BELIEFS.least, BELIEFS.braking, BELIEFS.stops):
        assert 0.0 < share < 0.5
    assert BELIEFS.least < BELIEFS.leaving


def test_times_are_whole_steps_and_in_order() -> None:
    assert ABLE.least < ABLE.most
    for time in (ABLE.least, ABLE.most, JUDGEMENT.late, JUDGEMENT.release):
        assert time / ABLE.step == pytest.approx(round(time / ABLE.step))
    assert JUDGEMENT.late < JUDGEMENT.release, "it lets go later than it would act"
    assert JUDGEMENT.persistence >= 1.0
    assert JUDGEMENT.worth < JUDGEMENT.price < 1.0 <= JUDGEMENT.harm
    assert JUDGEMENT.standing < 1.0
    assert 100.0 * JUDGEMENT.severity <= 1.0, "an impact at 100 m/s costs no more than another one"
