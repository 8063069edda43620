"""Scenarios on the scenes of highway-env: what a file says, handed to `highway_env.load`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.start import Start
from drivestack.core.tables import Plant

from ..expand import Case
from ..goals import goal_of
from ..map_schema import HighwayEnvMap
from ..starting import given_rates, put_actuators
from . import highway_env
from .highway_env_scenes import check_config, chosen_rates, setting

_Result = TypeVar("_Result")


def starts(case: Case) -> Iterator[Start]:
    """The one start of a case on a highway-env scene.

    Raises:
        InputError: the scene, its configuration or the rates are not covered.
    """
    scenario, scene = case.scenario, case.scenario.map
    assert isinstance(scene, HighwayEnvMap)
    rates = given_rates(scenario)
    _placed(case, lambda: setting(scene.env), "map", "env")
    _placed(case, lambda: check_config(scene.env, scene.config), "map", "config")
    _placed(case, lambda: chosen_rates(scene.env, scene.config, rates), "rates", "physics")
    plant = None if scenario.ego.plant is None else Plant[scenario.ego.plant.upper()]
    field = "config" if scene.config else "env"
    start = _placed(
        case,
        lambda: highway_env.load(
            scene.env,
            case.seed,
            scene.config,
            scenario.ego.kind,
            plant,
            scenario.physics,
            rates,
            scenario.time_limit,
        ),
        "map",
        field,
    )
    goal = goal_of(case, start.map)
    if goal is not None:
        start = replace(start, goal=np.array(goal), has_goal=True)
    slot = start.slot.copy()
    put_actuators(case, slot)
    yield replace(start, scenario=case.id, slot=slot, resolved=case.resolved())


def _placed(case: Case, call: Callable[[], _Result], *steps: Any) -> _Result:
    """The call's result; its errors get the place of the field at `steps`."""
    try:
        return call()
    except InputError as error:
        raise case.problem(str(error), *steps) from None
