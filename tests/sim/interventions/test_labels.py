"""Labels by what happens with the layer, without it, and whether it acted."""

from __future__ import annotations

import pytest

from drivestack.sim.intervals import wilson
from drivestack.sim.interventions.labels import Ended, Label, label_of
from drivestack.sim.interventions.records import Counts, Share

FINE, SOFT, HARD, OFF = Ended(False, 0.0), Ended(True, 2.0), Ended(True, 5.0), Ended(True, 0.0)


@pytest.mark.parametrize(
    ("without", "own", "acted", "label"),
    [
        (HARD, FINE, True, Label.SAVED),
        (OFF, FINE, True, Label.SAVED),
        (HARD, SOFT, True, Label.MITIGATED),
        (SOFT, HARD, True, Label.STILL_HIT),
        (SOFT, SOFT, True, Label.STILL_HIT),
        (OFF, OFF, True, Label.STILL_HIT),
        (HARD, HARD, False, Label.MISSED),
        (FINE, FINE, True, Label.NEEDLESS),
        (FINE, SOFT, True, Label.HARM),
        (FINE, FINE, False, Label.QUIET),
        (None, HARD, True, Label.UNKNOWN),
    ],
)
def test_labels(without: Ended | None, own: Ended, acted: bool, label: Label) -> None:
    assert label_of(without, own, acted) is label


def test_counts_and_rates() -> None:
    counts = Counts.of([*Label, Label.SAVED, Label.QUIET])
    assert counts.needed == 5
    assert counts.acted == 6
    assert (counts.precision.rate.hits, counts.precision.rate.trials) == (4, 6)
    assert (counts.recall.rate.hits, counts.recall.rate.trials) == (4, 5)
    assert (counts.avoided.rate.hits, counts.avoided.rate.trials) == (2, 5)
    assert (counts.harm.rate.hits, counts.harm.rate.trials) == (1, 9)


def test_the_rule_of_three_is_for_what_was_never_seen() -> None:
    assert Share.of(0, 300).at_most == 0.01
    assert Share.of(0, 2).at_most == 1.0
    assert Share.of(0, 0).at_most is None
    one = Share.of(1, 300)
    assert one.at_most is None
    assert (one.rate.low, one.rate.high) == wilson(1, 300)
