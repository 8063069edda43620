"""Constructed cases: what highway-env does in each.

    for name, case in recorded().items():
        assert first_difference(case, tolerance()) is None

The scenes are built and run in one subprocess in portable arithmetic (`tests/portable.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.start import EgoKind, Rates, SceneRule, Start
from drivestack.core.tables import REPLAY, Driver, Meta
from drivestack.scenario.cache import packed, unpacked
from tests.portable import run_reference

from . import (
    cases_contact,
    cases_egos,
    cases_idm,
    cases_lanes,
    cases_mobil,
    cases_motion,
    cases_neighbours,
    cases_right_of_way,
    cases_routes,
)
from .cases_scene import Case
from .episodes import Recorded, seen

_CHAPTERS = {
    "lanes": cases_lanes,
    "neighbours": cases_neighbours,
    "idm": cases_idm,
    "mobil": cases_mobil,
    "routes": cases_routes,
    "motion": cases_motion,
    "contact": cases_contact,
    "right_of_way": cases_right_of_way,
    "egos": cases_egos,
}

CASES: dict[str, Callable[[], Case]] = {
    f"{chapter}.{case.__name__}": case
    for chapter, module in _CHAPTERS.items()
    for case in module.CASES
}
"""Every case by "chapter.name"; the functions run only where highway-env is loaded."""

_EGO = {Driver.PLAIN: EgoKind.PLAIN, Driver.STACK: EgoKind.STACK, Driver.META: EgoKind.META}


@cache
def recorded() -> dict[str, Recorded]:
    """What the reference did in every case; bits compare only where `tolerance` is 0."""
    return {name: opened(own) for name, own in by_case(arrays()).items()}


def arrays() -> dict[str, NDArray]:
    """The same, as the subprocess wrote it."""
    return _answer().arrays


def tolerance() -> float:
    """0 where the reference's arithmetic is portable, else 1e-6."""
    return _answer().tolerance()


@cache
def _answer() -> Any:
    return run_reference("tests.parity.cases", "record")


def by_case(arrays: dict[str, NDArray]) -> dict[str, dict[str, NDArray]]:
    """The arrays of `record` sorted by case."""
    found: dict[str, dict[str, NDArray]] = {}
    for key, value in arrays.items():
        name, _, field = key.rpartition("/")
        found.setdefault(name, {})[field] = value
    return found


def opened(arrays: dict[str, NDArray]) -> Recorded:
    """A recorded case from its arrays."""
    names = ("n", "bodies", "controls", "meta", "generators", "regulation_steps")
    return Recorded(unpacked(arrays), **{name: arrays[name] for name in names})


def record() -> dict[str, NDArray]:
    """Run every case in this process; keys are "case/field"."""
    from drivestack.scenario.sources.highway_env import _PRISTINE, driver_constants

    arrays = {}
    for name, make in CASES.items():
        with driver_constants(_PRISTINE):
            for key, value in _run(name, make()).items():
                arrays[f"{name}/{key}"] = value
    return arrays


def _run(name: str, case: Case) -> dict[str, NDArray]:
    from highway_env.vehicle.behavior import IDMVehicle

    start = _start(name, case)
    kind = start.ego_kind
    controls = np.tile(np.array(case.control), (case.ticks, 1))
    metas = np.full(case.ticks, Meta.NONE, np.int32)
    for tick, meta in case.metas.items():
        metas[tick] = meta
    road = case.road
    tables, steps = [_table(case)], [getattr(road, "steps", 0)]
    IDMVehicle.POLITENESS = case.politeness
    for tick in range(case.ticks):
        ego = road.vehicles[case.ego]
        if kind in (EgoKind.PLAIN, EgoKind.STACK):
            ego.act({"acceleration": controls[tick, 0], "steering": -controls[tick, 1]})
        elif kind == EgoKind.META and metas[tick] != Meta.NONE:
            ego.act(Meta(metas[tick]).name)
        road.act()
        road.step(1.0 / case.hz)
        tables.append(_table(case))
        steps.append(getattr(road, "steps", 0))
    IDMVehicle.POLITENESS = 0.0
    return packed(start) | {
        "n": np.array([len(table) for table in tables], np.int32),
        "bodies": np.array(tables),
        "controls": controls,
        "meta": metas,
        "generators": np.full(case.ticks + 1, "", np.str_),
        "regulation_steps": np.array(steps, np.int32),
    }


def _start(name: str, case: Case) -> Start:
    """The case as tables, made as those of highway-env's scenes are."""
    from drivestack.scenario.sources.highway_env import _PRISTINE, Stage, _slot
    from drivestack.scenario.sources.highway_env_tables import (
        driver_of,
        map_of,
        road_names,
        route_rows,
    )

    road, bodies = case.road, [*case.road.vehicles, *case.road.objects]
    ego = road.vehicles[case.ego]
    env = SimpleNamespace(road=road, vehicle=ego)
    slot = _slot(Stage(env, _PRISTINE, None, case.plant), 1.0 / case.hz, case.physics)
    slot["politeness"] = case.politeness
    return Start(
        scenario=name,
        seed=0,
        map=map_of(road.network, name, road.neighbour_vehicles_connected_lanes, False),
        bodies=_rows(case),
        routes=route_rows(bodies, road_names(road.network)),
        slot=slot,
        replay=np.zeros(0, REPLAY),
        ego_kind=_EGO.get(driver_of(ego), EgoKind.IDM),
        physics=case.physics,
        rates=Rates(case.hz, case.hz, case.hz),
        policy_ticks=1,
        ticks=case.ticks,
        rule=SceneRule.NONE,
        generator="",
        spawn_probability=0.0,
        goal=np.zeros(3),
        has_goal=False,
        reference=None,
        source="constructed",
    )


def _rows(case: Case) -> NDArray:
    from drivestack.scenario.sources.highway_env_tables import body_rows, lane_names

    bodies = [*case.road.vehicles, *case.road.objects]
    lanes = {name: index for index, name in enumerate(lane_names(case.road.network))}
    return body_rows(bodies, range(len(bodies)), lanes)


def _table(case: Case) -> NDArray:
    return seen(_rows(case))
