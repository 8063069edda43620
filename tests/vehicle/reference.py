"""What highway-env's own classes do; runs in the subprocess of `tests.portable`."""

from __future__ import annotations

import numpy as np
from highway_env.road.lane import CircularLane, SineLane, StraightLane
from highway_env.road.road import Road, RoadNetwork
from highway_env.vehicle import behavior, controller, dynamics, kinematics

Arrays = dict[str, np.ndarray]


def plant(seed: int, n: int, ticks: int, dynamic: bool) -> Arrays:
    """Roll-outs of `Vehicle` or `BicycleVehicle` under random actions, some crashed, some hit."""
    rng = np.random.default_rng(seed)
    cls = dynamics.BicycleVehicle if dynamic else kinematics.Vehicle
    start = np.empty((n, 6))
    states = np.empty((n, ticks, 7))
    actions = rng.normal(0, (3, 0.4), (n, ticks, 2))
    actions[rng.random((n, ticks)) < 0.1, 1] = 0.0
    actions[rng.random((n, ticks)) < 0.01, 1] = 1.5
    impacts = rng.normal(0, 1, (n, ticks, 2))
    hit = rng.random((n, ticks)) < 0.01
    dt = rng.choice([1 / 5, 1 / 10, 1 / 15, 1 / 20], n)
    for i in range(n):
        speed = rng.choice([rng.uniform(-2, 35), rng.uniform(38, 42), -rng.uniform(38, 42), 0.5])
        vehicle = cls(None, rng.uniform(-500, 500, 2), rng.uniform(-7, 7), speed)
        if dynamic:
            vehicle.lateral_speed, vehicle.yaw_rate = rng.normal(0, (0.5, 3))
        start[i] = _state(vehicle)[:6]
        for tick in range(ticks):
            if hit[i, tick]:
                vehicle.impact = impacts[i, tick]
            vehicle.act({"acceleration": actions[i, tick, 0], "steering": actions[i, tick, 1]})
            vehicle.step(dt[i])
            states[i, tick] = _state(vehicle)
    return {
        "start": start,
        "states": states,
        "actions": actions,
        "impacts": impacts,
        "hit": hit,
        "dt": dt,
    }


def _state(vehicle: kinematics.Vehicle) -> list[float]:
    lateral = getattr(vehicle, "lateral_speed", 0.0)
    rate = getattr(vehicle, "yaw_rate", 0.0)
    pose = [*vehicle.position, vehicle.heading, vehicle.speed]
    return [*pose, lateral, rate, float(vehicle.crashed)]


def drivers(seed: int, n: int, names: list[str]) -> Arrays:
    """Accelerations, gaps and steering angles of driver classes on random lanes, "class.value"."""
    found = {}
    for name in names:
        for key, value in _driver_class(np.random.default_rng(seed), n, name).items():
            found[f"{name}.{key}"] = value
    return found


def _driver_class(rng: np.random.Generator, n: int, name: str) -> Arrays:
    rows = []
    for _ in range(n):
        lane = _lane(rng)
        road = Road(RoadNetwork(), np_random=np.random.RandomState(0))
        road.network.add_lane("a", "b", lane)
        ego, front = (_driver(rng, road, lane, name) for _ in range(2))
        s, lateral = lane.local_coordinates(ego.position)
        rows.append(
            {
                "speed": ego.speed,
                "heading": ego.heading,
                "cos": ego.direction[0],
                "sin": ego.direction[1],
                "front_speed": front.speed,
                "front_cos": front.direction[0],
                "front_sin": front.direction[1],
                "raw_target": ego.target_speed,
                "target": np.clip(ego.target_speed, 0, lane.speed_limit),
                "delta": ego.DELTA,
                "distance": ego.lane_distance_to(front),
                "lateral": lateral,
                "future_heading": lane.heading_at(s + ego.speed * ego.TAU_PURSUIT),
                "gap": ego.desired_gap(ego, front),
                "free": ego.acceleration(ego),
                "led": ego.acceleration(ego, front),
                "steering": ego.steering_control(("a", "b", 0)),
                "speed_control": ego.speed_control(ego.target_speed),
            }
        )
    return {key: np.array([row[key] for row in rows], dtype=float) for key in rows[0]}


