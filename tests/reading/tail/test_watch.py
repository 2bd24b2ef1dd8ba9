"""Watching: what was given is followed, what joins later is read once, and nothing twice."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tracecheck.errors import SourceError, UsageError
from tracecheck.reading.sources.discovery import Source, find_sources
from tracecheck.reading.tail.readers import Readers
from tracecheck.reading.tail.tail import Tail
from tracecheck.reading.tail.watch import Watch


def made(folder: Path, *names: str) -> list[str]:
    """Files that each hold something else."""
    paths = [str(folder / name) for name in names]
    for path in paths:
        Path(path).write_text(f"the first line of {path}\n" * 20)
    return paths


def files(sources: Sequence[Source]) -> list[tuple[str, ...]]:
    return [source.files for source in sources]


class Run:
    """A watch, and tails that read what it finds."""

    def __init__(self, *given: str, before: Run | None = None) -> None:
        self.given = given
        self.tails: list[Tail] = []
        self.readers = Readers()
        self.watch = Watch(given, as_stored(before.watch.state()) if before else None)
        states = [as_stored(tail.state()) for tail in before.tails] if before else []
        self.there = self.watch.sources()
        for at, source in enumerate(self.there):
            self._add(source, states[at] if at < len(states) else None)
        self.read()

    def _add(self, source: Source, state: dict[str, Any] | None = None) -> None:
        claimed = self.readers.claimed(len(self.tails))
        self.tails.append(Tail(source, checked=False, state=state, claimed=claimed))
        self.readers.add(source.files[-1], self.tails[-1])

    def read(self) -> list[bytes]:
        """Have all that is there read; what each source has to give."""
        return [
            b"".join(piece for piece in tail.read(1 << 20) if isinstance(piece, bytes))
            for tail in self.tails
        ]

    def joined(self, *, last: bool = False) -> list[tuple[str, ...]]:
        """The files of what joins at one look, which is read then."""
        new = self.watch.joined(self.readers, last=last)
        for source in new:
            self._add(source)
        self.read()
        return files(new)

    def again(self, *given: str) -> Run:
        """Another run that goes on where this one is."""
        return Run(*(given or self.given), before=self)


def as_stored(state: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(state)))


# The start


def test_what_is_there_is_found_as_in_a_run_that_does_not_follow(tmp_path: Path) -> None:
    made(tmp_path, "b.log", "a.log", "a.log.1", "a.log.2", "c.log")
    for given in (
        [str(tmp_path)],
        [f"{tmp_path}/*"],
        [f"{tmp_path}/c.log", f"{tmp_path}/a.*", f"{tmp_path}/b.log"],
        [f"{tmp_path}/a.log", f"{tmp_path}/a.log.1"],
    ):
        assert Watch(given).sources() == find_sources(given)


def test_stdin_is_a_source() -> None:
    assert files(Watch(["-"]).sources()) == [("-",)]


def test_what_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    given = [
        str(tmp_path / "app.log"),
        str(tmp_path / "none" / "app.log"),
        str(tmp_path / "empty"),
        str(tmp_path / "*.jsonl"),
    ]
    watch = Run(*given)
    assert files(watch.there) == [(given[0],), (given[1],)]
    assert watch.joined() == []
    made(tmp_path, "app.log", "a.jsonl")
    made(tmp_path / "empty", "b.log")
    assert watch.joined() == [
        (str(tmp_path / "empty" / "b.log"),),
        (str(tmp_path / "a.jsonl"),),
    ]


def test_the_complaints_are_those_of_a_run_that_does_not_follow(tmp_path: Path) -> None:
    path, other = made(tmp_path, "app.log", "b.log")
    os.link(path, tmp_path / "same.log")
    for given in (
        [path, path],
        [path, str(tmp_path / "same.log")],
        ["-", "-"],
        [str(tmp_path), other],
        [""],
        [f"{path}/inside"],
        ["nul\0"],
    ):
        with pytest.raises((UsageError, SourceError)) as wanted:
            find_sources(given)
        with pytest.raises(type(wanted.value)) as caught:
            Watch(given).sources()
        assert str(caught.value) == str(wanted.value)


def test_a_missing_file_that_is_given_twice(tmp_path: Path) -> None:
    path = str(tmp_path / "app.log")
    with pytest.raises(UsageError, match="given twice"):
        Watch([path, path]).sources()


def test_a_set_whose_base_is_missing_gets_it_if_it_is_meant(tmp_path: Path) -> None:
    dated, _ = made(tmp_path, "app.log-20261121", "b.log")
    base = str(tmp_path / "app.log")
    assert files(Watch([f"{tmp_path}/app.log*"]).sources()) == [(dated, base)]
    assert files(Watch([str(tmp_path)]).sources())[0] == (dated, base)
    assert files(Watch([f"{tmp_path}/app.log-*"]).sources()) == [(dated,)]
    assert files(Watch([dated]).sources()) == [(dated,)]
    assert files(Watch([base, dated]).sources()) == [(dated, base)]


# What joins


@pytest.mark.parametrize("pattern", ["", "/*.log*"])
def test_new_matches_join_once(tmp_path: Path, pattern: str) -> None:
    made(tmp_path, "a.log")
    watch = Run(f"{tmp_path}{pattern}")
    assert watch.joined() == []
    new = made(tmp_path, "b.log", "c.log")
    assert watch.joined() == [(path,) for path in new]
    assert watch.joined() == []
    made(tmp_path, "b.log.1", "d.txt")
    assert watch.joined() == []


def test_plain_paths_bring_nothing_else(tmp_path: Path) -> None:
    path, _ = made(tmp_path, "a.log", "b.log")
    watch = Run(path)
    assert watch.joined() == []


def test_a_new_set_joins_as_one_source(tmp_path: Path) -> None:
    watch = Run(str(tmp_path))
    older, newer = made(tmp_path, "a.log.1", "a.log")
    (packed,) = made(tmp_path, "b.log.2.gz")
    assert watch.joined() == [(older, newer), (packed, str(tmp_path / "b.log"))]


@pytest.mark.parametrize("name", ["a.log.1", "a.log-20261121", "a.log.2.gz", "a.log.20261121.zst"])
def test_files_of_a_set_that_is_followed_do_not_join(tmp_path: Path, name: str) -> None:
    made(tmp_path, "a.log")
    watch = Run(str(tmp_path))
    made(tmp_path, name)
    assert watch.joined() == []


def test_a_compressed_match_of_another_base_joins(tmp_path: Path) -> None:
    made(tmp_path, "a.log")
    watch = Run(str(tmp_path))
    (packed,) = made(tmp_path, "b.log.gz")
    assert watch.joined()[0][0] == packed


@pytest.mark.parametrize("how", ["renamed", "compressed", "copied"])
@pytest.mark.parametrize("is_restarted", [False, True])
def test_rotation_to_a_name_of_another_base_does_not_join(
    tmp_path: Path, how: str, is_restarted: bool
) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Run(str(tmp_path))
    if is_restarted:
        watch = watch.again(str(tmp_path))
    rotated = tmp_path / "a-20261121.log"
    if how == "copied":
        shutil.copyfile(path, rotated)
        Path(path).write_text("another\n")
    elif how == "compressed":
        (tmp_path / "a-20261121.log.gz").write_bytes(gzip.compress(Path(path).read_bytes()))
        os.unlink(path)
    else:
        os.rename(path, rotated)
        made(tmp_path, "a.log")
        Path(path).write_text("another\n")
    assert watch.joined() == []
    (other,) = made(tmp_path, "c.log")
    assert watch.joined() == [(other,)]


def lines(name: str, count: int) -> str:
    return "".join(f"line {at} of {name}\n" for at in range(count))


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_log_that_begins_as_one_that_was_rotated_joins(
    tmp_path: Path, is_restarted: bool
) -> None:
    path, other = tmp_path / "a.log", tmp_path / "b.log"
    path.write_text(lines("all", 50) + "a\n")
    watch = Run(str(tmp_path))
    path.rename(tmp_path / "a.log.1")
    path.write_text("more of a\n")
    watch.read()
    if is_restarted:
        watch = watch.again()
    other.write_text(lines("all", 50) + "b\n")
    assert watch.joined() == [(str(other),)]


def test_a_log_that_holds_the_same_as_another_joins_after_a_while_or_at_the_end(
    tmp_path: Path,
) -> None:
    (path,) = made(tmp_path, "a.log")
    other = str(tmp_path / "b.log")
    watch = Run(str(tmp_path))
    shutil.copyfile(path, other)
    assert [watch.joined() for _ in range(5)] == [[], [], [], [], [(other,)]]
    another = str(tmp_path / "c.log")
    shutil.copyfile(path, another)
    assert watch.joined() == []
    assert watch.joined(last=True) == [(another,)]


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize("name", ["app.log.old", "app.log-18122025"])
def test_a_copy_to_a_name_of_no_set_goes_on_with_the_log_that_is_truncated_then(
    tmp_path: Path, is_restarted: bool, name: str
) -> None:
    log, copy = tmp_path / "app.log", tmp_path / name
    log.write_text(lines("read", 20))
    watch = Run(str(tmp_path))
    copy.touch()
    assert watch.joined() == []
    with log.open("a") as file:
        file.write("the last\n")
    copy.write_text(log.read_text()[:50])
    assert watch.joined() == []
    copy.write_text(log.read_text())
    if is_restarted:
        watch = watch.again()
    assert watch.joined() == []
    log.write_text("")
    assert watch.joined() == []  # nobody has seen yet that it was truncated
    log.write_text("anew\n")
    watch.read()
    assert [watch.joined() for _ in range(6)] == [[]] * 6
    assert watch.joined(last=True) == []
    assert len(watch.tails) == 1


@pytest.mark.parametrize("is_done", [False, True])
def test_a_log_that_was_moved_to_a_name_of_no_set_and_compressed_is_not_read_again(
    tmp_path: Path, is_done: bool
) -> None:
    log, old, packed = (tmp_path / name for name in ("app.log", "app.log.old", "app.log.old.gz"))
    log.write_text(lines("read", 20))
    watch = Run(str(tmp_path))
    log.rename(old)
    log.write_text("anew\n" if is_done else "")
    assert watch.joined() == []
    data = gzip.compress(old.read_bytes())
    packed.write_bytes(data[:20])
    assert watch.joined() == []
    packed.write_bytes(data)
    assert watch.joined() == []
    old.unlink()
    assert [watch.joined() for _ in range(6)] == [[]] * 6
    assert watch.joined(last=True) == []


def test_what_holds_more_than_was_read_of_one_that_is_gone_joins(tmp_path: Path) -> None:
    log, other = tmp_path / "a.log", tmp_path / "b.log"
    log.write_text(lines("all", 20))
    watch = Run(str(tmp_path))
    shutil.copyfile(log, other)
    log.unlink()
    assert [watch.joined() for _ in range(6)] == [[]] * 6
    with other.open("a") as file:
        file.write("more\n")
    assert [watch.joined() for _ in range(5)][-1] == [(str(other),)]


@pytest.mark.parametrize("is_first", [False, True])
def test_a_link_that_is_switched_to_another_log_reads_none_twice(
    tmp_path: Path, is_first: bool
) -> None:
    (path,) = made(tmp_path, "app-18.log")
    link = tmp_path / "current.log"
    link.symlink_to("app-18.log")
    watch = Run(str(tmp_path))
    assert files(watch.there) == [(path,)]
    link.unlink()
    if is_first:
        link.symlink_to("app-19.log")
        assert watch.joined() == []
        assert list(watch.watch.troubles) == [str(link)]
    (new,) = made(tmp_path, "app-19.log")
    if not is_first:
        link.symlink_to("app-19.log")
    assert watch.joined() == [(new,)]
    assert watch.joined(last=True) == []
    assert watch.watch.troubles == {}


@pytest.mark.parametrize("is_restarted", [False, True])
def test_two_names_that_become_one_file_are_read_once(tmp_path: Path, is_restarted: bool) -> None:
    log, link = tmp_path / "n.log", tmp_path / "link.log"
    watch = Run(str(log), str(link))
    link.symlink_to("n.log")
    if is_restarted:
        watch = watch.again()
    log.write_text("one\n")
    assert watch.read() == [b"one\n", b""]
    if is_restarted:
        watch = watch.again()
    with log.open("a") as file:
        file.write("two\n")
    assert watch.read() == [b"two\n", b""]
    assert not any(tail.trouble for tail in watch.tails)


def test_two_names_of_one_new_file_join_as_one(tmp_path: Path) -> None:
    watch = Run(str(tmp_path))
    path, other = made(tmp_path, "a.log", "c.log")
    os.link(path, tmp_path / "b.log")
    os.symlink("c.log", tmp_path / "0.log")
    assert watch.joined() == [(path,), (other,)]
    assert watch.joined(last=True) == []


def test_another_name_of_a_followed_file_does_not_join(tmp_path: Path) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Run(str(tmp_path))
    os.symlink(path, tmp_path / "current.log")
    os.link(path, tmp_path / "hard.log")
    assert watch.joined() == []


def test_what_is_no_file_does_not_join(tmp_path: Path) -> None:
    watch = Run(str(tmp_path))
    os.mkdir(tmp_path / "folder.log")
    os.mkfifo(tmp_path / "fifo.log")
    assert watch.joined(last=True) == []
    assert watch.watch.troubles == {}


def test_a_file_that_is_being_compressed_joins_once(tmp_path: Path) -> None:
    watch = Run(str(tmp_path))
    first, _ = made(tmp_path, "a.log.1", "a.log.1.gz")
    assert watch.joined() == [(first, str(tmp_path / "a.log"))]
    os.unlink(first)
    assert watch.joined() == []


def test_two_files_of_one_date_are_a_trouble_that_keeps_no_other_from_joining(
    tmp_path: Path,
) -> None:
    watch = Run(str(tmp_path))
    first, second, other = made(tmp_path, "a.log-20261121", "a.log.20261121", "b.log")
    assert watch.joined() == [(other,)]
    assert sorted(watch.watch.troubles) == [first, second]
    os.unlink(first)
    assert watch.joined() == [(second, str(tmp_path / "a.log"))]
    assert watch.watch.troubles == {}


def test_a_directory_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    made(folder, "a.log")
    watch = Run(str(folder))
    shutil.rmtree(folder)
    assert watch.joined() == []
    assert watch.watch.troubles == {}
    folder.mkdir()
    _, new = made(folder, "a.log", "b.log")
    assert watch.joined() == [(new,)]


# What cannot be looked at


@pytest.mark.parametrize("pattern", ["", "/*.log"])
@pytest.mark.parametrize("to", ["link.log", "nowhere"])
def test_a_link_that_leads_to_no_file_is_a_trouble_until_it_does(
    tmp_path: Path, pattern: str, to: str
) -> None:
    watch = Run(f"{tmp_path}{pattern}")
    link = tmp_path / "link.log"
    link.symlink_to(to)
    for _ in range(2):
        assert watch.joined() == []
        assert list(watch.watch.troubles) == [str(link)]
    link.unlink()
    assert watch.joined() == []
    assert watch.watch.troubles == {}
    link.symlink_to("file")
    made(tmp_path, "file")
    assert watch.joined() == [(str(link),)]


@pytest.mark.parametrize("pattern", ["", "/*.log"])
def test_a_directory_that_cannot_be_listed_is_a_trouble(
    tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    made(folder, "a.log")
    watch = Run(f"{folder}{pattern}")
    with monkeypatch.context() as patched:
        for call in ("listdir", "scandir"):
            patched.setattr(os, call, refusing(getattr(os, call), str(folder)))
        assert watch.watch.joined(watch.readers) == ()
        assert watch.watch.troubles == {
            str(folder): f"{folder}: permission denied: it cannot be listed; "
            "run as a user who may, or change its mode"
        }
    assert watch.joined() == []
    assert watch.watch.troubles == {}


def refusing(call: Callable[..., Any], path: str) -> Callable[..., Any]:
    """A call of the system that may not be made of one path."""

    def refused(*given: Any) -> Any:
        if given and given[0] == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return call(*given)

    return refused


def test_a_directory_that_becomes_a_link_to_itself_is_a_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    watch = Run(str(folder))
    folder.rmdir()
    folder.symlink_to("var")
    assert watch.joined() == []
    assert list(watch.watch.troubles) == [str(folder)]


# Restarts


def test_what_appeared_while_the_program_was_down_joins(tmp_path: Path) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Run(str(tmp_path))
    (second,) = made(tmp_path, "b.log")
    watch.joined()
    (third,) = made(tmp_path, "c.log")
    os.unlink(path)
    watch = watch.again(str(tmp_path))
    assert files(watch.there) == [(path,), (second,)]
    assert watch.joined() == [(third,)]
    made(tmp_path, "a.log")
    assert watch.joined() == []


def test_what_is_given_anew_after_a_restart(tmp_path: Path) -> None:
    path, other = made(tmp_path, "a.log", "b.log")
    watch = Run(path)
    watch = watch.again(path, other)
    assert files(watch.there) == [(path,), (other,)]
