"""Going on with a run: only the same one, only once at a time, from any journal that is left."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivestack.cli.main import main
from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.sim import files, journal
from drivestack.sim.claiming import claimed
from drivestack.sim.log import TABLES, RunFolder
from drivestack.sim.progress import Advance
from drivestack.sim.suite import resumed, run
from tests.scenes import write_road
from tests.sim.resuming import CHOSEN, assert_same, drive, episodes, facts, small_suite

Make = Callable[[], Path]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_suite(tmp_path_factory.mktemp("suite"))


@pytest.fixture(scope="module")
def whole(suite: Path) -> Path:
    out = suite.parent / "whole"
    drive(suite, out, resume=False)
    return out


class Enough(Exception):
    """Ends a run as a crash would: nothing is joined."""


@pytest.fixture(scope="module")
def stopped(suite: Path) -> Path:
    """A run of which two tiles of four are sealed."""
    out = suite.parent / "stopped"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "finish", lambda *_: None)
        patch.setattr(journal.Journal, "add", stopping(journal.Journal.add, after=2))
        with pytest.raises(Enough):
            drive(suite, out)
    return out


@pytest.fixture
def cut(stopped: Path, tmp_path: Path) -> Path:
    """A copy of it, to go on with."""
    return shutil.copytree(stopped, tmp_path / "out")


def stopping(call: Callable[..., Any], after: int) -> Callable[..., Any]:
    """A function that ends the run when it is called once more than `after` times."""
    calls = 0

    def counted(*words: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Enough
        return call(*words)

    return counted


def test_a_run_goes_on(suite: Path, whole: Path, cut: Path) -> None:
    result = run(suite, out=cut, resume=True, **CHOSEN)
    assert (result.resumed, len(result.episodes)) == (8, 16)
    assert result.digest == facts(whole)["digest"]
    assert_same(cut, whole)


@pytest.mark.parametrize("chosen", [{"workers": 2}, {"batch": 5}])
def test_workers_and_batch_may_change(
    suite: Path, whole: Path, cut: Path, chosen: dict[str, int]
) -> None:
    drive(suite, cut, **chosen)
    assert_same(cut, whole)


def test_its_folder_says_what_is_run(whole: Path, cut: Path, capsys: Any) -> None:
    assert main(["resume", str(cut), "--json"]) == 0
    shown, told = capsys.readouterr()
    found = json.loads(shown)
    assert (found["resumed"], found["digest"]) == (8, facts(whole)["digest"])
    assert "8 of 16 episodes were there before" in told
    assert_same(cut, whole)
    assert main(["resume", str(cut), "--json"]) == 0
    shown, told = capsys.readouterr()
    assert "is finished, nothing was left to do" in told
    assert len(json.loads(shown)["episodes"]) == 16


def test_a_relative_path_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    small_suite(tmp_path / "there", "0-3")
    monkeypatch.chdir(tmp_path / "there")
    drive(Path("road.yaml"), Path("out"))
    manifest = Path("out/manifest.json")
    manifest.write_text(manifest.read_text().replace('"interrupted": false', '"interrupted": true'))
    monkeypatch.chdir(tmp_path)
    result = resumed("there/out")
    assert Path.cwd() == tmp_path
    assert len(result.episodes) == 4


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--stack", "idm"], "was begun with --stack constant, not idm"),
        (["--seed", "3"], "was begun with --seed none, not 3"),
        (["--shard", "1/2"], "was begun with --shard 1/1, not 1/2"),
    ],
)
def test_other_arguments_are_refused(
    suite: Path, cut: Path, capsys: Any, words: list[str], sentence: str
) -> None:
    known = ["run", str(suite), "--stack", "constant", "--controller", "pid", "--out", str(cut)]
    assert main([*known, *words, "--resume"]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1


def test_another_file_is_refused(suite: Path, cut: Path, tmp_path: Path) -> None:
    other = write_road(tmp_path, name="other.yaml")
    with pytest.raises(InputError, match=r"was begun with .*road\.yaml"):
        drive(other, cut)


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path, out = small_suite(tmp_path, "0-3"), tmp_path / "out"
    drive(path, out)
    path.write_text(path.read_text().replace("speed: 15", "speed: 14"))
    with pytest.raises(InputError, match=r"road\.yaml has changed since it was begun"):
        drive(path, out)


def test_another_version_is_refused(
    suite: Path, cut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivestack.__version__", "9.9.9")
    with pytest.raises(InputError, match=r"was begun with drivestack 0\.\S+, and this is 9\.9\.9"):
        drive(suite, cut)


def test_one_process_at_a_time(suite: Path, whole: Path, cut: Path, capsys: Any) -> None:
    header = journal.header_in(cut)
    with claimed(RunFolder(cut), header, resume=True):
        assert main(["resume", str(cut)]) == 2
    told = capsys.readouterr().err
    assert "another process is running it just now" in told
    assert told.count("\n") == 1
    drive(suite, cut)  # the lock is gone with whoever held it
    assert_same(cut, whole)


def test_without_resume_a_folder_that_is_there_is_refused(suite: Path, cut: Path) -> None:
    with pytest.raises(InputError, match="exists"):
        drive(suite, cut, resume=False)


@pytest.mark.parametrize("name", ["notes.txt", "parts"])
def test_other_folders_are_left_alone(suite: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(InputError, match="not a folder of a run"):
        drive(suite, out)
    assert [file.name for file in out.iterdir()] == [name]
    with pytest.raises(InputError, match="has no journal"):
        resumed(out)


def test_an_empty_folder_is_begun(suite: Path, whole: Path, tmp_path: Path) -> None:
    """As it is left by a kill between its making and the journal's first line."""
    out = tmp_path / "out"
    out.mkdir()
    (out / journal.NAME).write_text('{"journal": 1, "pa')
    drive(suite, out)
    assert_same(out, whole)