def _lane(rng: np.random.Generator) -> StraightLane | CircularLane:
    limit = rng.choice([5.6, 10.0, 20.0, 30.0])
    start = rng.uniform(-100, 100, 2)
    kind = rng.integers(3)
    if kind == 0:
        return StraightLane(start, start + rng.uniform(-200, 200, 2), speed_limit=limit)
    if kind == 1:
        return SineLane(start, start + rng.uniform(-90, 90, 2), 3.0, 0.1, 0.2, speed_limit=limit)
    return CircularLane(
        start, rng.uniform(8, 60), 0.1, 2.5, bool(rng.integers(2)), speed_limit=limit
    )


def _driver(rng: np.random.Generator, road: Road, lane: StraightLane, name: str) -> object:
    s = rng.uniform(-5, 60)
    position = lane.position(s, rng.normal(0, 1.5))
    speed = rng.choice([rng.uniform(-3, 3), rng.uniform(0, 35), 0.0])
    heading = lane.heading_at(s) + rng.normal(0, 0.4)
    cls = getattr(behavior, name)
    vehicle = cls(road, position, heading, speed, target_speed=rng.uniform(-5, 35))
    vehicle.DELTA = rng.uniform(3.5, 4.5)
    return vehicle


def constants() -> Arrays:
    """Class constants under the names of `SLOT` and `BODY` fields."""
    idm, linear, own = behavior.IDMVehicle, behavior.LinearVehicle, controller.ControlledVehicle
    found = {
        "acc_max": idm.ACC_MAX,
        "comfort_acc_max": idm.COMFORT_ACC_MAX,
        "comfort_acc_min": idm.COMFORT_ACC_MIN,
        "distance_wanted": idm.DISTANCE_WANTED,
        "politeness": idm.POLITENESS,
        "max_braking_imposed": idm.LANE_CHANGE_MAX_BRAKING_IMPOSED,
        "lane_change_delay": idm.LANE_CHANGE_DELAY,
        "kp_a": own.KP_A,
        "kp_heading": own.KP_HEADING,
        "kp_lateral": own.KP_LATERAL,
        "tau_pursuit": own.TAU_PURSUIT,
        "max_steering": own.MAX_STEERING_ANGLE,
        "max_speed": kinematics.Vehicle.MAX_SPEED,
        "min_speed": kinematics.Vehicle.MIN_SPEED,
        "lane_margin": StraightLane.VEHICLE_LENGTH,
        "tyre_stiffness": dynamics.BicycleVehicle.FRICTION_FRONT / dynamics.BicycleVehicle.MASS,
        "max_yaw_rate": dynamics.BicycleVehicle.MAX_ANGULAR_SPEED,
        "speeds": controller.MDPVehicle.DEFAULT_TARGET_SPEEDS,
    }
    for name, cls in (
        ("idm", idm),
        ("linear", linear),
        ("aggressive", behavior.AggressiveVehicle),
        ("defensive", behavior.DefensiveVehicle),
    ):
        found[f"{name}.delta"] = cls.DELTA
        found[f"{name}.time_wanted"] = cls.TIME_WANTED
        found[f"{name}.min_gain"] = cls.LANE_CHANGE_MIN_ACC_GAIN
        found[f"{name}.length"], found[f"{name}.width"] = cls.LENGTH, cls.WIDTH
        if name != "idm":
            found[f"{name}.accel_gain"] = cls.ACCELERATION_PARAMETERS
            found[f"{name}.steer_gain"] = cls.STEERING_PARAMETERS
    return {key: np.asarray(value, dtype=float) for key, value in found.items()}
