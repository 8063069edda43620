from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.files import (
    MAX_GZIP,
    MAX_MEMBERS,
    MAX_XML,
    Roots,
    read_chunks,
    require_file,
    shared_folder,
    stamp_of,
)
from tests.scenario.writing import write, write_gzip


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    write(tmp_path, "own/inner/a.yaml", "a: 1")
    write(tmp_path, "outside.yaml", "a: 1")
    write(tmp_path, "shared/data/b.xml", "<b/>")
    return Roots(tmp_path / "own", tmp_path / "shared")


def test_files_are_found_beside_or_in_the_shared_folder(roots: Roots) -> None:
    assert roots.find(roots.own, "inner/a.yaml") == roots.own / "inner/a.yaml"
    assert roots.find(roots.own / "inner", "a.yaml") == roots.own / "inner/a.yaml"
    assert roots.find(roots.own / "inner", "data/b.xml") == roots.shared / "data/b.xml"


@pytest.mark.parametrize("name", ["../outside.yaml", "inner/../../outside.yaml", "a\\..\\b", ".."])
def test_upward_paths_are_refused(roots: Roots, name: str) -> None:
    with pytest.raises(InputError, match=r"must be relative and without '\.\.'"):
        roots.find(roots.own, name)


def test_absolute_paths_are_refused(roots: Roots) -> None:
    with pytest.raises(InputError, match="must be relative"):
        roots.find(roots.own, str(roots.own / "inner/a.yaml"))


def test_links_that_lead_out_are_refused(roots: Roots) -> None:
    (roots.own / "link.yaml").symlink_to(roots.own.parent / "outside.yaml")
    (roots.own / "folder").symlink_to(roots.own.parent)
    for name in ("link.yaml", "folder/outside.yaml"):
        with pytest.raises(InputError, match="leads out of the folder"):
            roots.find(roots.own, name)


def test_missing_files_say_where_they_were_looked_for(roots: Roots) -> None:
    with pytest.raises(InputError, match=r"no file 'c\.yaml' in .*own or .*shared"):
        roots.find(roots.own, "c.yaml")


def test_the_shared_folder_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRIVESTACK_SHARED", str(tmp_path))
    assert shared_folder() == tmp_path


def test_plain_and_gzip_give_the_same_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    plain, packed = tmp_path / "a.xml", tmp_path / "a.xml.gz"
    plain.write_bytes(data)
    packed.write_bytes(gzip.compress(data))
    assert b"".join(read_chunks(plain)) == b"".join(read_chunks(packed)) == data


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    zeros = bytes(1 << 20)
    path = write_gzip(tmp_path, "bomb.xml.gz", [zeros] * ((MAX_XML >> 20) + 8))
    taken = [0]
    with pytest.raises(InputError, match=f"larger than {MAX_XML} bytes when decompressed"):
        taken.extend(len(chunk) for chunk in read_chunks(path))
    assert sum(taken) <= MAX_XML


def test_streams_one_after_another_are_read_as_one(tmp_path: Path) -> None:
    parts = [bytes([65 + number]) * size for number, size in enumerate((1, 0, 70_000, 3))]
    path = tmp_path / "a.xml.gz"
    for padding in (b"", bytes(5), bytes(1 << 17)):
        path.write_bytes(b"".join(gzip.compress(part) + padding for part in parts))
        assert b"".join(read_chunks(path)) == b"".join(parts)


def test_more_compressed_bytes_than_documents_need_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xml.gz"
    named = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * MAX_GZIP + b"\0"  # a header with a name
    path.write_bytes(named + gzip.compress(b"<a/>")[10:])
    with pytest.raises(InputError, match=f"larger than {MAX_GZIP} bytes compressed"):
        list(read_chunks(path))
    empty = gzip.compress(b"")
    path.write_bytes(empty * MAX_MEMBERS)
    assert list(read_chunks(path)) == []
    path.write_bytes(empty * (MAX_MEMBERS + 1))
    with pytest.raises(InputError, match=f"more than {MAX_MEMBERS} gzip streams"):
        list(read_chunks(path))


def test_a_plain_file_has_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(b" " * (MAX_XML + 1))
    with pytest.raises(InputError, match=f"larger than {MAX_XML} bytes$"):
        list(read_chunks(path))


def test_broken_gzip_streams(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(256)) * 4000, mtime=0)
    path = tmp_path / "a.xml.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="gzip stream ends before"):
        list(read_chunks(path))
    path.write_bytes(whole[:40] + bytes([whole[40] ^ 0xFF]) + whole[41:])
    with pytest.raises(InputError, match="gzip stream"):
        list(read_chunks(path))
    path.write_bytes(whole + b"more")
    with pytest.raises(InputError, match="broken gzip stream"):
        list(read_chunks(path))
    with pytest.raises(InputError, match="not a regular file"):
        list(read_chunks(tmp_path))
    with pytest.raises(InputError, match="no such file"):
        list(read_chunks(tmp_path / "none.xml"))


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "loop", "missing"])
def test_odd_paths(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert stamp_of(tmp_path / name) == (0, 0)
    with pytest.raises(InputError, match=r"not a path of a file|leads to no file|no such file"):
        require_file(tmp_path / name)


def test_a_link_that_leads_nowhere_is_not_offered_itself(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("gone")
    with pytest.raises(InputError, match=r"link: a symbolic link that leads to no file$"):
        require_file(tmp_path / "link")
