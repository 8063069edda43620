"""Layouts of the tables that compiled kernels read and write: lanes, roads, bodies, slots.

A table is a structured array; a kernel indexes it to a row and reads fields by name. Everything is
SI and in the **map's own frame** (see `Map.y_right`); records are what leaves this frame.
Indices are local to a map; -1 inside a table means "none" (tables are not records).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

Row = Any
"""One row of a structured table inside a kernel (numba's record type, which pyright cannot see)."""

Table = Any
"""A structured array inside a kernel."""


class LaneKind(IntEnum):
    """How a lane's centre line is described."""

    STRAIGHT = 0
    SINE = 1
    CIRCULAR = 2
    POLYLINE = 3
    """Ours: nearest-point projection, for imported maps."""
    POLY_LANE = 4
    """highway-env's PolyLane with its sample scan from the end; for parity only."""


LANE = np.dtype(
    [
        ("kind", np.int64),  # LaneKind
        ("road", np.int64),  # index of its road
        ("id", np.int64),  # number within its road
        ("section", np.int64),  # lanes of both directions whose numbers count together
        ("number", np.int64),  # among these: OpenDRIVE's, or -1, -2, ... from the left; never 0
        ("rising", np.bool_),  # numbers grow to the left of its direction
        ("forbidden", np.bool_),  # lane changes into it are refused
        ("limited", np.bool_),  # speed_limit is in force
        ("drain", np.bool_),  # scene rule: traffic is removed near its end (intersections)
        ("priority", np.int64),  # right of way, larger goes first
        ("x", np.float64),  # start point, or centre of the circle [m]
        ("y", np.float64),
        ("dx", np.float64),  # unit direction of a straight or sine lane
        ("dy", np.float64),
        ("heading", np.float64),  # of a straight lane [rad]
        ("length", np.float64),  # [m]
        ("width", np.float64),  # [m]
        ("speed_limit", np.float64),  # [m/s]
        ("amplitude", np.float64),  # sine: lateral amplitude [m], rad/m, rad
        ("pulsation", np.float64),
        ("phase", np.float64),
        ("radius", np.float64),  # circle: [m], start angle [rad], +1 growing angle, -1 falling
        ("start_phase", np.float64),
        ("turn", np.float64),
        ("knots_at", np.int64),  # poly lanes: rows of `points` with the given vertices
        ("knots_n", np.int64),
        ("samples_at", np.int64),  # PolyLane: rows of `points` with its 1 m samples
        ("samples_n", np.int64),
        ("widths_n", np.int64),  # PolyLane: rows from samples_at on whose `width` holds; 0: fixed
        ("links_at", np.int64),  # rows of `links`: where neighbours are looked for
        ("links_n", np.int64),
    ],
    align=True,
)
"""One lane. Lanes stand in graph order (first road first): ties are decided by it."""

ROAD = np.dtype(
    [
        ("start", np.int64),  # node numbers
        ("end", np.int64),
        ("lane_at", np.int64),  # its first lane; lanes of a road are consecutive
        ("lane_n", np.int64),
        ("next_at", np.int64),  # rows of `successors`: roads that leave its end, in graph order
        ("next_n", np.int64),
    ],
    align=True,
)
"""One road: a bundle of parallel lanes between two nodes."""

LINK = np.dtype([("lane", np.int64), ("offset", np.float64)], align=True)
"""A lane on which neighbours of a lane are looked for, and what is added to their coordinate [m].

The first link of every lane is the lane itself; successors and predecessors follow when the map is
`connected` (highway-env's ``neighbour_vehicles_connected_lanes``)."""

POINT = np.dtype(
    [
        ("s", np.float64),  # arc length [m]
        ("x", np.float64),
        ("y", np.float64),
        ("tx", np.float64),  # unit tangent of the piece that starts here
        ("ty", np.float64),
        ("heading", np.float64),  # of that piece [rad]
        ("width", np.float64),  # full lane width here [m]
    ],
    align=True,
)
"""One vertex or sample of a poly lane."""

GRID = np.dtype(
    [
        ("x", np.float64),  # corner [m]
        ("y", np.float64),
        ("step_x", np.float64),  # cell size [m]
        ("step_y", np.float64),
        ("nx", np.int64),  # number of cells; 0 means: always search all lanes
        ("ny", np.int64),
    ],
    align=True,
)
"""Geometry of a map's lane grid; the cells are two arrays beside it (see `roads/grid.py`)."""


class Driver(IntEnum):
    """Who moves a body."""

    PLAIN = 0
    """A given control is applied; highway-env's `Vehicle` (no target speed is seen by others)."""
    META = 1
    """Meta-actions; highway-env's `MDPVehicle`."""
    IDM = 2
    """IDM and MOBIL; highway-env's `IDMVehicle`."""
    LINEAR = 3
    """highway-env's `LinearVehicle` with its children `AggressiveVehicle`, `DefensiveVehicle`."""
    STACK = 4
    """A given control is applied; others see its current speed as its target speed."""
    REPLAY = 5
    """Follows recorded states."""
    OBSTACLE = 6
    """Stands still; listed after all vehicles."""
    SCRIPTED = 7
    """Moves as its role says (`core/script.py`)."""


class Plant(IntEnum):
    """How a given control moves the body."""

    KINEMATIC = 0
    DYNAMIC = 1
    LAGGED = 2


class Meta(IntEnum):
    """Meta-actions, highway-env's numbers (`DiscreteMetaAction.ACTIONS_ALL`)."""

    NONE = -1
    """No call at all; IDLE is a call, and a called ego acts twice in that tick."""
    LANE_LEFT = 0
    IDLE = 1
    LANE_RIGHT = 2
    FASTER = 3
    SLOWER = 4


class Side(IntEnum):
    """Which side of a body was struck, seen by that body."""

    NONE = 0
    FRONT = 1
    REAR = 2
    LEFT = 3
    RIGHT = 4


class Kind(IntEnum):
    """What a body is."""

    CAR = 0
    OBSTACLE = 1
    TRUCK = 2
    BUS = 3
    MOTORCYCLE = 4
    BICYCLE = 5
    PEDESTRIAN = 6
    PARKED = 7
    ANIMAL = 8
    UNKNOWN = 9


MAX_DELAY = 32
"""Longest transport delay of a lagged plant [ticks]."""

MAX_SPEEDS = 8
"""Most target speeds of a meta-action ego."""

BODY = np.dtype(
    [
        ("driver", np.int64),  # Driver
        ("kind", np.int64),  # Kind
        ("id", np.int64),  # kept for life, unlike the place in the list
        ("present", np.bool_),  # False: skipped by everything
        ("crashed", np.bool_),  # highway-env's flag (swept test, or impact applied)
        ("has_impact", np.bool_),
        ("check_collisions", np.bool_),
        ("lane_changes", np.bool_),  # highway-env's enable_lane_change
        ("routed", np.bool_),  # a route was given (it may be used up)
        ("yielding", np.bool_),
        ("contact", np.bool_),  # exact polygons overlap now
        ("contact_side", np.int64),  # Side
        ("contact_with", np.int64),  # id of the other body
        ("lane", np.int64),  # nearest lane
        ("target_lane", np.int64),
        ("route_head", np.int64),  # next entry of the body's row in the routes table
        ("route_n", np.int64),
        ("x", np.float64),  # centre [m]
        ("y", np.float64),
        ("heading", np.float64),  # never normalised [rad]
        ("speed", np.float64),  # signed [m/s]
        ("length", np.float64),
        ("width", np.float64),
        ("accel", np.float64),  # action in force [m/s2]
        ("steer", np.float64),  # action in force [rad]
        ("impact_x", np.float64),  # displacement by a collision, applied in the next tick [m]
        ("impact_y", np.float64),
        ("target_speed", np.float64),  # [m/s]
        ("timer", np.float64),  # since the last lane-change decision [s]
        ("delta", np.float64),  # IDM exponent
        ("time_wanted", np.float64),  # [s]
        ("min_gain", np.float64),  # MOBIL: least gain for a lane change [m/s2]
        ("accel_gain", np.float64, (3,)),  # LinearVehicle
        ("steer_gain", np.float64, (2,)),
        ("lateral_speed", np.float64),  # dynamic plant [m/s]
        ("yaw_rate", np.float64),  # dynamic plant [rad/s]
        ("replay_at", np.int64),  # rows of the slot's replay table
        ("replay_n", np.int64),
        ("replay_from", np.int64),  # tick of the first row
        ("reactive", np.bool_),  # replayed, but keeps clear of others after the hand-over
        ("lag", np.float64),  # by how much it is later than its recording [ticks]
        ("clock", np.float64),  # if it is late: its time in the recording [rows]
    ],
    align=True,
)
"""One vehicle or obstacle."""

REPLAY = np.dtype(
    [
        ("x", np.float64),
        ("y", np.float64),
        ("heading", np.float64),
        ("speed", np.float64),
        ("s", np.float64),  # way since the first row [m]
    ],
    align=True,
)
"""One recorded state, one row per physics tick."""

SLOT = np.dtype(
    [
        ("map", np.int64),  # index in the world's map pool
        ("tick", np.int64),
        ("n", np.int64),  # vehicles present in the list; obstacles stand from `obstacles_at` on
        ("obstacles_at", np.int64),
        ("obstacles_n", np.int64),
        ("ego", np.int64),  # place of the ego in the list
        ("next_id", np.int64),
        ("renewal", np.int64),  # an intersection's traffic is renewed every so many ticks; 0: never
        ("replay_at", np.int64),  # first row of the slot's replay table in the world's
        ("log_at", np.int64),  # rows of the slot's replay table: the ego's own recording
        ("log_n", np.int64),
        ("reactive", np.bool_),  # recorded traffic reacts once the ego has left its recording
        ("handed_over", np.bool_),  # the ego has left it
        ("departure", np.float64),  # how far from its recording that is [m]
        ("standing_gap", np.float64),  # reactive traffic: bumper to bumper [m]
        ("plant", np.int64),  # Plant of the ego
        ("roles_n", np.int64),  # rows of the slot's script
        ("cues_n", np.int64),
        ("knots_at", np.int64),  # first row of the slot's trajectories in the world's
        ("unplayable", np.int64),  # 1 + the cue that asked for a lane that is not there, else 0
        ("active", np.bool_),  # False: the slot is empty and skipped
        ("ended", np.bool_),  # the script has ended the scenario
        ("fresh", np.bool_),  # bodies were put in place and not yet projected on lanes
        ("regulated", np.bool_),  # right of way is enforced
        ("clamped", np.bool_),  # physics: no car drives backwards
        ("regulation_steps", np.int64),  # ticks counted by RegulatedRoad
        ("speeds_n", np.int64),
        ("speeds", np.float64, (MAX_SPEEDS,)),  # target speeds of a meta-action ego [m/s]
        ("dt", np.float64),  # [s]
        # behavior.py:IDMVehicle, class attributes in force (an intersection overwrites three)
        ("acc_max", np.float64),
        ("comfort_acc_max", np.float64),
        ("comfort_acc_min", np.float64),
        ("distance_wanted", np.float64),
        ("politeness", np.float64),
        ("max_braking_imposed", np.float64),
        ("lane_change_delay", np.float64),
        # controller.py:ControlledVehicle
        ("kp_a", np.float64),
        ("kp_heading", np.float64),
        ("kp_lateral", np.float64),
        ("tau_pursuit", np.float64),
        ("max_steering", np.float64),
        # kinematics.py:Vehicle
        ("max_speed", np.float64),
        ("min_speed", np.float64),
        # lane.py:AbstractLane.VEHICLE_LENGTH, a constant of lanes and not a car's length
        ("lane_margin", np.float64),
        # regulation.py:RegulatedRoad
        ("regulation_hz", np.float64),
        ("yield_horizon", np.float64),
        ("yield_step", np.float64),
        # dynamics.py:BicycleVehicle
        ("tyre_stiffness", np.float64),  # of one tyre [N/rad per kg]
        ("low_speed", np.float64),  # slip is damped below it [m/s]
        ("max_yaw_rate", np.float64),  # [rad/s]
        # lagged plant: vehicle/lagged.py
        ("accel_lag", np.float64),  # [s]
        ("steer_lag", np.float64),  # [s]
        ("max_jerk", np.float64),  # [m/s3]
        ("max_steer_rate", np.float64),  # [rad/s]
        ("friction", np.float64),  # largest acceleration of the tyres [m/s2]
        ("delay", np.int64),  # transport delay [ticks], at most MAX_DELAY
        # counters of the engine's working memory, 0 after any change of the list
        ("entries_n", np.int64),
        ("order_n", np.int64),
        ("x_order_n", np.int64),
        ("changing_n", np.int64),
        ("pending_accel", np.float64, (MAX_DELAY,)),  # ring of delayed commands
        ("pending_steer", np.float64, (MAX_DELAY,)),
        ("applied_accel", np.float64),  # states of the actuators
        ("applied_steer", np.float64),
    ],
    align=True,
)
"""One scenario of a batch: its clock, flags and every physical constant in force."""

NO_LANE_ID = -1
"""Lane number of a route entry that names the road only."""
