"""Finding sources: what a path means, which files are one source, and in what order."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tracecheck.errors import SourceError, TracecheckError, UsageError
from tracecheck.reading.sources.discovery import find_sources


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def found(*paths: str) -> list[tuple[str, ...]]:
    return [source.files for source in find_sources(paths)]


def complaint(kind: type[TracecheckError], *paths: str) -> str:
    with pytest.raises(kind) as caught:
        find_sources(paths)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Files, pipes and what is neither


def test_files_are_sources_as_given_and_in_that_order() -> None:
    touch("b.txt", "a.log", "-")
    assert found("b.txt", "./a.log", "-", "./-") == [("b.txt",), ("./a.log",), ("-",), ("./-",)]
    assert found() == []


def test_a_missing_file_is_told_with_the_nearest_name_beside_it() -> None:
    touch("logs/app.log", "logs/web.log")
    text = complaint(SourceError, "logs/ap.log")
    assert text == "logs/ap.log: no such file; did you mean logs/app.log?"
    assert complaint(SourceError, "zzz").startswith("zzz: no such file; give a file")
    assert "give a file" in complaint(SourceError, "logs/nofile.log")
    assert "no directory lgos" in complaint(SourceError, "lgos/app.log")
    assert "no directory" in complaint(SourceError, "logs/app.log/x")


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ("app.lgo", "app.log"),
        ("app", "app.log"),
        ("wokflow.log.gz", "workflow.log"),
        ("app.log.2", "app.log.1"),
        ("nofile.log", None),
        ("of.log", None),
    ],
)
def test_the_nearest_name_is_alike_without_its_suffix_too(given: str, near: str | None) -> None:
    touch("app.log", "app.log.1", "wf.log", "workflow.log")
    expected = f"did you mean {near}?" if near else "give a file, a directory, or -"
    assert expected in complaint(SourceError, given)


def test_a_link_that_leads_nowhere_is_told_also_in_a_directory() -> None:
    touch("logs/app.log")
    os.symlink("gone.log", "logs/current.log")
    expected = "logs/current.log: a link to gone.log, which does not exist"
    assert complaint(SourceError, "logs/current.log") == expected
    assert complaint(SourceError, "logs") == expected


def test_an_empty_path_is_a_usage_error() -> None:
    assert "is a variable unset?" in complaint(UsageError, "")


def test_a_fifo_and_a_character_device_are_sources() -> None:
    os.mkfifo("pipe")
    assert found("pipe", os.devnull) == [("pipe",), (os.devnull,)]


def test_a_socket_is_no_source() -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("here")
        assert "not a log" in complaint(SourceError, "here")


def test_a_name_that_is_no_valid_text_is_kept() -> None:
    name = os.fsdecode(b"caf\xe9.log")
    touch(name)
    assert found(name) == [(name,)]
    assert found(".") == [(os.path.join(".", name),)]
    missing = os.fsdecode(b"caf\xe8.log")
    assert name in complaint(SourceError, missing)


def test_a_path_with_a_nul_is_told() -> None:
    assert "null byte" in complaint(SourceError, "app\0.log")


# Directories


def test_a_directory_gives_its_logs_in_order_of_name() -> None:
    names = [
        "a.jsonl",
        "b.ndjson.zst",
        "c.log",
        "d.log.old",
        "e.log-x.xz",
        "f.log.bz2",
        "g.jsonl.gz",
    ]
    others = [
        "readme.txt",
        "x.gz",
        "y.json",
        "log",
        ".hidden.log",
        ".d.log.swp",
        "sub/z.log",
        "UP.LOG",
    ]
    touch(*(f"logs/{name}" for name in names + others))
    Path("logs/folder.log").mkdir()
    os.mkfifo("logs/pipe.log")
    assert found("logs") == [(f"logs/{name}",) for name in names]
    assert found("logs/") == [(f"logs/{name}",) for name in names]
    os.chdir("logs")
    assert found(".") == [(f"./{name}",) for name in names]


def test_a_directory_without_logs_says_what_was_looked_for() -> None:
    touch("logs/readme.txt")
    text = complaint(SourceError, "logs")
    assert text.startswith("logs: no log files in this directory (looked for *.log, *.log.*, ")
    assert "*.log-*, *.jsonl, *.ndjson" in text
    assert "name the files, or" in text


def test_a_directory_whose_logs_are_one_level_deeper_is_told_why_it_has_none() -> None:
    touch("logs/today/app.log")
    text = complaint(SourceError, "logs")
    assert "its sub-directories are not read" in text


def test_a_directory_that_cannot_be_listed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> list[str]:
        raise PermissionError(13, "Permission denied")

    Path("logs").mkdir()
    monkeypatch.setattr(os, "listdir", refuse)
    assert "logs: permission denied: it cannot be listed" in complaint(SourceError, "logs")


def test_a_link_beside_its_own_file_in_a_directory_is_left_out() -> None:
    touch("logs/app-1.log", "logs/app-2.log")
    os.symlink("app-2.log", "logs/a-current.log")
    assert found("logs") == [("logs/app-1.log",), ("logs/app-2.log",)]


# Globs


def test_a_glob_that_the_shell_left_is_expanded_in_order_of_name() -> None:
    touch("b.log", "a.log", "c.txt", "logs/x.log")
    assert found("*.log") == [("a.log",), ("b.log",)]
    assert found("[bc].*") == [("b.log",), ("c.txt",)]
    assert found("l?gs") == [("logs/x.log",)], "what the shell would have made of it"


def test_a_glob_that_matches_nothing_is_told() -> None:
    assert "x*.log: no file matches this pattern" in complaint(SourceError, "x*.log")


def test_a_file_whose_name_looks_like_a_glob_is_itself() -> None:
    touch("app[1].log", "app1.log")
    assert found("app[1].log") == [("app[1].log",)]


# Rotated sets


def test_a_directory_or_a_glob_makes_rotated_sets() -> None:
    touch(
        "d/app.log", "d/app.log.1", "d/app.log.2.gz", "d/b.log", "d/web.log", "d/web.log-20250101"
    )
    assert (
        found("d")
        == found("d/*")
        == [
            ("d/app.log.2.gz", "d/app.log.1", "d/app.log"),
            ("d/b.log",),
            ("d/web.log-20250101", "d/web.log"),
        ]
    )


def test_a_set_stands_where_its_first_given_file_stands() -> None:
    touch("a.log", "app.log", "app.log.1", "z.log")
    assert found("z.log", "app.log", "a.log", "app.log.1") == [
        ("z.log",),
        ("app.log.1", "app.log"),
        ("a.log",),
    ]


# The same file twice


def test_a_file_given_twice_is_a_usage_error_however_it_is_spelled() -> None:
    touch("logs/app.log")
    os.symlink("app.log", "logs/link")
    os.link("logs/app.log", "logs/hard")
    assert complaint(UsageError, "logs/app.log", "logs/app.log").startswith("logs/app.log is given")
    for other in ("./logs/app.log", os.path.abspath("logs/app.log"), "logs/link", "logs/hard"):
        text = complaint(UsageError, "logs/app.log", other)
        assert text == f"logs/app.log and {other} are the same file; give it once"


def test_a_file_given_by_a_directory_or_glob_and_by_name_is_a_usage_error() -> None:
    touch("logs/app.log")
    text = complaint(UsageError, "logs", "logs/app.log")
    assert text == "logs/app.log (by logs) and logs/app.log are the same file; give it once"
    text = complaint(UsageError, "logs/app.log", "logs/*")
    assert text == "logs/app.log and logs/app.log (by logs/*) are the same file; give it once"
    assert "(by logs) and logs/./app.log (by logs/.)" in complaint(UsageError, "logs", "logs/.")


def test_standard_input_given_twice_is_a_usage_error() -> None:
    assert "standard input (-) is given twice" in complaint(UsageError, "-", "-")


def test_standard_input_that_comes_from_a_file_also_named_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    touch("app.log")
    with Path("app.log").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert "app.log and - are the same file" in complaint(UsageError, "app.log", "-")


def test_a_closed_standard_input_is_found_out_when_it_is_opened_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert found("-") == [("-",)]
