"""Names and shapes of the tensors that compiled networks take, and whose sizes suit them."""

from __future__ import annotations

from drivestack.behavior.described import HIDDEN, OUTCOMES, WIDTH
from drivestack.behavior.knots import DIMENSIONS
from drivestack.behavior.sizes import KINDS, Shape, Sizes
from drivestack.behavior.tokens import ROUTE_POINTS

from .panels import PANEL

Shapes = dict[str, tuple[int, ...]]


def fits(shape: Shape, sizes: Sizes | None = None) -> bool:
    """Whether an encoder, and a flow if there is one, can be compiled: layers are whole panels,
    and an attention's head or what a latent says is one at most."""
    widths = [shape.condition, shape.tokens, shape.width]
    right = shape.width == PANEL * shape.heads and shape.said <= PANEL
    if sizes is not None:
        widths += [sizes.hidden, sizes.embedded]
        right = right and (sizes.condition, sizes.chunk) == (shape.condition, DIMENSIONS)
    return right and not any(width % PANEL for width in widths)


def policy_shapes(shape: Shape, sizes: Sizes) -> Shapes:
    """Of a `Policy` whose head is a `Flow`."""
    hidden, embedded = sizes.hidden, sizes.embedded
    found = _encoder_shapes(shape)
    found |= {"chunk_mean": (sizes.chunk,), "chunk_spread": (sizes.chunk,)}
    network = "head.network"
    found |= _layer(f"{network}.of_condition", sizes.condition, embedded)
    found[f"{network}.of_times.weight"] = embedded, 2 * (embedded // 4)
    found |= _layer(f"{network}.modulating", embedded, 2 * sizes.layers * hidden)
    found |= _layer(f"{network}.first", sizes.chunk, hidden)
    for n in range(sizes.layers - 1):
        found |= _layer(f"{network}.hidden.{n}", hidden, hidden)
    return found | _layer(f"{network}.last", hidden, sizes.chunk)


def scorer_shapes(shape: Shape) -> Shapes:
    """Of an `Appraiser`."""
    count = (len(OUTCOMES),)
    found = _encoder_shapes(shape)
    found |= {"mean": (WIDTH,), "scale": (WIDTH,), "slope": count, "shift": count}
    found |= {"chunk.weight": (HIDDEN, WIDTH)}
    found |= _layer("scene", shape.condition, HIDDEN)
    found |= _layer("first", HIDDEN, HIDDEN) | _layer("second", HIDDEN, HIDDEN)
    return found | _layer("last", HIDDEN, len(OUTCOMES))


def _layer(name: str, given: int, said: int) -> Shapes:
    return {f"{name}.weight": (said, given), f"{name}.bias": (said,)}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _attention(name: str, width: int, shown: int) -> Shapes:
    found = _norm(f"{name}.before", width) | _norm(f"{name}.between", width)
    found |= _layer(f"{name}.asks", width, width) | _layer(f"{name}.shows", shown, 2 * width)
    found |= _layer(f"{name}.says", width, width) | _layer(f"{name}.wide", width, 2 * width)
    return found | _layer(f"{name}.narrow", 2 * width, width)


def _encoder_shapes(shape: Shape) -> Shapes:
    width, narrow, condition, e = shape.width, shape.tokens, shape.condition, "encoder"
    found: Shapes = {}
    for kind, columns in KINDS.items():
        found |= {f"{e}.{kind}_mean": (columns,), f"{e}.{kind}_scale": (columns,)}
        found |= _layer(f"{e}.take.{kind}", columns, narrow)
    found |= _layer(f"{e}.mix", narrow, narrow) | _norm(f"{e}.even", narrow)
    found |= {f"{e}.latents": (shape.latents, width)} | _layer(f"{e}.begin", narrow, width)
    found |= _attention(f"{e}.look", width, narrow)
    for n in range(shape.layers):
        found |= _attention(f"{e}.think.{n}", width, width)
    found |= _layer(f"{e}.said", width, shape.said)
    found |= _layer(f"{e}.whole", shape.said * shape.latents, condition)
    found[f"{e}.short_ego.weight"] = condition, KINDS["ego"]
    found[f"{e}.short_route.weight"] = condition, ROUTE_POINTS * KINDS["route"]
    return found
