from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.errors import InputError
from drivestack.scenario.files import MAX_YAML
from drivestack.scenario.yaml_reader import parse_yaml, read_yaml


def test_values_follow_the_core_schema() -> None:
    block = parse_yaml("a: [1, -2, 1e3, .5, yes, 010, ~, true, '3', 12:30, 2024-01-01]", "f")
    assert block["a"] == [1, -2, 1000.0, 0.5, "yes", 10, None, True, "3", "12:30", "2024-01-01"]


def test_keys_and_items_know_their_lines() -> None:
    block = parse_yaml("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", "f")
    assert block.places["b"].line == 2
    assert [place.line for place in block["b"].places] == [3, 4]
    assert block["b"][1].places["d"].line == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: *x", "f:1: a: anchors and aliases (& and *) are not accepted"),
        ("a:\n  b: &x [1]", "f:2: a.b: anchors and aliases (& and *) are not accepted"),
        ("*a : 3", "f:1: anchors and aliases (& and *) are not accepted"),
        ("a: !!python/object:os.x {}", "f:1: a: the tag 'tag:yaml.org,2002:python/object:os.x'"),
        ("a: 1\nb: 2\na: 3", "f:3: a: key given twice, first in line 1"),
        ("a: [{b: 1}, {b: 1, b: 2}]", "f:1: a.1.b: key given twice"),
        ("a: [1, [.nan]]", "f:1: a.1.0: expected a finite number, got .nan"),
        ("a: 1\n---\nb: 2", "f:2: a file holds one document, found a second"),
        ("? {a: 1}\n: 2", "f:1: a key must be a plain word"),
        ("- 1", "f:1: expected a mapping of keys to values"),
        ("", "f:1: expected a mapping of keys to values"),
        ("a: [", "f:2: not YAML"),
        ("a: 1\nb: x: y", "f:2: not YAML: mapping values are not allowed"),
        ("a: 1\nb: \x07", "f:2: not YAML"),
        ("a: " + "[" * 100_000, "f:1: nested deeper than 32 levels"),
        ("a: " + "9" * 100, "f:1: a: number longer than 64 characters"),
        ("a: [" + "1," * 50_000 + "1]", "more than 50000 values"),
    ],
)
def test_refusals_are_one_sentence_with_the_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "f")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_alias_bomb_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 10)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"bomb\.yaml:1: a0: anchors and aliases"):
            read_yaml(path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)  # sparse: takes no room
    with pytest.raises(InputError, match=f"larger than {MAX_YAML} bytes"):
        read_yaml(path)


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xff\xfe\n")
    with pytest.raises(InputError, match=r"x\.yaml:2: not UTF-8 text"):
        read_yaml(path)


@given(st.text(max_size=60) | st.text(alphabet="ab:{}[],&*!|>-? \n'\"#%@`.0~", max_size=60))
def test_any_text_is_a_block_or_one_sentence(text: str) -> None:
    message = "f:"
    try:
        parse_yaml(text, "f")
    except InputError as error:
        message = str(error)
    assert message.startswith("f:")
    assert "\n" not in message
