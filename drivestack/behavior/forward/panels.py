"""Products of matrices in single precision whose every number is one sum in one order, compiled.

A weight lies in panels of 32 columns. The sums of four rows and a panel stay in registers while
the terms go by: as many products a cycle as the processor has, and nothing that a compiler has to
find out by itself. Each term is a fused multiply-add, named so and not left to a compiler, so no
batch, order or machine changes a bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

PANEL = 32
"""Columns of a panel: two of AVX-512's vectors, four of AVX2's."""

ROWS = 4
"""Rows whose sums are kept at once: with two vectors each, eight of 16 or 32 registers."""

_VECTOR = 16
_PARTS = PANEL // _VECTOR
_SINGLES = ir.VectorType(ir.FloatType(), _VECTOR)
_BYTES, _WHOLE = 4, ir.IntType(64)


def in_panels(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """A weight (K, N) as panels (P, K, `PANEL`), filled up with zeros."""
    depth, width = weight.shape
    filled = np.pad(weight, ((0, 0), (0, -width % PANEL)))
    return filled.reshape(depth, -1, PANEL).transpose(1, 0, 2)


def add_rows(
    x: NDArray, row: int, first: int, flat: NDArray, at: int, depth: int, y: NDArray, to: int
) -> None:
    """Add to ``y[row : row + 4, to : to + 32]`` the product of so many of x's columns, from `first`
    on, and the panel (depth, 32) that begins at ``flat[at]``. Nothing is checked."""
    _added(ROWS, x, row, first, flat[at:], depth, y, to)


def add_row(
    x: NDArray, row: int, first: int, flat: NDArray, at: int, depth: int, y: NDArray, to: int
) -> None:
    """The same of a single row."""
    _added(1, x, row, first, flat[at:], depth, y, to)


def _added(
    rows: int, x: NDArray, row: int, first: int, panel: NDArray, depth: int, y: NDArray, to: int
) -> None:
    """Where nothing is compiled (`NUMBA_DISABLE_JIT`): term after term, not fused."""
    out = y[row : row + rows, to : to + PANEL]
    for k in range(depth):
        out += x[row : row + rows, first + k, None] * panel[k * PANEL : (k + 1) * PANEL]


def _whole(number: int) -> Any:
    return ir.Constant(_WHOLE, number)


def _vector(builder: Any, pointer: Any, part: int) -> Any:
    """Where the `part`-th vector from a number on lies."""
    return builder.bitcast(builder.gep(pointer, [_whole(part * _VECTOR)]), _SINGLES.as_pointer())


def _spread(builder: Any, number: Any) -> Any:
    """A vector of one number."""
    nothing = ir.Constant(_SINGLES, ir.Undefined)
    one = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    order = ir.Constant(ir.VectorType(ir.IntType(32), _VECTOR), [0] * _VECTOR)
    return builder.shuffle_vector(one, nothing, order)


def _write(rows: int, function: Any) -> None:
    """Write the code of a function that adds some rows; see `_function_of` for its arguments."""
    builder = ir.IRBuilder(function.append_basic_block())
    x, x_stride, panel, depth, y, y_stride = function.args
    kind = ir.FunctionType(_SINGLES, [_SINGLES] * 3)
    fused = cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.v16f32")

    def each(pointer: Any, stride: Any) -> list[Any]:
        return [builder.gep(pointer, [builder.mul(stride, _whole(r))]) for r in range(rows)]

    given, out = each(x, x_stride), each(y, y_stride)
    sums = [[cgutils.alloca_once(builder, _SINGLES) for _ in range(_PARTS)] for _ in range(rows)]
    for pointer, own in zip(out, sums, strict=True):
        for part, total in enumerate(own):
            builder.store(builder.load(_vector(builder, pointer, part), align=_BYTES), total)
    with cgutils.for_range(builder, depth) as loop:
        line = builder.gep(panel, [builder.mul(loop.index, _whole(PANEL))])
        terms = [builder.load(_vector(builder, line, part), align=_BYTES) for part in range(_PARTS)]
        for pointer, own in zip(given, sums, strict=True):
            times = _spread(builder, builder.load(builder.gep(pointer, [loop.index])))
            for term, total in zip(terms, own, strict=True):
                builder.store(builder.call(fused, [times, term, builder.load(total)]), total)
    for pointer, own in zip(out, sums, strict=True):
        for part, total in enumerate(own):
            builder.store(builder.load(total), _vector(builder, pointer, part), align=_BYTES)
    builder.ret_void()


def _function_of(rows: int, module: Any) -> Any:
    """A function of its own, so that it is compiled once and not at every call.

    x, its stride, panel, depth (K), y, its stride: pointers to the first numbers, strides in
    numbers.
    """
    name = f"drivestack.add_rows.{rows}"
    if name in module.globals:
        return module.globals[name]
    number = ir.FloatType().as_pointer()
    kinds = [number, _WHOLE, number, _WHOLE, number, _WHOLE]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    _write(rows, function)
    return function


def _at(context: Any, builder: Any, kind: Any, value: Any, *places: Any) -> tuple[Any, Any]:
    """Where a number of an array lies, and the array's first stride in numbers."""
    array = context.make_array(kind)(context, builder, value=value)
    steps = [
        builder.sdiv(step, _whole(_BYTES)) for step in cgutils.unpack_tuple(builder, array.strides)
    ]
    pointer = array.data
    for place, step in zip(places, steps, strict=True):
        pointer = builder.gep(pointer, [builder.mul(place, step)])
    return pointer, steps[0]


def _of_rows(rows: int) -> Any:
    @intrinsic
    def added(
        typing: Any, x: Any, row: Any, first: Any, flat: Any, at: Any, depth: Any, y: Any, to: Any
    ) -> Any:
        number = types.intp
        kinds = types.void(x, number, number, flat, number, number, y, number)

        def code(context: Any, builder: Any, signature: Any, told: Any) -> Any:
            kind = signature.args
            given, step = _at(context, builder, kind[0], told[0], told[1], told[2])
            panel, _ = _at(context, builder, kind[3], told[3], told[4])
            out, out_step = _at(context, builder, kind[6], told[6], told[1], told[7])
            function = _function_of(rows, builder.module)
            builder.call(function, [given, step, panel, told[5], out, out_step])
            return context.get_dummy_value()

        return kinds, code

    return added


_ADD_ROWS, _ADD_ROW = _of_rows(ROWS), _of_rows(1)


@overload(add_rows, strict=False)
def _rows_compiled(*kinds: Any) -> Any:
    return lambda x, row, first, flat, at, depth, y, to: _ADD_ROWS(
        x, row, first, flat, at, depth, y, to
    )


@overload(add_row, strict=False)
def _row_compiled(*kinds: Any) -> Any:
    return lambda x, row, first, flat, at, depth, y, to: _ADD_ROW(
        x, row, first, flat, at, depth, y, to
    )
