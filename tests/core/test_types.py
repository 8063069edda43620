"""Every record refuses a wrong shape, a wrong dtype and NaN, and cannot be changed."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from drivestack.core import types

SIZES = {
    "E": 2,
    "B": 2,
    "K": 3,
    "T": 4,
    "H": 2,
    "N": 5,
    "P": 6,
    "L": 3,
    "M": 2,
    "C": 2,
    "W": 4,
    "R": 2,
    "S": 2,
}
LAYOUTS = {
    types.EgoState: types._EGO,
    types.Tracks: types._TRACKS,
    types.Goal: types._GOAL,
    types.Closures: types._CLOSURES,
    types.StopLines: types._STOP_LINES,
    types.Echoes: types._ECHOES,
    types.Sight: types._SIGHT,
    types.Corridor: types._CORRIDOR,
    types.Route: types._ROUTE,
    types.Candidates: types._CANDIDATES,
    types.Scores: types._SCORES,
    types.Plan: types._PLAN,
    types.Tracking: types._TRACKING,
    types.Verdict: types._VERDICT,
    types.Intervention: types._INTERVENTION,
    types.Scene: types._SCENE,
    types.Observation: types._OBSERVATION,
}

RECORDS: dict[str, Any] = {
    "ego": types.EgoState,
    "tracks": types.Tracks,
    "agents": types.Tracks,
    "closures": types.Closures,
    "stop_lines": types.StopLines,
    "echoes": types.Echoes,
    "sight": types.Sight,
    "corridor": types.Corridor,
}


def array(axes: str, dtype: Any) -> np.ndarray:
    return np.zeros([int(a) if a.isdigit() else SIZES[a] for a in axes.split()], dtype)


def arrays(cls: type) -> dict[str, Any]:
    return {name: array(axes, dtype) for name, (axes, dtype) in LAYOUTS[cls].items()}


def values(cls: type) -> dict[str, Any]:
    """Arguments that construct a record of zeros."""
    found = arrays(cls)
    for field in dataclasses.fields(cls):
        if field.name in found or field.default is not dataclasses.MISSING:
            continue
        if field.name == "maps":
            found["maps"] = ()
        elif field.name == "names":
            found["names"] = ("first", "second")
        else:
            inner = RECORDS[field.name]
            found[field.name] = inner(**arrays(inner))
    return found


@pytest.mark.parametrize("cls", LAYOUTS)
def test_a_record_of_zeros_is_fine_and_frozen(cls: type) -> None:
    record = cls(**values(cls))
    for field in dataclasses.fields(cls):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, field.name, None)
    for name in LAYOUTS[cls]:
        assert not getattr(record, name).flags.writeable


@pytest.mark.parametrize("cls", LAYOUTS)
def test_wrong_fields_are_refused_by_name(cls: type) -> None:
    for name, (_, dtype) in LAYOUTS[cls].items():
        good = values(cls)
        wrong_kind = np.float32 if np.dtype(dtype) != np.float32 else np.float64
        with pytest.raises(TypeError, match=f"{cls.__name__}.{name}"):
            cls(**(good | {name: good[name].astype(wrong_kind)}))
        with pytest.raises(ValueError, match=f"{cls.__name__}.{name}: expected axes"):
            cls(**(values(cls) | {name: good[name][None]}))
        if np.dtype(dtype) == np.float64:
            spoilt = good[name].copy()
            spoilt.flat[-1] = np.nan
            with pytest.raises(ValueError, match=f"{cls.__name__}.{name}: not finite"):
                cls(**(values(cls) | {name: spoilt}))


@pytest.mark.parametrize("cls", LAYOUTS)
def test_batch_sizes_must_agree(cls: type) -> None:
    batched = [name for name, (axes, _) in LAYOUTS[cls].items() if axes.startswith("B")]
    good = values(cls)
    longer = np.concatenate([good[batched[-1]]] * 2)
    with pytest.raises(ValueError, match="axis B should be"):
        cls(**(good | {batched[-1]: longer}))


@pytest.mark.parametrize("cls", [types.Scores, types.Verdict])
def test_names_must_match_their_axis(cls: type) -> None:
    with pytest.raises(ValueError, match="names: expected 2 names, got 1"):
        cls(**(values(cls) | {"names": ("only",)}))
