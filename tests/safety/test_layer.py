"""What a layer may be made of, and what of that is refused."""

from __future__ import annotations

import math

import pytest

from drivestack.core.errors import InputError
from drivestack.safety import BARE, CHECKS, GUARDS, MONITORS, WHOLE, check_layer, filter_of
from drivestack.safety.envelope import Envelope
from drivestack.safety.layer import Layer
from drivestack.safety.monitors.watched import Watched
from drivestack.safety.what_if.check import WhatIf


@pytest.mark.parametrize("price", [0.0, 0.1, 1e9])
def test_prices(price: float) -> None:
    assert Layer((), price=price).price == price


@pytest.mark.parametrize("price", [-1e-9, math.nan, math.inf])
def test_prices_that_are_none(price: float) -> None:
    with pytest.raises(ValueError, match="expected at least 0, got"):
        Layer((), price=price)


def test_a_needless_intervention_costs_a_tenth_of_a_collision() -> None:
    assert WHOLE.price == BARE.price == 0.1
    assert WHOLE.bound == BARE.bound == ()
    assert WHOLE.checks == tuple(CHECKS)
    assert BARE.checks == ()


def test_guards_come_first_and_monitors_watch_unless_they_are_bound() -> None:
    checks = filter_of(Layer(("what_if",), bound=("rss",), price=0.7), 0.05).filter.checks
    assert len(checks) == len(GUARDS) + 1 + len(MONITORS)
    assert [type(one) for one in checks[: len(GUARDS)]] == list(GUARDS.values())
    what_if = checks[len(GUARDS)]
    assert isinstance(what_if, WhatIf)
    assert what_if.judgement.price == 0.7
    watched = [isinstance(one, Watched) for one in checks[len(GUARDS) + 1 :]]
    assert watched == [name != "rss" for name in MONITORS]


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Layer(("what_iff",)), "what_if"),
        (Layer((), bound=("rs",)), "rss"),
        (Layer(("critic",)), "needs --critic FILE"),
    ],
)
def test_what_there_is_not(layer: Layer, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_layer(layer)
    with pytest.raises(InputError, match=message):
        filter_of(layer, 0.05)


def test_a_critic_comes_last_and_acts_where_it_is_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, bool]] = []

    def fake(path: str, binds: bool) -> Envelope:
        read.append((path, binds))
        return Envelope(0.05)

    monkeypatch.setattr("drivestack.safety.Critic.read", fake)
    for checks in (("critic",), ()):
        last = filter_of(Layer(checks, critic="file"), 0.05).filter.checks[-1]
        assert isinstance(last, Envelope)
    assert read == [("file", True), ("file", False)]
