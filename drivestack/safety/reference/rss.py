"""Responsibility-Sensitive Safety: the distances that it asks for, over arrays.

Formulas of Intel's ad-rss-lib (`RssFormulas.cpp`), re-stated. Like that library, input outside of
its ranges gets no distance and no exception: it is marked as invalid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drivestack.core.compiled import inlined_kernel, kernel
from drivestack.core.types import Bools, Floats

MOST = 100.0
"""Largest speed [m/s] and acceleration [m/s2] that RSS takes."""

LONGEST_RESPONSE = 10.0
"""[s]."""


@dataclass(frozen=True, slots=True)
class Rss:
    """Parameters of one road user; the defaults are ad-rss-lib's for an ego.

    Attributes:
        response: time until it brakes [s]. accel: at most, meanwhile [m/s2]. brake_min: what it
        brakes with at least, brake_max: what a car ahead may brake with [m/s2]. brake_correct: the
        least of one in its own lane whom another comes towards [m/s2]. lateral_accel,
        lateral_brake: sideways [m/s2]. fluctuation: margin for swaying [m].
    """

    response: float = 1.0
    accel: float = 3.5
    brake_min: float = 4.0
    brake_max: float = 8.0
    brake_correct: float = 3.0
    lateral_accel: float = 0.2
    lateral_brake: float = 0.8
    fluctuation: float = 0.1


R157_STUDY = Rss(0.75, 3.0, 6.0, 6.0, 6.0, 1.0, 1.0, 0.3)
"""What the JRC's study of UN R157 gave the ego."""


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """Safe distances [m], and where the input allowed one; elsewhere they are 0."""

    metres: Floats
    valid: Bools


def stopping(
    speed: ArrayLike, response: ArrayLike, accel: ArrayLike, brake: ArrayLike,
    cap: ArrayLike = MOST,
) -> Distances:  # fmt: skip
    """How far one gets who accelerates for the response time, and then brakes to a stop.

    Args:
        speed: [m/s]. response: [s]. accel, brake: [m/s2]. cap: no faster than this by accelerating
        [m/s].
    """
    return _over(_stopping_loop, (speed, response, accel, brake, cap), _fine(response, accel, brake)
                 & _within(speed, 0.0, MOST))  # fmt: skip


def longitudinal_same_direction(
    rear: ArrayLike, front: ArrayLike, response: ArrayLike, accel: ArrayLike, brake_min: ArrayLike,
    brake_max: ArrayLike, cap: ArrayLike = MOST,
) -> Distances:  # fmt: skip
    """The gap that one behind another needs; it is safe where it is larger than that.

    Args:
        rear, front: speeds [m/s]. response, accel, brake_min: of the one behind [s, m/s2].
        brake_max: of the one ahead [m/s2]. cap: no faster than this by accelerating [m/s].
    """
    fine = (_fine(response, accel, brake_min) & _within(rear, 0.0, MOST)
            & _within(front, 0.0, MOST) & _within(brake_max, 0.0, MOST)
            & (np.asarray(brake_max) >= np.asarray(brake_min)))  # fmt: skip
    given = (rear, front, response, accel, brake_min, brake_max, cap)
    return _over(_same_direction_loop, given, fine)


def longitudinal_opposite_direction(
    correct: ArrayLike, wrong: ArrayLike, response: ArrayLike, wrong_response: ArrayLike,
    accel: ArrayLike, brake_correct: ArrayLike, brake_min: ArrayLike, cap: ArrayLike = MOST,
) -> Distances:  # fmt: skip
    """The gap between two who come towards each other, one of them in his own lane.

    Args:
        correct, wrong: speeds [m/s]. response, wrong_response: of them [s]. accel: of both.
        brake_correct, brake_min: of the one in his own lane and the other [m/s2].
    """
    one = stopping(correct, response, accel, brake_correct, cap)
    other = stopping(wrong, wrong_response, accel, brake_min, cap)
    valid = one.valid & other.valid
    return Distances(np.where(valid, one.metres + other.metres, 0.0), valid)


