"""Tailing: nothing that can be read is lost, nothing is read twice, whatever happens to a log."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.errors import SourceError
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.sources.discovery import Source
from tracecheck.reading.sources.opening import Access
from tracecheck.reading.tail import sequential_reader as reading
from tracecheck.reading.tail.pieces import Begin, End
from tracecheck.reading.tail.tail import Tail

from ..compressed import COMPRESS, LINES
from .tailed import Log, Reader


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def fails(
    monkeypatch: pytest.MonkeyPatch, name: str, code: int, path: str = "", *, times: int = 10**9
) -> None:
    """Let calls of `os.NAME` fail for `path`, or for any."""
    real = getattr(os, name)
    left = [times]

    def failing(what: Any, *args: Any, **how: Any) -> Any:
        if (path and what != path) or not left[0]:
            return real(what, *args, **how)
        left[0] -= 1
        raise OSError(code, os.strerror(code), path or None)

    monkeypatch.setattr(os, name, failing)


# What a file goes through


def test_growing(log: Log) -> None:
    log.write(b"one\n")
    reader = Reader(log.path)
    assert reader.read() == [Begin(log.path), b"one\n"]
    assert reader.read() == []
    log.write(b"two\n")
    assert reader.tail.lag == 4
    assert reader.read() == [b"two\n"]
    assert (reader.tail.lag, reader.tail.behind, reader.tail.ended) == (0, False, False)


def test_size_bounds_what_is_read_at_once(log: Log) -> None:
    log.write(b"0123456789")
    reader = Reader(log.path)
    assert reader.read(4) == [Begin(log.path), b"0123"]
    assert reader.tail.behind
    assert reader.tail.lag == 6
    assert reader.read(6) == [b"456789"]
    assert not reader.tail.behind


def test_lag_counts_the_files_that_are_to_be_begun(log: Log) -> None:
    log.write(b"12345", 1)
    log.write(b"678")
    reader = Reader(log.at(1), log.path)
    assert reader.tail.lag == 8
    reader.read(2)
    assert reader.tail.lag == 6
    log.rename()
    log.write(b"9999")
    reader.read(4)
    assert reader.tail.lag == 6
    reader.read(2)
    assert reader.tail.behind
    assert reader.tail.lag == 4
    reader.read()
    assert reader.tail.lag == 0


def test_rename_and_create_rotation(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    assert reader.read() == []
    assert reader.tail.trouble is None
    log.write(b"late\n", 1)
    log.write(b"")
    assert reader.read() == [b"late\n"]
    log.write(b"later\n", 1)
    log.write(b"new\n")
    assert reader.read() == [b"later\n", End(), Begin(log.path), b"new\n"]
    assert reader.tail.names() == (log.at(1), log.path)


def test_a_rotated_file_is_finished_before_the_new_one_is_begun(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    log.write(b"new\n")
    real = os.stat
    is_late = []

    def stat(path: Any, *args: Any, **how: Any) -> os.stat_result:
        status = real(path, *args, **how)
        if path == log.path and not is_late:
            is_late.append(True)
            log.write(b"written after the new file was seen\n", 1)
        return status

    monkeypatch.setattr(os, "stat", stat)
    assert reader.read_all() == [b"a\nwritten after the new file was seen\n", b"new\n"]


@pytest.mark.parametrize("unread", [b"", b"unread\n"])
def test_copytruncate(log: Log, unread: bytes) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.write(unread)
    log.copytruncate()
    log.write(b"b\n")
    assert reader.read_all() == [b"a\n" + unread, b"b\n"]
    assert reader.tail.names() == (log.at(1), log.path)


def test_copytruncate_to_a_longer_file_than_before(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.copytruncate()
    log.write(b"longer than what stood there\n")
    assert reader.read_all() == [b"a\n", b"longer than what stood there\n"]


def test_copytruncate_by_a_writer_that_leaves_a_hole(log: Log) -> None:
    with open(log.path, "wb", buffering=0) as writer:
        writer.write(b"a\n")
        reader = Reader(log.path)
        reader.read()
        log.copytruncate()
        writer.write(b"b\n")
        assert reader.read_all() == [b"a\n", b"\0\0b\n"]


@pytest.mark.parametrize("after", [b"", b"b", b"bb\n", b"longer than before\n"])
def test_truncation(log: Log, after: bytes) -> None:
    log.write(b"aa\n")
    reader = Reader(log.path)
    reader.read()
    os.truncate(log.path, 0)
    log.write(after)
    os.utime(log.path, ns=(1, 1))
    assert reader.read() == [End(), Begin(log.path), *([after] if after else [])]


def test_truncation_in_the_middle_of_what_was_read(log: Log) -> None:
    data = b"".join(b"%05d\n" % n for n in range(1000))
    log.write(data)
    reader = Reader(log.path)
    reader.read()
    os.truncate(log.path, 3000)
    log.write(b"x" * 3000)
    assert reader.read_all() == [data, data[:3000] + b"x" * 3000]


def test_overwriting_what_was_read(log: Log) -> None:
    data = b"".join(b"%05d\n" % n for n in range(1000))
    log.write(data)
    reader = Reader(log.path)
    reader.read()
    with open(log.path, "r+b") as file:
        file.write(b"x")
    log.write(b"more\n")
    assert reader.read_all() == [data, b"x" + data[1:] + b"more\n"]


def test_truncation_of_a_file_that_is_deleted(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    with open(log.path, "ab") as writer:
        os.unlink(log.path)
        writer.truncate(0)
        assert reader.read() == [End()]
        assert "before it was truncated may be lost" in reader.tail.unread[0]
    log.write(b"b\n")
    assert reader.read_all() == [b"a\n", b"b\n"]


def test_truncation_before_a_rotation(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    os.truncate(log.path, 0)
    log.write(b"b\n")
    log.rename()
    log.write(b"c\n")
    assert reader.read_all() == [b"a\n", b"b\n", b"c\n"]
    assert reader.tail.names()[1:] == (log.at(1), log.path)


def test_an_old_file_with_the_same_beginning_is_no_copy(log: Log) -> None:
    log.write(b"start\nold\n", 1)
    os.utime(log.at(1), (1, 1))
    log.write(b"start\n")
    reader = Reader(log.path)
    reader.read()
    os.truncate(log.path, 0)
    log.write(b"new\n")
    assert reader.read_all() == [b"start\n", b"new\n"]


def test_deletion_and_reappearance(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    with open(log.path, "ab", buffering=0) as writer:
        os.unlink(log.path)
        writer.write(b"still open\n")
        assert reader.read() == [b"still open\n"]
        assert reader.tail.trouble == f"{log.path}: the file is gone; waiting for it to come back"
        writer.write(b"to the end\n")
    log.write(b"b\n")
    assert reader.read() == [b"to the end\n", End(), Begin(log.path), b"b\n"]
    assert reader.tail.trouble is None


def test_a_file_that_stays_away_is_let_go_of_and_read_again_when_it_comes_back(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 3)
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    handles = len(os.listdir("/proc/self/fd"))
    os.unlink(log.path)
    assert [reader.read() for _ in range(6)] == [[], [], [], [End()], [], []]
    assert len(os.listdir("/proc/self/fd")) == handles - 1
    reader.resume(reader.stop())
    assert reader.read() == []
    log.write(b"b\n")
    assert reader.read_all() == [b"a\n", b"b\n"]


def test_a_directory_in_the_place_of_a_log_is_a_trouble(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    os.unlink(log.path)
    os.mkdir(log.path)
    assert reader.read() == []
    assert reader.tail.unread == [f"{log.path}: is no file any more; waiting for one"]


def test_moved_away_and_back(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    os.rename(log.path, log.path + "-elsewhere")
    assert reader.read() == []
    assert reader.tail.trouble
    os.rename(log.path + "-elsewhere", log.path)
    log.write(b"b\n")
    assert reader.read() == [b"b\n"]
    assert reader.tail.trouble is None


def test_a_file_that_appears_later(log: Log) -> None:
    reader = Reader(log.path, from_end=True)
    assert reader.read() == []
    assert reader.tail.trouble == f"{log.path}: no such file yet; waiting for it"
    log.write(b"")
    assert reader.read() == [Begin(log.path)]
    assert reader.tail.trouble is None
    log.write(b"from its start\n")
    assert reader.read() == [b"from its start\n"]


def test_a_directory_that_appears_later(tmp_path: Path) -> None:
    log = Log(tmp_path / "var")
    reader = Reader(log.path)
    assert reader.read() == []
    assert reader.tail.trouble == f"{log.path}: no such file yet; waiting for it"
    os.mkdir(tmp_path / "var")
    log.write(b"a\n")
    assert reader.read_all() == [b"a\n"]
    shutil.rmtree(tmp_path / "var")
    assert reader.read() == []
    os.mkdir(tmp_path / "var")
    log.write(b"b\n")
    assert reader.read_all() == [b"a\n", b"b\n"]


def test_an_empty_file_is_begun_at_once(log: Log) -> None:
    log.write(b"")
    reader = Reader(log.path)
    assert reader.read() == [Begin(log.path)]
    log.write(b"a\n")
    assert reader.read() == [b"a\n"]


# How lines arrive


def lines_of(pieces: list[Any]) -> list[str]:
    cutter = Cutter()
    lines: list[str] = []
    for piece in pieces:
        if isinstance(piece, Begin):
            cutter.begin(0)
        blocks = cutter.feed(piece) if isinstance(piece, bytes) else ()
        lines.extend(text for block in blocks for text in block.texts)
    lines.extend(text for block in cutter.end(closing=True) for text in block.texts)
    return lines


def arriving(log: Log, *writes: bytes) -> tuple[list[str], list[str]]:
    """The lines as they are read after each write, and those of the whole."""
    reader = Reader(log.path)
    pieces = []
    for data in writes:
        log.write(data)
        pieces += reader.read()
    assert [piece for piece in pieces if isinstance(piece, bytes)] == list(writes)
    return lines_of(pieces), lines_of([Begin(""), b"".join(writes)])


def test_partial_line(log: Log) -> None:
    lines, whole = arriving(log, b"one\npart", b"ial\n")
    assert lines == whole == ["one", "partial"]


def test_line_written_in_several_writes(log: Log) -> None:
    lines, whole = arriving(log, *(bytes([byte]) for byte in b"in several\r\nwrites"))
    assert lines == whole == ["in several", "writes"]


def test_multi_byte_character_cut_in_two(log: Log) -> None:
    data = "größer €\n".encode()
    for at in range(1, len(data)):
        other = Log(os.path.dirname(log.path), f"{at}.log")
        lines, whole = arriving(other, data[:at], data[at:])
        assert lines == whole == ["größer €"]


def test_a_burst_of_100_000_lines(log: Log) -> None:
    log.write(b"before\n")
    reader = Reader(log.path)
    reader.read()
    burst = b"".join(b"OUTBOX_TRACE|phase=planner|n=%d\n" % n for n in range(100_000))
    log.write(burst)
    reader.read(1 << 20)
    log.rename()
    log.write(b"after\n")
    assert reader.tail.behind
    assert reader.read_all(1 << 20) == [b"before\n" + burst, b"after\n"]


# From the end


def test_from_the_end_begins_with_the_line_that_is_not_whole_yet(log: Log) -> None:
    log.write(b"old\n", 1)
    log.write(b"x" * 100_000 + b"\npart")
    reader = Reader(log.at(1), log.path, from_end=True)
    assert reader.tail.lag == 4
    reader.restart()
    assert reader.read() == [Begin(log.path), b"part"]
    log.write(b"ial\n")
    assert reader.read() == [b"ial\n"]


def test_from_the_end_of_a_file_without_a_line_end(log: Log) -> None:
    log.write(b"part")
    assert Reader(log.path, from_end=True).read() == [Begin(log.path), b"part"]


def test_from_the_end_of_a_log_that_is_just_being_rotated(log: Log) -> None:
    log.write(b"old\n", 1)
    reader = Reader(log.at(1), log.path, from_end=True)
    assert reader.read() == [Begin(log.at(1))]
    log.write(b"late\n", 1)
    log.write(b"new\n")
    assert reader.read_all() == [b"late\n", b"new\n"]


# Rotated sets


def test_a_rotated_set_is_read_oldest_first(log: Log) -> None:
    log.write(b"1\n", 2)
    log.write(b"2\n", 1)
    log.write(b"3\n")
    log.compress(2)
    reader = Reader(log.at(2, ".gz"), log.at(1), log.path)
    assert reader.read_all(1) == [b"1\n", b"2\n", b"3\n"]
    assert reader.paths == [log.at(2, ".gz"), log.at(1), log.path]


def test_several_rotations_between_two_looks(log: Log) -> None:
    log.write(b"a")
    reader = Reader(log.path)
    reader.read()
    for data in (b"b", b"c", b"", b"d"):
        log.write(b"!")
        log.rename()
        log.write(data)
    assert reader.read_all() == [b"a!", b"b!", b"c!", b"!", b"d"]
    assert reader.tail.names() == (log.at(4), log.at(3), log.at(2), log.at(1), log.path)


def test_several_rotations_by_date(log: Log) -> None:
    log.write(b"a")
    reader = Reader(log.path)
    reader.read()
    for day, data in ((20, b"b"), (21, b"c")):
        os.rename(log.path, f"{log.path}-202611{day}")
        log.write(data)
    assert reader.read_all() == [b"a", b"b", b"c"]


def test_dated_logs_without_a_base(log: Log) -> None:
    first, second = (f"{log.path}-202611{day}" for day in (20, 21))
    Path(first).write_bytes(b"a\n")
    reader = Reader(first, log.path)
    assert reader.read_all() == [b"a\n"]
    assert reader.tail.trouble is None
    Path(second).write_bytes(b"b\n")
    assert reader.read_all() == [b"a\n", b"b\n"]


def test_a_rotation_while_a_set_is_read(log: Log) -> None:
    for number, data in ((2, b"1111\n"), (1, b"2222\n"), (0, b"3333\n")):
        log.write(data, number)
    reader = Reader(log.at(2), log.at(1), log.path)
    reader.read(1)
    log.rename()
    log.write(b"4444\n")
    log.compress(2)
    assert reader.read_all(3) == [b"1111\n", b"2222\n", b"3333\n", b"4444\n"]


def test_a_rotation_in_the_middle_of_a_look(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    log.write(b"b\n")
    real = os.stat
    rotated = []

    def stat(path: Any, *args: Any, **how: Any) -> os.stat_result:
        status = real(path, *args, **how)
        if path == log.at(1) and not rotated:
            rotated.append(True)
            log.rename()
            log.write(b"c\n")
        return status

    monkeypatch.setattr(os, "stat", stat)
    reader.read()
    assert rotated
    assert reader.read_all() == [b"a\n", b"b\n", b"c\n"]


def test_a_set_that_never_stands_still_is_looked_at_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    log.write(b"b\n")
    with monkeypatch.context() as patched:
        real = os.listdir
        looks = []

        def listdir(path: Any) -> list[str]:
            looks.append(path)
            log.write(b"", len(looks) + 1)
            return real(path)

        patched.setattr(os, "listdir", listdir)
        log.write(b"still read\n", 1)
        assert reader.read() == [b"still read\n"]
    assert reader.read_all()[-1] == b"b\n"


def test_of_two_files_of_one_number_the_one_with_the_usual_name_counts(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    for data in (b"b\n", b"c\n"):
        log.rename()
        log.write(data)
    Path(f"{log.path}.001").write_bytes(b"a stray copy\n")
    assert reader.read_all() == [b"a\n", b"b\n", b"c\n"]


def test_a_file_that_is_being_compressed_is_read_as_it_was(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    for data in (b"b\n", b"c\n"):
        log.rename()
        log.write(data)
    Path(log.at(1, ".gz")).write_bytes(gzip.compress(b"b\n")[:11])
    assert reader.read_all() == [b"a\n", b"b\n", b"c\n"]


def test_a_file_that_was_read_and_gets_another_name_is_not_read_again(log: Log) -> None:
    log.write(b"a\n", 1)
    log.write(b"b\n")
    reader = Reader(log.at(1), log.path)
    reader.read()
    log.write(b"bb\n")
    reader.read()
    log.rename()
    log.write(b"c\n")
    reader.read()
    os.rename(log.path, log.at(5))
    log.write(b"d\n")
    assert reader.read_all() == [b"a\n", b"b\nbb\n", b"c\n", b"d\n"]


# Compressed files


def test_compressed_rotation(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.write(b"unread\n")
    log.rename()
    log.compress(1)
    log.write(b"b\n")
    log.rename()
    log.compress(1)
    log.write(b"c\n")
    assert reader.read_all(3) == [b"a\nunread\n", b"b\n", b"c\n"]
    assert reader.tail.names() == (log.at(2, ".gz"), log.at(1, ".gz"), log.path)


@pytest.mark.parametrize("codec", COMPRESS)
@pytest.mark.parametrize("read", [1, 100, 1000, 100_000])
def test_compressed_rotation_over_a_restart(log: Log, codec: Any, read: int) -> None:
    log.write(LINES)
    reader = Reader(log.path)
    reader.read(read)
    state = reader.stop()
    os.unlink(log.path)
    Path(log.at(1)).write_bytes(COMPRESS[codec](LINES + b"unread\n"))
    log.write(b"b\n")
    reader.resume(state)
    reader.read(1000)
    reader.restart()
    assert reader.read_all(1000) == [LINES + b"unread\n", b"b\n"]


def test_a_compressed_file_that_nothing_follows_ends(log: Log) -> None:
    packed = Path(log.at(1, ".gz"))
    packed.write_bytes(gzip.compress(b"a\n"))
    reader = Reader(str(packed))
    assert reader.read() == [Begin(str(packed)), b"a\n", End()]
    assert reader.tail.ended
    assert reader.tail.lag == 0
    reader.restart()
    assert reader.tail.ended
    assert reader.read() == []


def test_from_the_end_of_a_compressed_file(log: Log) -> None:
    packed = Path(log.at(1, ".gz"))
    packed.write_bytes(gzip.compress(b"a\n"))
    reader = Reader(str(packed), from_end=True)
    assert reader.tail.lag == 0
    assert reader.read() == [Begin(str(packed)), End()]


def test_broken_compressed_data_ends_its_file(log: Log) -> None:
    data = bytes(random.Random(1).randbytes(100_000).hex(), "ascii")
    Path(log.at(1)).write_bytes(gzip.compress(data)[:-50_000])
    log.write(b"b\n")
    reader = Reader(log.at(1), log.path)
    reader.read()
    assert reader.tail.behind
    assert "gzip data is cut short" in (reader.tail.trouble or "")
    assert len(reader.files[0]) > 10_000
    reader.restart()
    *_, last = reader.read_all()
    assert last == b"b\n"
    assert reader.tail.trouble is None


def test_a_compressed_file_that_is_cut_in_its_first_bytes(log: Log) -> None:
    Path(log.at(1)).write_bytes(gzip.compress(b"a\n")[:-4])
    log.write(b"b\n")
    reader = Reader(log.at(1), log.path)
    reader.read()
    assert "gzip data is cut short" in (reader.tail.trouble or "")
    assert reader.read_all() == [b"a\n", b"b\n"]


# Faults


def test_permission_lost_and_regained(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    log.write(b"b\n")
    log.write(b"late\n", 1)
    with monkeypatch.context() as patched:
        fails(patched, "open", errno.EACCES, log.path)
        assert reader.read() == [b"late\n"]
        assert (reader.tail.trouble or "").startswith(f"{log.path}: permission denied")
        log.write(b"later\n", 1)
        assert reader.read() == [b"later\n"]
        assert reader.tail.trouble
    assert reader.read() == [End(), Begin(log.path), b"b\n"]
    assert reader.tail.trouble is None


def test_permission_for_the_directory_lost_and_regained(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.write(b"b\n")
    with monkeypatch.context() as patched:
        fails(patched, "stat", errno.EACCES, log.path)
        assert reader.read() == [b"b\n"]
        assert "permission denied" in (reader.tail.trouble or "")
    assert reader.read() == []
    assert reader.tail.trouble is None


def test_no_permission_at_the_start(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write(b"old\n", 1)
    log.write(b"a\n")
    with monkeypatch.context() as patched:
        fails(patched, "open", errno.EACCES, log.at(1))
        reader = Reader(log.at(1), log.path)
        assert reader.read() == []
        assert "permission denied" in (reader.tail.trouble or "")
    assert reader.read_all() == [b"old\n", b"a\n"]


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ENOMEM])
@pytest.mark.parametrize("name", ["pread", "fstat"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_fault_while_reading_loses_nothing(
    log: Log, monkeypatch: pytest.MonkeyPatch, code: int, name: str, is_packed: bool
) -> None:
    data = random.Random(1).randbytes(200_000).hex().encode()
    Path(log.at(1)).write_bytes(gzip.compress(data) if is_packed else data)
    log.write(b"b\n")
    reader = Reader(log.at(1), log.path)
    reader.read(1000)
    for _ in range(3):
        with monkeypatch.context() as patched:
            fails(patched, name, code)
            for _ in range(100):
                reader.read(1000)
            assert reader.tail.trouble
            assert len(reader.files) == 1
        reader.read(1000)
    assert reader.read_all(10_000) == [data, b"b\n"]
    assert reader.tail.trouble is None


def test_too_many_open_files(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    with monkeypatch.context() as patched:
        fails(patched, "open", errno.EMFILE)
        assert reader.read() == []
        assert "ulimit" in (reader.tail.trouble or "")
    assert reader.read_all() == [b"a\n"]


def test_a_first_file_that_is_no_log_is_refused(log: Log) -> None:
    log.write(b"\x7fELF")
    with pytest.raises(SourceError, match="looks like a program"):
        Tail(Source((log.path,)))
    with pytest.raises(SourceError, match="a directory, not a file"):
        Tail(Source((os.path.dirname(log.path),)))


def test_a_later_file_that_is_no_log_is_passed_over(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    log.write(b"\x7fELF")
    assert reader.read() == []
    for _ in range(2):
        assert "looks like a program" in (reader.tail.trouble or "")
        assert reader.read() == []
    assert not reader.tail.behind
    log.rename()
    log.write(b"b\n")
    assert reader.read_all() == [b"a\n", b"b\n"]
    assert reader.tail.trouble is None


def test_an_empty_file_that_becomes_no_log_is_passed_over(log: Log) -> None:
    log.write(b"")
    reader = Reader(log.path)
    reader.read()
    log.write(b"\x7fELF")
    assert reader.read_all() == [b""]
    assert "looks like a program" in (reader.tail.trouble or "")
    log.rename()
    log.write(b"b\n")
    assert reader.read_all() == [b"b\n"]


def test_a_file_that_is_not_what_its_name_says_is_passed_over(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    log.rename()
    Path(log.at(1)).rename(log.at(2))
    Path(log.at(1, ".gz")).write_bytes(b"no gzip data\n")
    log.write(b"b\n")
    reader.read()
    assert "is named as gzip data but holds something else" in (reader.tail.trouble or "")
    assert reader.read_all() == [b"a\n", b"b\n"]


# Restarts


def test_rotation_during_downtime(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    state = reader.stop()
    log.write(b"unread\n")
    for data in (b"b\n", b"c\n"):
        log.rename()
        log.write(data)
    reader.resume(state)
    assert reader.read_all() == [b"a\nunread\n", b"b\n", b"c\n"]
    assert reader.tail.names() == (log.at(2), log.at(1), log.path)
    assert reader.tail.trouble is None


def test_copytruncate_during_downtime(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    state = reader.stop()
    log.write(b"unread\n")
    log.copytruncate()
    log.write(b"b\n")
    reader.resume(state)
    assert reader.read_all() == [b"a\nunread\n", b"b\n"]


def test_rotation_to_a_name_of_another_sort_during_downtime(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    state = reader.stop()
    log.write(b"unread\n")
    os.rename(log.path, log.path + ".2026-11-21")
    log.write(b"b\n")
    reader.resume(state)
    assert reader.read_all() == [b"a\nunread\n", b"b\n"]
    assert reader.tail.names() == (log.path + ".2026-11-21", log.path)


@pytest.mark.parametrize("after", [b"b\n", b"longer than before\n"])
def test_inode_reuse(log: Log, monkeypatch: pytest.MonkeyPatch, after: bytes) -> None:
    log.write(b"a line\n")
    reader = Reader(log.path)
    reader.read()
    inode = os.stat(log.path).st_ino
    state = reader.stop()
    with open(log.path, "r+b") as file:  # what an unlinked inode is for the next file
        file.truncate()
        file.write(after)
    assert os.stat(log.path).st_ino == inode
    reader.resume(state)
    assert reader.read() == [End(), Begin(log.path), after]
    assert reader.tail.trouble == (
        f"{log.path}: what was written to it after byte 7 and before it went away may be lost, "
        "and so may files that were rotated since: check them by themselves, and keep rotated "
        "files for longer"
    )
    log.write(b"more\n")
    reader.read()
    assert reader.tail.trouble is None


def test_inode_reuse_with_the_same_beginning(log: Log) -> None:
    banner = b"x" * 2000
    log.write(banner + b"old\n")
    reader = Reader(log.path)
    reader.read()
    state = reader.stop()
    with open(log.path, "r+b") as file:
        file.truncate()
        file.write(banner + b"new\nmore\n")
    reader.resume(state)
    assert reader.read_all() == [banner + b"old\n", banner + b"new\nmore\n"]


def test_a_file_that_is_gone_after_a_restart_may_come_back(log: Log) -> None:
    log.write(b"a\n")
    reader = Reader(log.path)
    reader.read()
    state = reader.stop()
    away = os.path.join(os.path.dirname(log.path), "away")
    os.mkdir(away)
    os.rename(log.path, os.path.join(away, "app.log"))
    reader.resume(state)
    assert reader.read() == []
    assert reader.tail.trouble == f"{log.path}: the file is gone; waiting for it to come back"
    os.rename(os.path.join(away, "app.log"), log.path)
    log.write(b"b\n")
    assert reader.read() == [b"b\n"]


def test_resume_at_random_positions(log: Log) -> None:
    for number in (3, 2, 1, 0):
        log.write(LINES[number * 50_000 : number * 50_000 + 5000], number)
    log.compress(3)
    wanted = [Path(log.at(number)).read_bytes() for number in (2, 1, 0)]
    wanted.insert(0, LINES[150_000:155_000])
    draw = random.Random(0)
    reader = Reader(log.at(3, ".gz"), log.at(2), log.at(1), log.path)
    while reader.read(draw.randrange(1, 1500)) or reader.tail.behind:
        reader.restart()
    assert reader.contents() == wanted


def test_a_restart_between_any_two_pieces(log: Log) -> None:
    log.write(b"1\n", 2)
    log.write(b"2\n", 1)
    log.write(b"3\n")
    log.compress(2)
    reader = Reader(log.at(2, ".gz"), log.at(1), log.path)
    for _ in range(20):
        for piece in reader.tail.read(1000):
            reader.take(piece)
            break
        reader.restart()
    assert reader.contents() == [b"1\n", b"2\n", b"3\n"]


def test_a_file_that_is_gone_while_others_are_still_to_be_begun(log: Log) -> None:
    for number in (2, 1, 0):
        log.write(b"%d\n" % number, number)
    reader = Reader(log.at(2), log.at(1), log.path)
    reader.read(1)
    state = reader.stop()
    os.unlink(log.at(2))
    reader.resume(state)
    assert reader.read_all() == [b"2", b"1\n", b"0\n"]


def test_a_file_that_goes_before_it_was_begun(log: Log) -> None:
    for number in (2, 1, 0):
        log.write(b"%d\n" % number, number)
    reader = Reader(log.at(2), log.at(1), log.path)
    reader.read(1)
    os.unlink(log.at(1))
    assert reader.read() == [b"\n"]
    assert reader.read() == [End(), Begin(log.path), b"0\n"]
    assert reader.tail.unread == [
        f"{log.at(1)}: went away before it was read; what it held is lost"
    ]


def test_a_state_of_nothing_is_a_start(log: Log) -> None:
    reader = Reader(log.path)
    reader.read()
    state = reader.stop()
    log.write(b"a\n")
    reader.resume(state)
    assert reader.read_all() == [b"a\n"]


# Pipes


@pytest.mark.parametrize("codec", ["", *COMPRESS])
def test_stdin_pipe(codec: Any) -> None:
    data = COMPRESS[codec](LINES) if codec else LINES
    inner, outer = os.pipe()
    with open(inner, "rb", buffering=0) as stdin:
        reader = Reader("-", access=Access(stdin))
        assert reader.read() == [Begin("-")]
        with open(outer, "wb", buffering=0) as writer:
            for at in range(0, len(data), 1000):
                writer.write(data[at : at + 1000])
                reader.read(1200)
                assert reader.tail.trouble is None
            assert not reader.tail.ended
        while not reader.tail.ended:
            assert reader.read(1000)
        assert reader.contents() == [LINES]
        assert not reader.is_open
        assert reader.read() == []
        assert reader.tail.names() == ("-",)
        os.fstat(inner)


@pytest.mark.parametrize("codec", COMPRESS)
def test_stdin_pipe_of_several_members_byte_by_byte(codec: Any) -> None:
    inner, outer = os.pipe()
    with open(inner, "rb", buffering=0) as stdin, open(outer, "wb", buffering=0) as writer:
        reader = Reader("-", access=Access(stdin))
        members = b"".join(COMPRESS[codec](data) for data in (b"a\n", b"b\n", b"c\n"))
        writer.write(members[:10])
        reader.read()
        for byte in members[10:]:
            writer.write(bytes([byte]))
            reader.read()
            assert reader.tail.trouble is None
        writer.close()
        assert reader.read_all() == [b"a\nb\nc\n"]
        assert reader.tail.trouble is None


def test_stdin_pipe_that_is_no_log() -> None:
    inner, outer = os.pipe()
    os.write(outer, b"\x7fELF")
    with open(inner, "rb", buffering=0) as stdin:
        reader = Reader("-", access=Access(stdin))
        reader.read()
        assert (reader.tail.trouble or "").startswith("standard input: looks like a program")
        reader.read()
        assert reader.tail.ended
        assert reader.contents() == [b""]
    os.close(outer)


def test_stdin_pipe_of_data_compressed_twice_is_refused_as_in_a_check() -> None:
    inner, outer = os.pipe()
    os.write(outer, gzip.compress(gzip.compress(LINES)))
    os.close(outer)
    with open(inner, "rb", buffering=0) as stdin:
        reader = Reader("-", access=Access(stdin))
        reader.read()
        assert reader.tail.trouble == (
            "standard input: looks like gzip data inside its gzip compression, not a log: "
            "it was compressed twice; decompress it once"
        )


def test_stdin_in_memory() -> None:
    reader = Reader("-", access=Access(io.BytesIO(LINES)))
    assert reader.read_all(1000) == [LINES]
    assert reader.tail.ended


def test_stdin_that_is_a_file(log: Log) -> None:
    log.write(b"skipped\na\n")
    with open(log.path, "rb", buffering=0) as stdin:
        stdin.read(8)
        reader = Reader("-", access=Access(stdin))
        assert reader.read_all() == [b"a\n"]
        log.write(b"b\n")
        assert reader.read_all() == [b"a\nb\n"]
        os.truncate(log.path, 0)
        stdin.seek(0)
        log.write(b"c\n")
        assert reader.read_all() == [b"a\nb\n", b"c\n"]
        assert not reader.tail.ended


def test_a_pipe_of_another_run_begins_anew() -> None:
    inner, outer = os.pipe()
    with open(inner, "rb", buffering=0) as stdin:
        os.write(outer, b"half a li")
        reader = Reader("-", access=Access(stdin))
        reader.read()
        state = reader.tail.state()
        reader.tail = Tail(reader.source, Access(stdin), state=state)
        os.write(outer, b"another\n")
        assert reader.read() == [End(), Begin("-"), b"another\n"]
    os.close(outer)


def test_a_fifo_ends_with_its_writer(tmp_path: Path) -> None:
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    reader = Reader(fifo)
    assert reader.read() == [Begin(fifo)]
    assert reader.read() == []
    with open(fifo, "wb", buffering=0) as writer:
        writer.write(b"a\n")
        assert reader.read() == [b"a\n"]
        assert not reader.tail.ended
    assert reader.read() == [End()]
    assert reader.tail.ended


# All of it together


class World:
    """A log to which anything happens, and what can be read of it: a model, file by file.

    `files` holds what each file of the log held, in order, `numbers` which of them stands under
    which number now; the one that is `deleted` is open in the tail alone.
    """

    def __init__(self, folder: str) -> None:
        self.log = Log(folder)
        self.reader = Reader(self.log.path)
        self.files: list[bytearray] = []
        self.stored: list[int] = []  # by number, newest first
        self.base: int | None = None
        self.packed: set[int] = set()
        self.lines = 0
        self.is_gone = False

    def line(self, size: int) -> bytes:
        self.lines += 1
        return b"%d " % self.lines + b"x" * size + b"\n"

    @property
    def held(self) -> int | None:
        """The file that the tail has begun last: known by its first bytes, as no two are alike."""
        read = bytes(self.reader.files[-1]) if self.reader.files else b""
        found = [at for at, file in enumerate(self.files) if read and file.startswith(read)]
        return found[0] if found else None

    @property
    def is_unread(self) -> bool:
        """Whether a file is begun of which nothing was read: nothing would tell a copy of it."""
        return bool(self.reader.files) and not self.reader.files[-1]

    def append(self, size: int) -> None:
        if self.base is None:
            self.files.append(bytearray())
            self.base = len(self.files) - 1
        data = self.line(size)
        self.files[self.base] += data
        self.log.write(data)

    def append_to_rotated(self, size: int) -> None:
        if self.stored and self.stored[0] not in self.packed and self.is_to_come(self.stored[0]):
            data = self.line(size)
            self.files[self.stored[0]] += data
            self.log.write(data, 1)

    def is_to_come(self, file: int) -> bool:
        held = self.held
        return not self.is_unread and (held is None or file >= held) and bool(self.reader.files)

    def rename(self, _: int) -> None:
        if self.base is not None and not self.is_gone and self.reader.files:
            self.log.rename()
            self.stored.insert(0, self.base)
            self.base = None

    def copytruncate(self, _: int) -> None:
        if self.base is None or self.is_gone or self.is_unread or not self.reader.files:
            return
        self.log.copytruncate()
        self.stored.insert(0, self.base)
        self.files.append(bytearray())
        self.base = len(self.files) - 1

    def compress(self, at: int) -> None:
        if self.is_unread or self.is_gone:
            return
        if at < len(self.stored) and self.stored[at] not in self.packed:
            self.log.compress(at + 1)
            self.packed.add(self.stored[at])

    def truncate(self, _: int) -> None:
        """What was not read is lost, if the file was begun; else it is as if never written."""
        if self.base is None or self.is_gone:
            return
        os.truncate(self.log.path, 0)
        if self.base == self.held:
            self.files[self.base][:] = self.reader.files[-1]
            self.files.append(bytearray())
            self.base = len(self.files) - 1
            self.is_gone = True
        else:
            self.files[self.base][:] = b""

    def delete(self, size: int) -> None:
        """What the tail has open can be read to its end."""
        if self.base is not None and self.base == self.held and not self.is_gone:
            os.unlink(self.log.path)
            self.base = None
            self.is_gone = True

    def read(self, size: int) -> None:
        self.reader.read(size * 7 + 1)
        self.is_gone = self.is_gone and (self.base is None or self.base != self.held)

    def restart(self, _: int) -> None:
        if not self.is_gone:
            self.reader.restart()

    def restart_in_the_middle(self, pieces: int) -> None:
        if not self.is_gone:
            for _, piece in zip(range(pieces + 1), self.reader.tail.read(50), strict=False):
                self.reader.take(piece)
            self.reader.restart()


STEPS = st.tuples(
    st.sampled_from(
        [
            World.append,
            World.append,
            World.append_to_rotated,
            World.rename,
            World.copytruncate,
            World.compress,
            World.truncate,
            World.delete,
            World.read,
            World.read,
            World.restart,
            World.restart_in_the_middle,
        ]
    ),
    st.integers(0, 9) | st.sampled_from([300, 1500]),
)


@given(st.lists(STEPS, max_size=30))
def test_whatever_happens_each_file_is_read_as_far_as_it_can_be(
    steps: list[tuple[Any, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        for step, number in steps:
            step(world, number)
        read = [file for file in world.reader.read_all(100) if file]
        assert read == [bytes(file) for file in world.files if file]
        for path, data in zip(world.reader.tail.names(), world.reader.files, strict=True):
            at = next((at for at, file in enumerate(world.files) if data and file == data), None)
            if at in world.stored:
                stored = world.log.stored(world.stored.index(at) + 1)
                assert path == stored
        world.reader.tail.close()