def test_a_journal_torn_at_any_byte(suite: Path, cut: Path, tmp_path: Path) -> None:
    """Whole lines count, whatever follows them."""
    data = (cut / journal.NAME).read_bytes()
    ends = [i + 1 for i, byte in enumerate(data) if byte == ord("\n")]
    assert len(ends) == 3
    place = tmp_path / "torn"
    place.mkdir()
    for size in range(ends[0], len(data) + 1):
        (place / journal.NAME).write_bytes(data[:size])
        with journal.held(place) as found:
            assert len(found.sealed) == sum(end <= size for end in ends) - 1
        assert (place / journal.NAME).stat().st_size in ends


@pytest.mark.parametrize("seed", range(4))
def test_a_rotten_line_is_as_if_it_were_not_there(
    suite: Path, whole: Path, cut: Path, seed: int
) -> None:
    """A flipped bit in a line of a tile: the tile is driven again."""
    data = bytearray((cut / journal.NAME).read_bytes())
    lines = bytes(data).split(b"\n")
    at = len(lines[0]) + 1 + (seed * len(lines[1])) // 8
    data[at] ^= 1
    (cut / journal.NAME).write_bytes(data)
    with journal.held(cut) as found:
        assert 0 not in found.sealed
        assert 1 in found.sealed
    if seed == 3:
        assert run(suite, out=cut, resume=True, **CHOSEN).resumed == 4
        assert_same(cut, whole)


def test_a_damaged_first_line_is_refused(suite: Path, cut: Path) -> None:
    data = (cut / journal.NAME).read_bytes()
    (cut / journal.NAME).write_bytes(b"#" + data[1:])
    with pytest.raises(InputError, match="first line of its journal is damaged"):
        drive(suite, cut)
    assert (cut / journal.NAME).read_bytes() == b"#" + data[1:]


@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_a_bad_part_is_driven_again(suite: Path, whole: Path, cut: Path, how: str) -> None:
    part = sorted((cut / "parts").glob("000001-*-ticks.parquet"))[0]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    if how == "gone":
        part.unlink()
    else:
        part.write_bytes(data if how == "flipped" else data[:-1])
    (cut / "parts" / "000009-deadbeef-ticks.parquet").write_text("nobody's")
    (cut / ".episodes.parquet.1.tmp").write_text("half")
    assert run(suite, out=cut, resume=True, **CHOSEN).resumed == 4
    assert_same(cut, whole)


def test_tables_of_an_interrupted_run_outlive_its_parts(
    suite: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All parts are damaged, and who goes on is interrupted before he has driven anything."""
    out = tmp_path / "out"

    def stop(advance: Advance) -> None:
        if advance.done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(suite, out=out, progress=stop, **CHOSEN)

    def interrupted(*_: Any) -> Iterator[Any]:
        raise KeyboardInterrupt
        yield

    rows, manifest = episodes(out), facts(out)
    assert len(rows) >= 8
    for part in (out / "parts").iterdir():
        part.write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr("drivestack.sim.suite.driven", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(suite, out=out, resume=True, **CHOSEN)
    assert (episodes(out), facts(out)) == (rows, manifest)
    assert run(suite, out=out, resume=True, **CHOSEN).resumed == 0
    assert_same(out, whole)


FILES = len(TABLES) + 1
"""Of a tile, and of a run: its tables and events."""

WRITES = 4 * FILES + FILES + 1
"""Files that the run of these tests writes whole: parts of four tiles, the run's, the manifest."""

FIRST_AND_LAST = {*range(1, FILES + 2), *range(4 * FILES, WRITES + 1)}
"""Writes of the first tile and of the joining; those of the tiles between are like the first."""


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(n, marks=() if n in FIRST_AND_LAST else pytest.mark.nightly)
        for n in range(1, WRITES + 1)
    ],
)
def test_a_full_disk_at_every_write(
    suite: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """From some write on there is no room: one sentence, and the run goes on when there is."""
    out, count = tmp_path / "out", 0
    written = files.written_whole

    @contextlib.contextmanager
    def filling(path: Path) -> Iterator[Path]:
        nonlocal count
        count += path.is_relative_to(out)
        with written(path) as temporary:
            yield temporary
            if count >= first and path.is_relative_to(out):
                raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("drivestack.sim.files.written_whole", filling)
        patch.setattr("drivestack.sim.parquet.written_whole", filling)
        with pytest.raises(EnvironmentFault, match="No space left on device"):
            drive(suite, out)
    drive(suite, out)
    assert_same(out, whole)


def test_a_full_disk_under_the_journal(
    suite: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line is taken back."""
    out = tmp_path / "out"
    write, lines = journal.os.write, 0

    def filling(handle: int, data: bytes) -> int:
        nonlocal lines
        lines += 1
        if lines == 3:
            return write(handle, data[:40])
        if lines == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data)

    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "write", filling)
        with pytest.raises(EnvironmentFault, match="No space left on device"):
            drive(suite, out)
    assert (out / journal.NAME).read_bytes().endswith(b"\n")
    assert facts(out)["interrupted"] is True
    drive(suite, out)
    assert_same(out, whole)


def test_copies_of_a_run_go_on_too(whole: Path, cut: Path, tmp_path: Path) -> None:
    """A journal names its parts, not where they are."""
    copy = tmp_path / "copy"
    shutil.copytree(cut, copy)
    resumed(copy)
    assert_same(copy, whole)
