"""An episode and a map as blocks of a page."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Floats
from drivestack.sim.parquet import Connection

from .encoding import ANGLE, CENTIMETRE, Block, clipped
from .reading import RunLog
from .replay import Replay

FILTERING = ("passed", "clamped", "emergency_brake", "minimal_risk")
EVERY = 2
"""Of the logged points of candidates: 0.4 s apart. With `COARSE` 20 episodes of 40 s fit 3 MB."""

COARSE = 0.05
"""Step of candidates' points [m]: a pixel when one sees 50 m."""

NEVER = 327.67
"""Stands for an infinite time to collision [s]: the largest that is stored."""


def episode_block(of: Replay) -> str:
    """Everything of one episode."""
    block = Block(_facts(of))
    _add_ego(block, of)
    _add_agents(block, of)
    _add_plans(block, of)
    _add_candidates(block, of)
    points = np.stack([of.routes["x"], of.routes["y"]]).astype(np.float64)
    block.add("route", points, "i4", CENTIMETRE, 1)
    block.add("route_tick", of.routes["tick"], "i4", 1.0, 1)
    return block.text()


def map_block(log: RunLog, digest: str, connection: Connection) -> str:
    """The lines of a map: middle, left and right edge of every lane."""
    found = log.columns("SELECT * FROM {maps} WHERE map = $1", connection, digest)
    starts = np.flatnonzero(np.diff(found["lane"], prepend=-1))
    block = Block(
        {
            "starts": starts.tolist(),
            "left_beside": found["left_beside"][starts].tolist(),
            "right_beside": found["right_beside"][starts].tolist(),
        }
    )
    names = ("x", "y", "left_x", "left_y", "right_x", "right_y")
    lines = np.stack([found[name] for name in names]).astype(np.float64)
    block.add("lines", lines, "i4", CENTIMETRE, 1)
    return block.text()


def _facts(of: Replay) -> dict[str, Any]:
    row = of.row
    return {
        "episode": row["episode"],
        "dt": row["dt"],
        "ticks": len(of.ticks["tick"]),
        "first": int(of.ticks["tick"][0]) if len(of.ticks["tick"]) else 0,
        "map": row["map"],
        "size": [row["ego_length"], row["ego_width"]],
        "ids": of.ids.tolist(),
        "kinds": of.kinds,
        "sizes": np.round(of.size, 2).tolist(),
        "terms_names": [name for name in row["score_terms"].split(", ") if name],
        "plan_step": float(of.plans["step"][0]) if len(of.plans["step"]) else 0.0,
        "predicted_step": float(of.plans["predicted_step"][0]) if len(of.plans["step"]) else 0.0,
        "checks": sorted({str(check) for check in of.ticks["check"]}),
        "events": of.events,
        "reasons": of.reasons,
        "stop_lines": [
            {"light": line.light, "ends": np.round(line.ends, 2).tolist(), "shown": line.shown}
            for line in of.stop_lines()
        ],
    }


def _add_ego(block: Block, of: Replay) -> None:
    ticks = of.ticks
    xy = np.stack([ticks["x"], ticks["y"]])
    block.add("xy", xy, "i4", CENTIMETRE, 2)
    for name, step in (("yaw", ANGLE), ("steer", ANGLE), ("v", CENTIMETRE), ("accel", CENTIMETRE)):
        block.add(name, clipped(ticks[name], step)[0], "i2", step, 1)
    for name, step in (
        ("accel_commanded", CENTIMETRE), ("accel_filtered", CENTIMETRE),
        ("steer_commanded", ANGLE), ("steer_filtered", ANGLE),
    ):  # fmt: skip
        block.add(name, clipped(ticks[name], step)[0], "i2", step, 1)
    block.add("decided", ticks["decided"], "u1")
    block.add("contact", ticks["contact"], "u1")
    block.add("filtering", np.array([FILTERING.index(f) for f in ticks["filtering"]]), "u1")
    checks = sorted({str(check) for check in ticks["check"]})
    block.add("check", np.array([checks.index(check) for check in ticks["check"]]), "u1")
    block.add("check_object", ticks["check_object"], "i4", 1.0, 1)
    for name in ("check_value", "check_limit"):
        block.add(name, np.ma.filled(np.ma.asarray(ticks[name]), 0.0), "f4")
    block.add("seconds", np.minimum(of.seconds, 0.3), "i2", 1e-5)


def _add_agents(block: Block, of: Replay) -> None:
    """Others, one row each: (N, F) relative to the ego of that tick; 1 is there, 2 is clipped."""
    ego = _whole(of.ego_at(of.frames))
    block.add("frames", of.frames, "i4", 1.0, 2)
    near = of.present.copy()
    for axis, name in enumerate(("x", "y")):
        apart = np.where(of.present, of.agents[:, :, axis] - ego[:, axis, None], 0.0)
        kept, far = clipped(apart, CENTIMETRE)
        near &= ~far
        block.add(f"agent_{name}", kept.T, "i2", CENTIMETRE, 2)
    block.add("agent_yaw", of.agents[:, :, 2].T, "i2", ANGLE, 1)
    block.add("agent_v", clipped(of.agents[:, :, 3], CENTIMETRE)[0].T, "i2", CENTIMETRE, 1)
    block.add("present", np.where(of.present, np.where(near, 1, 2), 0).T, "u1")
    times = np.minimum(of.time_to_collision(), NEVER)
    block.add("ttc", times, "i2", CENTIMETRE)


def _add_plans(block: Block, of: Replay) -> None:
    """Plans in force and predictions (P, S), relative to the ego at planning time."""
    plans = of.plans
    ego = _whole(of.ego_at(plans["tick"]))
    block.add("plan_tick", plans["tick"], "i4", 1.0, 2)
    for axis, name in enumerate(("x", "y")):
        block.add(f"plan_{name}", _around(plans[name], ego, axis), "i2", CENTIMETRE, 2)
        predicted = _around(plans[f"predicted_{name}"], ego, axis)
        block.add(f"predicted_{name}", predicted, "i2", CENTIMETRE, 2)


def _add_candidates(block: Block, of: Replay) -> None:
    """Candidates (R, S) relative to the ego at planning time, and their terms (M, R)."""
    made = of.candidates
    ego = _whole(of.ego_at(made["tick"]))
    block.add("candidate_tick", made["tick"], "i4", 1.0, 1)
    block.add("candidate", made["candidate"], "u1")
    block.add("valid", made["valid"], "u1")
    block.add("chosen", made["chosen"], "u1")
    block.add("total", _grained(made["total"]), "f4")
    block.add("terms", _grained(made["terms"]).T, "f4")
    for axis, name in enumerate(("x", "y")):
        thin = made[name][:, EVERY - 1 :: EVERY]
        block.add(f"candidate_{name}", _around(thin, ego, axis), "i2", COARSE, 2)


def _whole(ego: Floats) -> Floats:
    """The ego where the page has it: others are relative to that, so that roundings do not add."""
    return np.round(ego / CENTIMETRE) * CENTIMETRE


def _around(points: NDArray, ego: Floats, axis: int) -> Floats:
    """Points (n, S) relative to the ego's coordinate, clipped."""
    return clipped(points - ego[:, axis, None], CENTIMETRE)[0]


def _grained(scores: NDArray) -> NDArray:
    """Scores to a thousandth, which are a third as long when packed."""
    return np.round(scores * 1024.0) / 1024.0
