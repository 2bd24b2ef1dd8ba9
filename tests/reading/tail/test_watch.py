"""Watching: what was given is followed, what joins later is read once, and nothing twice."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracecheck.errors import SourceError, UsageError
from tracecheck.reading.sources.discovery import Source, find_sources
from tracecheck.reading.tail.watch import Watch


def made(folder: Path, *names: str) -> list[str]:
    """Files that each hold something else."""
    paths = [str(folder / name) for name in names]
    for path in paths:
        Path(path).write_text(f"the first line of {path}\n" * 20)
    return paths


def files(sources: Sequence[Source]) -> list[tuple[str, ...]]:
    return [source.files for source in sources]


def restarted(watch: Watch, *given: str) -> Watch:
    return Watch(given, json.loads(json.dumps(watch.state())))


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
    watch = Watch(given)
    assert files(watch.sources()) == [(given[0],), (given[1],)]
    assert watch.joined() == ()
    made(tmp_path, "app.log", "a.jsonl")
    made(tmp_path / "empty", "b.log")
    assert files(watch.joined()) == [
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
    watch = Watch([f"{tmp_path}{pattern}"])
    watch.sources()
    assert watch.joined() == ()
    new = made(tmp_path, "b.log", "c.log")
    assert files(watch.joined()) == [(path,) for path in new]
    assert watch.joined() == ()
    made(tmp_path, "b.log.1", "d.txt")
    assert watch.joined() == ()


def test_plain_paths_bring_nothing_else(tmp_path: Path) -> None:
    path, _ = made(tmp_path, "a.log", "b.log")
    watch = Watch([path])
    watch.sources()
    assert watch.joined() == ()


def test_a_new_set_joins_as_one_source(tmp_path: Path) -> None:
    watch = Watch([str(tmp_path)])
    watch.sources()
    older, newer = made(tmp_path, "a.log.1", "a.log")
    (packed,) = made(tmp_path, "b.log.2.gz")
    assert files(watch.joined()) == [(older, newer), (packed, str(tmp_path / "b.log"))]


@pytest.mark.parametrize("name", ["a.log.1", "a.log-20261121", "a.log.2.gz", "a.log.20261121.zst"])
def test_files_of_a_set_that_is_followed_do_not_join(tmp_path: Path, name: str) -> None:
    made(tmp_path, "a.log")
    watch = Watch([str(tmp_path)])
    watch.sources()
    made(tmp_path, name)
    assert watch.joined() == ()


def test_a_compressed_match_of_another_base_joins(tmp_path: Path) -> None:
    made(tmp_path, "a.log")
    watch = Watch([str(tmp_path)])
    watch.sources()
    (packed,) = made(tmp_path, "b.log.gz")
    assert files(watch.joined())[0][0] == packed


@pytest.mark.parametrize("how", ["renamed", "compressed", "copied"])
@pytest.mark.parametrize("is_restarted", [False, True])
def test_rotation_to_a_name_of_another_base_does_not_join(
    tmp_path: Path, how: str, is_restarted: bool
) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Watch([str(tmp_path)])
    watch.sources()
    if is_restarted:
        watch = restarted(watch, str(tmp_path))
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
    assert watch.joined() == ()
    (other,) = made(tmp_path, "c.log")
    assert files(watch.joined()) == [(other,)]


def test_another_log_that_begins_alike_joins(tmp_path: Path) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Watch([str(tmp_path)])
    watch.sources()
    shutil.copyfile(path, tmp_path / "b.log")
    assert files(watch.joined()) == [(str(tmp_path / "b.log"),)]


def test_another_name_of_a_followed_file_does_not_join(tmp_path: Path) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Watch([str(tmp_path)])
    watch.sources()
    os.symlink(path, tmp_path / "current.log")
    os.link(path, tmp_path / "hard.log")
    assert watch.joined() == ()


def test_what_is_no_file_does_not_join(tmp_path: Path) -> None:
    watch = Watch([str(tmp_path)])
    watch.sources()
    os.mkdir(tmp_path / "folder.log")
    os.mkfifo(tmp_path / "fifo.log")
    os.symlink(tmp_path / "nowhere", tmp_path / "link.log")
    assert watch.joined() == ()
    made(tmp_path, "nowhere")
    assert files(watch.joined()) == [(str(tmp_path / "link.log"),)]


def test_two_files_of_one_number_join_once_one_is_gone(tmp_path: Path) -> None:
    watch = Watch([str(tmp_path)])
    watch.sources()
    first, second = made(tmp_path, "a.log.1", "a.log.1.gz")
    assert watch.joined() == ()
    os.unlink(first)
    assert files(watch.joined()) == [(second, str(tmp_path / "a.log"))]


def test_a_directory_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    made(folder, "a.log")
    watch = Watch([str(folder)])
    watch.sources()
    shutil.rmtree(folder)
    assert watch.joined() == ()
    folder.mkdir()
    _, new = made(folder, "a.log", "b.log")
    assert files(watch.joined()) == [(new,)]


# Restarts


def test_what_appeared_while_the_program_was_down_joins(tmp_path: Path) -> None:
    (path,) = made(tmp_path, "a.log")
    watch = Watch([str(tmp_path)])
    watch.sources()
    (second,) = made(tmp_path, "b.log")
    watch.joined()
    (third,) = made(tmp_path, "c.log")
    os.unlink(path)
    watch = restarted(watch, str(tmp_path))
    assert files(watch.sources()) == [(path,), (second,)]
    assert files(watch.joined()) == [(third,)]
    made(tmp_path, "a.log")
    assert watch.joined() == ()


def test_what_is_given_anew_after_a_restart(tmp_path: Path) -> None:
    path, other = made(tmp_path, "a.log", "b.log")
    watch = Watch([path])
    watch.sources()
    watch = restarted(watch, path, other)
    assert files(watch.sources()) == [(path,), (other,)]
