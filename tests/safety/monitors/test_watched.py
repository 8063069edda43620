"""A monitor that only watches says the same, and binds and asks for nothing."""

from __future__ import annotations

import numpy as np

from drivestack.core.episode import WATCHED
from drivestack.core.types import Filtering
from drivestack.safety.bounds import FREE
from drivestack.safety.monitors.rss import RssMonitor
from drivestack.safety.monitors.watched import Watched
from tests.safety.checked import say
from tests.scenes import observation, two_lanes

NEAR = observation([two_lanes()], [(100, 0, 0, 20)], [[(120, 0, 0, 5)]])


def test_it_says_the_same_and_does_nothing() -> None:
    bound, _ = say(RssMonitor(0.05), NEAR)
    quiet, memory = say(Watched(RssMonitor(0.05)), NEAR)
    assert bound.failed.any()
    assert (bound.high < FREE).any()
    assert (quiet.response == Filtering.PASSED).all()
    assert (quiet.low == -FREE).all()
    assert (quiet.high == FREE).all()
    assert quiet.names == tuple(WATCHED + name for name in bound.names)
    for name in ("value", "limit", "failed", "object", "has_object"):
        assert np.array_equal(getattr(quiet, name), getattr(bound, name)), name
    assert memory.met["known"].any(), "it remembers what the monitor does"
