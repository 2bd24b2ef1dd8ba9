"""What is seen of files is of one moment, whatever happens between two calls of the system.

Each of these was lost, or a false alarm, once; at which of the calls is not asked here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tracecheck.reading.sources.opening import DEFAULT_ACCESS
from tracecheck.reading.tail.identity import HEAD, Known
from tracecheck.reading.tail.looking import look_at
from tracecheck.reading.tail.rotated_set import Members, look_once, members_of

from .calls import Calls
from .tailed import Log, Reader

CALLS = range(40)
"""More calls than one look makes."""

HEADER = b"".join(b"starting component %d of 9\n" % number for number in range(1, 10))


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def meanwhile(call: int, change: Callable[[], None], look: Callable[[], object]) -> object:
    """What a look gives if a change is made before that call; None if it is refused for now."""
    calls = Calls()
    with calls.watched():
        calls.before(call, change)
        try:
            return look()
        except (BlockingIOError, FileNotFoundError):
            return None
        finally:
            calls.calm()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("after", [b"other\n", b"other, and longer than before\n"])
def test_a_log_that_is_written_anew_while_it_is_looked_at(
    log: Log, call: int, after: bytes
) -> None:
    before = b"what it held\n"
    log.write(before)

    def rewrite() -> None:
        os.truncate(log.path, 0)
        log.write(after)
        os.utime(log.path, ns=(1, 1))

    found = meanwhile(call, rewrite, lambda: look_at(log.path, DEFAULT_ACCESS, from_end=False))
    if isinstance(found, Known):
        held = {before: len(before), after: len(after)}
        (text,) = [one for one in held if found.fits_head(one[:HEAD])]
        assert found.size == held[text]


def names(members: Members) -> list[tuple[str, int]]:
    return [(os.path.basename(one.path), one.inode) for one in members.files]


@pytest.mark.parametrize("call", CALLS)
def test_a_set_that_is_rotated_while_it_is_looked_at(log: Log, call: int) -> None:
    for number in (2, 1, 0):
        log.write(b"%d\n" % number, number)
    before = names(members_of(log.path, {}))

    def rotate() -> None:
        log.rename()
        log.compress(3)

    found = meanwhile(call, rotate, lambda: members_of(log.path, {}))
    after = names(members_of(log.path, {}))
    assert len(after) >= len(before)
    assert found is None or (isinstance(found, Members) and names(found) in (before, after))


def test_another_file_under_the_name_and_inode_of_one_that_was_given(log: Log) -> None:
    log.write(b"plain\n", 1)
    log.write(b"given\n", 2)
    os.rename(log.at(2), log.at(1, ".gz"))
    given = {"app.log.1.gz": Known.of(log.at(1, ".gz"), os.stat(log.at(1, ".gz")))}
    (chosen,) = look_once(log.path, given).files
    assert chosen.path == log.at(1, ".gz")
    with open(log.at(1, ".gz"), "ab") as file:  # as if it had got the inode of the other
        file.write(b"more")
    (chosen,) = look_once(log.path, given).files
    assert chosen.path == log.at(1)


@pytest.mark.parametrize("call", CALLS)
def test_a_copy_that_is_finished_while_the_log_is_looked_for(log: Log, call: int) -> None:
    log.write(b"first\n")
    reader = Reader(log.path)
    reader.read_all()
    log.write(b"second\n")
    state = reader.stop()
    with open(log.at(1), "wb"):  # the copy is begun
        pass

    def finish() -> None:
        log.write(b"first\nsecond\n", 1)
        os.truncate(log.path, 0)
        log.write(b"third\n")

    calls = Calls()
    with calls.watched():
        calls.before(call, finish)
        reader.resume(state)
        reader.read()
        calls.calm()
    if os.path.getsize(log.at(1)) == 0:
        finish()
    assert reader.read_all() == [b"first\nsecond\n", b"third\n"]
    assert reader.tail.unread == []


def test_what_follows_a_lost_file_is_read_although_the_log_is_away(log: Log) -> None:
    log.write(b"lost\n")
    reader = Reader(log.path)
    reader.read_all()
    state = reader.stop()
    os.unlink(log.path)
    log.write(b"rotated\n")
    log.rename()
    reader.resume(state)
    assert reader.read_all() == [b"lost\n", b"rotated\n"]
    assert any("went away" in one for one in reader.tail.unread)


def test_a_log_that_begins_like_a_lost_one_is_no_copy_of_it(log: Log) -> None:
    log.write(b"2025-12-18 one\n")
    reader = Reader(log.path)
    reader.read(1)  # so that its first byte is known by itself
    reader.read_all()
    state = reader.stop()
    log.write(b"2025\n", 1)  # before the inode is free
    os.unlink(log.path)
    log.write(b"2026-12-18 two\n")
    reader.resume(state)
    assert reader.read_all() == [b"2025-12-18 one\n", b"2025\n", b"2026-12-18 two\n"]
    assert reader.tail.unread


def test_a_copy_with_newer_files_behind_it_is_none_that_is_being_made(log: Log) -> None:
    log.write(HEADER)
    reader = Reader(log.path)
    reader.read_all()
    log.copytruncate()
    log.write(HEADER + b"second\n")
    log.copytruncate()
    log.write(HEADER + b"third\n")
    assert reader.read_all() == [HEADER, HEADER + b"second\n", HEADER + b"third\n"]
    assert reader.tail.unread == []
