"""What monitors said on scenarios of which it is known."""

from __future__ import annotations

from drivestack.sim.interventions.evaluate import Evaluation
from drivestack.sim.monitored import NAMES


def test_every_monitor_is_counted_on_the_run_without_the_layer(known: Evaluation) -> None:
    assert [one.monitor for one in known.alarms] == list(NAMES)
    decisions = {one.ticks.rate.trials for one in known.alarms}
    # contacts at 15 m/s: 77.5 m away, which takes 104 ticks, and 10 m away; three of 9 s
    assert decisions == {104 + 14 + 3 * 180}
    assert {one.warned.rate.trials for one in known.alarms} == {2}
    assert {one.needless.rate.trials for one in known.alarms} == {3}


def test_time_to_collision_warns_of_both_contacts_and_of_what_vanishes(known: Evaluation) -> None:
    (ttc,) = (one for one in known.alarms if one.monitor == "ttc")
    assert ttc.warned.rate.hits == 2
    assert ttc.needless.rate.hits == 2  # `needless` and `harm`: who is ahead is gone at 4.2 s
    assert ttc.scenario.startswith(("saved", "mitigated"))
    assert ttc.worst.startswith("the time to collision with road user 1 is 0.0")
    # below 1.5 s: of each contact at least the last 30 ticks, or all 14
    assert 30 + 14 <= ttc.ticks.rate.hits <= 31 + 14 + 2 * 30


def test_who_never_alarms_has_no_worst(known: Evaluation) -> None:
    (pet,) = (one for one in known.alarms if one.monitor == "pet")
    assert (pet.ticks.rate.hits, pet.worst, pet.scenario, pet.time) == (0, "", "", 0.0)
