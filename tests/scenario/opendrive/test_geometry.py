"""Every shape against an independent evaluation: Fresnel integrals, circles, the polynomials."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import fresnel

from drivestack.core.errors import InputError
from drivestack.scenario.opendrive.geometry import Geometry, clothoid, read_geometry
from drivestack.scenario.xml_reader import read_document
from tests.scenario.writing import write


def read(folder: Path, shape: str, length: float, pose: str = 'x="0" y="0" hdg="0"') -> Geometry:
    text = f'<geometry s="0" {pose} length="{length!r}">{shape}</geometry>'
    return read_geometry(read_document(write(folder, "g.xodr", text)))


def at(geometry: Geometry, s: float) -> tuple[float, float, float]:
    x, y, heading = geometry.at(np.array([s]))
    return float(x[0]), float(y[0]), float(heading[0])


def test_a_line_turned_and_moved(tmp_path: Path) -> None:
    line = read(tmp_path, "<line/>", 50.0, f'x="10" y="-5" hdg="{math.pi / 3!r}"')
    expected = (10 + 40 * math.cos(math.pi / 3), -5 + 40 * math.sin(math.pi / 3), math.pi / 3)
    assert at(line, 40.0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("curvature", [0.02, -0.004, 1e-9])
def test_an_arc_lies_on_its_circle(tmp_path: Path, curvature: float) -> None:
    arc = read(tmp_path, f'<arc curvature="{curvature!r}"/>', 150.0)
    for s in (0.0, 75.0, 150.0):
        x, y, heading = at(arc, s)
        assert heading == pytest.approx(curvature * s)
        assert x == pytest.approx(math.sin(curvature * s) / curvature, abs=1e-6)
        assert y == pytest.approx(2 * math.sin(curvature * s / 2) ** 2 / curvature, abs=1e-6)


@pytest.mark.parametrize("end", [0.01, -0.05, 0.5])
def test_a_spiral_from_a_line_is_fresnels(tmp_path: Path, end: float) -> None:
    spiral = read(tmp_path, f'<spiral curvStart="0" curvEnd="{end!r}"/>', 80.0)
    rate = abs(end) / 80.0
    scale = math.sqrt(math.pi / rate)
    for s in np.linspace(0.0, 80.0, 9):
        sine, cosine = fresnel(s / scale)
        x, y, heading = at(spiral, float(s))
        assert x == pytest.approx(scale * cosine, abs=1e-9)
        assert y == pytest.approx(math.copysign(scale * sine, end), abs=1e-9)
        assert heading == pytest.approx(math.copysign(rate * s * s / 2, end), abs=1e-12)


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(1.0, 200.0))
def test_a_spiral_between_curvatures(first: float, last: float, length: float) -> None:
    shape = clothoid(first, (last - first) / length, length)
    x, y, _ = shape(np.array([length]))

    def angle(u: float) -> float:
        return first * u + (last - first) / length * u * u / 2

    assert x[0] == pytest.approx(
        quad(lambda u: math.cos(angle(u)), 0, length, limit=500)[0], abs=1e-6
    )
    assert y[0] == pytest.approx(
        quad(lambda u: math.sin(angle(u)), 0, length, limit=500)[0], abs=1e-6
    )


def test_a_poly3_is_as_long_as_it_says(tmp_path: Path) -> None:
    poly = read(tmp_path, '<poly3 a="0" b="0.1" c="0.01" d="-0.0001"/>', 60.0)
    x, y, heading = at(poly, 60.0)
    assert y == pytest.approx(0.1 * x + 0.01 * x**2 - 0.0001 * x**3, abs=1e-9)
    assert math.tan(heading) == pytest.approx(0.1 + 0.02 * x - 0.0003 * x**2, abs=1e-9)
    way, _ = quad(lambda u: math.hypot(1.0, 0.1 + 0.02 * u - 0.0003 * u * u), 0.0, x)
    assert way == pytest.approx(60.0, abs=1e-6)


@pytest.mark.parametrize(("kind", "p"), [("arcLength", 30.0), ("normalized", 0.5)])
def test_param_poly3_in_both_ranges(tmp_path: Path, kind: str, p: float) -> None:
    scale = 1.0 if kind == "arcLength" else 60.0
    u, v = (0.1, scale, 1e-3 * scale, 0.0), (0.2, 0.05 * scale, 2e-3 * scale**2, -1e-5 * scale**3)
    named = " ".join(
        f'{name}{axis}="{value!r}"'
        for axis, values in (("U", u), ("V", v))
        for name, value in zip("abcd", values, strict=True)
    )
    poly = read(tmp_path, f'<paramPoly3 pRange="{kind}" {named}/>', 60.0)
    x, y, heading = at(poly, 30.0)
    assert x == pytest.approx(sum(k * p**n for n, k in enumerate(u)), abs=1e-9)
    assert y == pytest.approx(sum(k * p**n for n, k in enumerate(v)), abs=1e-9)
    slopes = [sum(n * k * p ** (n - 1) for n, k in enumerate(row) if n) for row in (u, v)]
    assert heading == pytest.approx(math.atan2(slopes[1], slopes[0]), abs=1e-9)


@pytest.mark.parametrize(
    ("shape", "length", "message"),
    [
        ("<line/>", 0.0, "length should be above 0"),
        ("<line/>", 1e9, "expected a finite number"),
        ("<line/><line/>", 10.0, "expected one shape, found 2"),
        ("<bezier/>", 10.0, "bezier: not a known shape; known: line, arc"),
        ('<arc curvature="nan"/>', 10.0, "expected a finite number"),
        ('<arc curvature="1e300"/>', 10.0, "expected a finite number"),
        ('<arc curvature="11"/>', 10.0, "curvature should be at most 10"),
        ('<arc curvature="1"/>', 1e5, "it turns by 100000 rad"),
        ('<spiral curvStart="0" curvEnd="9"/>', 1e5, "it turns by"),
        ('<poly3 a="0" b="0" c="1e6" d="0"/>', 1e3, "its slope reaches"),
        ("<arc/>", 10.0, "missing attribute 'curvature'"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, shape: str, length: float, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, shape, length)
    assert "g.xodr:1" in str(caught.value)
