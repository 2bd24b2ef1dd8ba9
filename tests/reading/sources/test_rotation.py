"""Rotated sets: which files are one log, and which of them is the oldest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tracecheck.errors import UsageError
from tracecheck.reading.sources.rotation import rotated_sets, set_order


@pytest.mark.parametrize(
    "oldest_first",
    [
        ["app.log.2.gz", "app.log.1", "app.log"],
        ["app.log.10.zst", "app.log.9.xz", "app.log.2.bz2", "app.log.0", "app.log"],
        ["app.log-20241231.gz", "app.log-20250101", "app.log"],
        ["app.log.2", "app.log.1"],
        ["app-20250101", "app-20250102", "app"],
        ["app.jsonl.3.gz", "app.jsonl"],
        ["app.log.1.gz", "app.log.gz"],
        ["app.log.20241231", "app.log.20250101", "app.log"],
        ["app.log.2", "app.log.1", "app.log-20250101", "app.log"],
        ["app.log.2024-12-31", "app.log.2025-01-01", "app.log"],
        ["app.log.2025-01-01_09", "app.log.2025-01-01_10.gz", "app.log"],
        ["app.log.2025-01-01_09-59", "app.log.2025-01-01_10-00", "app.log"],
        ["app.log.2025-01-01_09-59-59", "app.log.2025-01-01_10-00-00", "app.log"],
        ["app.log.2025-01-01T095959Z", "app.log.2025-01-01T10:00:00Z", "app.log"],
        ["app.log-20250101", "app.log-2025010100", "app.log-2025010101.gz", "app.log"],
        ["app.log-1735689600.gz", "app.log-1735693200", "app.log"],
        ["app.log-20250101-1735689600", "app.log-20250101-1735693200", "app.log"],
        ["0.log.20251218-210001.gz", "0.log.20251218-220001", "0.log"],
        ["app.2025-12-17.log", "app.2025-12-18.log", "app.log"],
        ["app-20251217.log.xz", "app-20251218.log", "app.log"],
        ["app.3.log", "app.2.log.gz", "app.1.log.bz2", "app.log"],
        ["app.1.log", "app.log.gz"],
        ["out__2025-12-17_00-00-00.log", "out__2025-12-18_00-00-00.log.gz", "out.log"],
        ["app-2025-12-17T21-00-00.100.log", "app-2025-12-17T21-00-00.200.log", "app.log"],
    ],
    ids=" ".join,
)
def test_a_rotated_set_is_put_oldest_first(oldest_first: list[str]) -> None:
    one_set = dict.fromkeys(oldest_first, tuple(oldest_first))
    assert rotated_sets(oldest_first) == one_set
    assert rotated_sets(sorted(oldest_first)) == one_set
    assert rotated_sets(reversed(oldest_first)) == one_set


@pytest.mark.parametrize(
    "names",
    [
        ["app.log.1"],
        ["app.log.1", "web.log.2"],
        ["app.log", "app.log-20251399"],
        ["app.log", "app.log-20250229", "app.log.2025W512"],
        ["app.log", "app.log-20251218-250000", "app.log.2025-1218"],
        ["app.log", "app.log.173568960"],
        ["app.1.log", "app.2.log"],
        ["app.2025-12-17.log", "app.2025-12-18.log"],
        ["app.log", "app.8080.log", "app-1.log"],
        ["one/app.1.log", "two/app.log"],
        ["app.log", "app.log.old"],
        ["app.log", "app.log.gz"],
        ["app.log.gz", "app.log.xz"],
        ["one/app.log", "two/app.log.1"],
        ["app-20250101.log", "app-20250102.log"],
    ],
    ids=" ".join,
)
def test_files_that_only_look_like_a_set_stay_apart(names: list[str]) -> None:
    assert rotated_sets(names) == {}


@pytest.mark.parametrize(
    ("names", "sets"),
    [
        ("app.log app.log.1 app.1.log", ["app.log.1 app.log"]),
        ("app.log app.1.log app.1.log.1", ["app.1.log.1 app.1.log"]),
        ("app.log app.1.log app.1.2.log", ["app.1.log app.log"]),
        ("app.1.log app.1.2.log", ["app.1.2.log app.1.log"]),
        ("app.log app.1.log web.1.log", ["app.1.log app.log"]),
    ],
)
def test_a_set_is_named_in_one_way(names: str, sets: list[str]) -> None:
    expected = [tuple(one.split()) for one in sets]
    assert rotated_sets(names.split()) == {path: one for one in expected for path in one}


@pytest.mark.parametrize(
    ("path", "other", "is_older"),
    [
        ("app.log.1", "app.log", True),
        ("app.log-20251218", "app.log-20251217", False),
        ("app.log", "app.1.log", False),
        ("app.log.1", "web.log", None),
    ],
)
def test_of_two_files_it_is_known_which_is_the_older_part(
    path: str, other: str, is_older: bool | None
) -> None:
    order = set_order(path, other)
    assert (None if order is None else order < 0) is is_older


def test_spellings_of_one_directory_make_one_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("logs")
    os.symlink("logs", "link")
    one_set = ("./link/app.log.1", "logs/app.log")
    assert rotated_sets(["logs/app.log", "./link/app.log.1"]) == dict.fromkeys(one_set, one_set)


def test_two_files_for_one_place_in_a_set_are_a_usage_error() -> None:
    with pytest.raises(UsageError) as caught:
        rotated_sets(["app.log", "app.log.1", "app.log.1.gz"])
    assert str(caught.value) == (
        "app.log.1 and app.log.1.gz are both number 1 of the rotated set app.log; give one of them"
    )
    with pytest.raises(UsageError, match="both date 20250101"):
        rotated_sets(["web.log-20250101", "web.log.20250101"])
