"""Hostile copies given to `load`: refused with one sentence, before anything large is built."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario import load
from tests.scenario.writing import SCENARIO, document, write, write_gzip


def alias_bomb(folder: Path) -> Path:
    lines = [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}' if k else 'lol'] * 10)}]" for k in range(9)]
    return write(folder, "bomb.yaml", SCENARIO + "\n".join(lines))


def blank_bomb(folder: Path) -> Path:
    return write_gzip(folder, "bomb.xml.gz", [b"<commonRoad>", *[b" " * (1 << 20)] * 256])


def zero_bomb(folder: Path) -> Path:
    return write_gzip(folder, "bomb.xml.gz", [bytes(1 << 20)] * 256)


def nested(folder: Path) -> Path:
    return write_gzip(folder, "bomb.xml.gz", [b"<a>" * 1_000_000])


def entity_bomb(folder: Path) -> Path:
    entities = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    text = f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]>\n<commonRoad>&l9;</commonRoad>'
    return write(folder, "bomb.xml", text)


def outside_entity(folder: Path) -> Path:
    text = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><commonRoad>&x;</commonRoad>'
    return write(folder, "bomb.xml", text)


def sparse(folder: Path) -> Path:
    path = folder / "bomb.yaml"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    return path


def cut(folder: Path) -> Path:
    whole = gzip.compress(document("2020a").encode())
    path = folder / "bomb.xml.gz"
    path.write_bytes(whole[:-200])
    return path


@pytest.mark.parametrize(
    "make",
    [alias_bomb, blank_bomb, zero_bomb, nested, entity_bomb, outside_entity, sparse, cut],
    ids=lambda make: make.__name__,
)
def test_hostile_files_are_refused_in_little_memory(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    before = sorted(tmp_path.iterdir())
    load(write(tmp_path / "warm", "up.yaml", SCENARIO))
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            load(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert peak < 128 << 20
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "warm"]), "nothing is written"
