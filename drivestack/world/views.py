"""Views of one slot: the road it drives on and the working memory its kernels share.

Few arrays, each a table: what a kernel is given is what numba has to pass and compile.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import BODY, GRID, Table

PLACE = np.dtype(
    [
        ("lanes_at", np.int64),
        ("roads_at", np.int64),
        ("links_at", np.int64),
        ("points_at", np.int64),
        ("numbers_at", np.int64),
        ("cells_at", np.int64),  # of the map's numbers: first entry of each grid cell
        ("cell_lanes_at", np.int64),  # of the map's numbers: lanes of the cells
        ("y_right", np.bool_),
        ("grid", GRID),
    ],
    align=True,
)
"""Where a map's rows begin in the pool; one row more than there are maps."""

MARK = np.dtype(
    [
        ("own_s", np.float64),  # coordinates on the body's own lane [m]
        ("own_lateral", np.float64),
        ("cos_h", np.float64),  # direction of the body
        ("sin_h", np.float64),
        ("heading", np.float64),  # for which the direction holds
        ("entry_at", np.int64),  # rows of `entries`: lanes that carry the body
        ("entry_n", np.int64),
        ("order", np.int64),  # bodies in last tick's list order, to sort what is nearly sorted
        ("x_order", np.int64),  # bodies sorted by x
        ("x_place", np.int64),  # this body's place there
        ("near", np.int64),  # room for one body's neighbours
        ("changing", np.int64),  # vehicles that may be between two lanes, ascending
    ],
    align=True,
)
"""What is known of one body, or the row of an ordering."""

ENTRY = np.dtype([("lane", np.int64), ("s", np.float64)], align=True)
"""A lane that carries a body (margin 1) and the body's s on it [m]."""

ITEM = np.dtype([("body", np.int64), ("s", np.float64)], align=True)
"""A body in a lane's list; lists are sorted by s, then by body."""

LIST = np.dtype([("at", np.int64), ("end", np.int64)], align=True)
"""First item of a lane's list, and its end; one row more than there are lanes."""


PATH_SAMPLES = 16
"""Room for predicted positions; highway-env uses 11."""


class Pool(NamedTuple):
    """All maps of a world, one after the other."""

    places: Table
    lanes: Table
    roads: Table
    links: Table
    points: Table
    numbers: Table


class Road(NamedTuple):
    """One map inside the pool; indices are local to it. `numbers` begins with the successors."""

    place: Table
    lanes: Table
    roads: Table
    links: Table
    points: Table
    numbers: Table


class Work(NamedTuple):
    """Memory of one slot that lives between two calls; nothing here is state.

    `paths` holds predicted x, y, cos, sin of every body, (N, samples, 4); `twin` a body that is
    stepped ahead; `boxes` two polygons.
    """

    marks: Table
    entries: Table
    items: Table
    lists: Table
    paths: Table
    twin: Table
    boxes: Table


@hot_kernel
def road_of(pool: Pool, number: int) -> Road:
    """The road view of a map in the pool."""
    at = pool.places[number]
    to = pool.places[number + 1]
    return Road(
        pool.places[number : number + 1],
        pool.lanes[at.lanes_at : to.lanes_at],
        pool.roads[at.roads_at : to.roads_at],
        pool.links[at.links_at : to.links_at],
        pool.points[at.points_at : to.points_at],
        pool.numbers[at.numbers_at : to.numbers_at],
    )


def scratch(batch: int, bodies: int, lanes: int) -> Work:
    """Working memory of a batch: (B, ·) tables whose rows are one slot's `Work`."""
    return Work(
        np.zeros((batch, bodies), MARK),
        np.zeros((batch, bodies * lanes), ENTRY),
        np.zeros((batch, bodies * lanes), ITEM),
        np.zeros((batch, lanes + 1), LIST),
        np.zeros((batch, bodies, PATH_SAMPLES, 4)),
        np.zeros((batch, 1), BODY),
        np.zeros((batch, 2, 5, 2)),
    )


@hot_kernel
def work_of(scratch: Work, b: int) -> Work:
    """One slot's working memory."""
    return Work(
        scratch.marks[b],
        scratch.entries[b],
        scratch.items[b],
        scratch.lists[b],
        scratch.paths[b],
        scratch.twin[b],
        scratch.boxes[b],
    )