def lateral(
    left: ArrayLike, right: ArrayLike, left_response: ArrayLike, right_response: ArrayLike,
    accel: ArrayLike, brake: ArrayLike, fluctuation: ArrayLike,
) -> Distances:  # fmt: skip
    """The gap between two beside each other; it is safe where it is larger than that.

    Args:
        left, right: lateral speeds of the one on the left and the other, positive to the right
        [m/s]. left_response, right_response: [s]. accel, brake: sideways, of both [m/s2].
        fluctuation: the mean of both margins [m].
    """
    fine = (_fine(left_response, accel, brake) & _fine(right_response, accel, brake)
            & _within(left, -MOST, MOST) & _within(right, -MOST, MOST)
            & _within(fluctuation, 0.0, 1.0))  # fmt: skip
    given = (left, right, left_response, right_response, accel, brake, fluctuation)
    return _over(_lateral_loop, given, fine)


def _within(value: ArrayLike, low: float, high: float) -> Bools:
    array = np.asarray(value, np.float64)
    return (array >= low) & (array <= high)


def _fine(response: ArrayLike, accel: ArrayLike, brake: ArrayLike) -> Bools:
    """Whether a road user's parameters are in RSS's ranges; none of them is without brakes."""
    return (_within(response, 0.0, LONGEST_RESPONSE) & (np.asarray(response) > 0.0)
            & _within(accel, 0.0, MOST) & _within(brake, 0.0, MOST)
            & (np.asarray(brake) > 0.0))  # fmt: skip


def _over(loop: Callable[..., None], given: tuple[ArrayLike, ...], fine: Bools) -> Distances:
    """A compiled loop over arrays that are broadcast against each other."""
    *columns, valid = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in given), fine)
    metres = np.zeros(valid.shape)
    flat = [np.ascontiguousarray(column).ravel() for column in columns]
    loop(*flat, np.ascontiguousarray(valid).ravel(), metres.reshape(-1))
    return Distances(metres, np.array(valid))


@inlined_kernel
def stopping_distance(
    speed: float, response: float, accel: float, brake: float, cap: float
) -> float:
    """See `stopping`."""
    top, rising = speed + accel * response, response
    if top > cap:
        top = max(cap, speed)
        rising = (top - speed) / accel
    way = speed * response + 0.5 * accel * rising * rising + (top - speed) * (response - rising)
    return way + top * top / (2.0 * brake)


@inlined_kernel
def same_direction(
    rear: float, front: float, response: float, accel: float, brake_min: float, brake_max: float,
    cap: float,
) -> float:  # fmt: skip
    """See `longitudinal_same_direction`."""
    own = stopping_distance(rear, response, accel, brake_min, cap)
    return max(0.0, own - front * front / (2.0 * brake_max))


@inlined_kernel
def drift(speed: float, response: float, accel: float, brake: float) -> float:
    """How far one gets to the side who accelerates there for the response time and then brakes.

    Braking counts only while the speed still points there [m/s, s, m/s2 -> m].
    """
    then = speed + accel * response
    way = speed * response + 0.5 * accel * response * response
    return way + (then * then / (2.0 * brake) if then > 0.0 else 0.0)


@kernel
def _stopping_loop(
    speed: NDArray, response: NDArray, accel: NDArray, brake: NDArray, cap: NDArray,
    valid: NDArray, metres: NDArray,
) -> None:  # fmt: skip
    for i in range(len(metres)):
        if valid[i]:
            metres[i] = stopping_distance(speed[i], response[i], accel[i], brake[i], cap[i])


@kernel
def _same_direction_loop(
    rear: NDArray, front: NDArray, response: NDArray, accel: NDArray, brake_min: NDArray,
    brake_max: NDArray, cap: NDArray, valid: NDArray, metres: NDArray,
) -> None:  # fmt: skip
    for i in range(len(metres)):
        if valid[i]:
            metres[i] = same_direction(
                rear[i], front[i], response[i], accel[i], brake_min[i], brake_max[i], cap[i]
            )


@kernel
def _lateral_loop(
    left: NDArray, right: NDArray, left_response: NDArray, right_response: NDArray, accel: NDArray,
    brake: NDArray, fluctuation: NDArray, valid: NDArray, metres: NDArray,
) -> None:  # fmt: skip
    for i in range(len(metres)):
        if valid[i]:
            towards = drift(left[i], left_response[i], accel[i], brake[i])
            back = drift(-right[i], right_response[i], accel[i], brake[i])
            metres[i] = max(0.0, towards + back + fluctuation[i])
