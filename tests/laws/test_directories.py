"""A check and a run that follows take a directory for the same logs, whatever its files are called.

Files that are there when a run begins, and of which nothing is written any more: the reports have
the same bytes.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from reading.compressed import COMPRESS

from laws import examples
from laws.engine import KINDS, ONE_THREAD, loaded
from laws.following import FOR_EVER, as_json, somewhere
from laws.logs import dense_logs
from tracecheck.errors import TracecheckError
from tracecheck.model.verdict import Verdict
from tracecheck.reading.sources.discovery import find_sources
from tracecheck.reading.sources.sniffing import FORMATS
from tracecheck.runs import batch
from tracecheck.runs.follow.session import Ending, FollowSession
from tracecheck.runs.options import RunOptions

RULES = loaded(
    {
        "key": ["conv"],
        "rules": [
            {"id": "handed-over", "handoff": {"from": "AA", "to": "BB"}},
            {
                "id": "same",
                "key": ["conv"],
                "consistent": {"from": "AA", "to": "BB", "fields": ["n"]},
            },
            {"id": "in-turn", "key": "none", "sequence": {"steps": ["AA", "BB", "CC"]}},
            {"id": "no-z", "forbid": {"text": "n=z"}},
        ],
    }
)
BASES = ("app.log", "app.log", "web.log", "0.log", "app.1.log")
BEHIND = (
    *("", "", ".1", ".2", ".3", ".10", "-20251217", ".20251218", "-2025121813", "-1766091600"),
    *(".2025-12-17", ".2025-12-18_21", ".2025-12-18_21-30", ".2025-12-18_21-30-10", ".old"),
    *("-20251217-210001", ".20251218-210001", ".20251218T210002Z", "-20251217-1766091600"),
)
INSIDE = ("", "", ".1", ".2", ".2025-12-17", "-20251218", "__2025-12-18_00-00-00", ".8080")
SUFFIXES = {"": None, **{form.suffix: codec for codec, form in FORMATS.items()}}


@st.composite
def names(draw: st.DrawFn) -> str:
    """The name of a log, or of a part of one, in any of the forms that there are."""
    stem, suffix = draw(st.sampled_from(BASES)).rsplit(".", 1)
    inside, behind = draw(st.sampled_from(INSIDE)), draw(st.sampled_from(BEHIND))
    compressed = draw(st.sampled_from(("", "", "", *SUFFIXES)))
    name = f"{stem}{inside}.{suffix}" if draw(st.booleans()) else f"{stem}.{suffix}{behind}"
    return name + compressed


@st.composite
def directories(draw: st.DrawFn) -> dict[str, bytes]:
    """Files by name, which go on with one another's lines, or not; some end inside a line."""
    files: dict[str, bytes] = {}
    data = b"".join(data for files in draw(dense_logs(most=30)) for _, data in files)
    for name in draw(st.lists(names(), min_size=1, max_size=6, unique=True)):
        size = draw(st.integers(0, 300))
        whole = draw(st.sampled_from((True, True, True, False)))
        end = data.find(b"\n", size) + 1 if whole else size
        files[name], data = data[: end or None], data[end:] if end else b""
    return files


def written(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, data in files.items():
        codec = SUFFIXES[Path(name).suffix if Path(name).suffix in SUFFIXES else ""]
        (folder / name).write_bytes(COMPRESS[codec](data) if codec else data)


def checked(paths: Sequence[str], options: RunOptions) -> Verdict:
    return batch.run(find_sources(paths), RULES, KINDS, options)


def followed(paths: Sequence[str], options: RunOptions) -> Verdict:
    """Until nothing new comes, and then closed."""
    with FollowSession(paths, RULES, KINDS, options, ending=Ending(idle=1.0)) as run:
        while not run.over:
            run.step()
        assert not run.unread
        return run.close()[0]


def said(judge: Callable[[Sequence[str], RunOptions], Verdict], options: RunOptions) -> str:
    try:
        verdict = judge(["logs"], options)
    except TracecheckError as error:
        return f"{type(error).__name__}: {error}"
    if options.order == "time" and verdict.order == "unknown":
        # A run that follows counts what has no time as late, as it has told what came before.
        return str(verdict.totals)
    return as_json(verdict)


class _Clock:
    """A second is over with each look."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += 0.25
        return self._now


@examples(100)
@given(files=directories(), order=st.sampled_from((None, None, "given", "time")))
@example(files={"app.log": b"", "app.log.1": b"AA|conv=1\n"}, order=None)
@example(files={"app.log": b"AA|conv=1\n", "app.log.1": b"", "web.log": b""}, order=None)
@example(files={"app.log.1": b"AA|conv=1", "app.log": b"\nBB|conv=1\n"}, order=None)
@example(files={"app.log.1": b"AA|conv=1\n", "app.log.1.gz": b"BB|conv=1\n"}, order=None)
def test_a_check_and_a_follow_of_a_directory_say_the_same(
    files: dict[str, bytes], order: Any
) -> None:
    with somewhere():
        written(Path("logs"), files)
        options = RunOptions(order=order, tuning=ONE_THREAD, lateness=FOR_EVER, clock=_Clock())
        assert said(followed, options) == said(checked, options)


def test_the_names_of_the_law_make_sets_and_logs_apart() -> None:
    """It must not speak of single files only."""
    with somewhere():
        written(Path("logs"), {f"app.log{one}": b"AA|conv=1\n" for one in (".2", ".1", "", ".old")})
        Path("logs/app.log.3.gz").write_bytes(gzip.compress(b"AA|conv=1\n"))
        sets = [[Path(path).name for path in one.files] for one in find_sources(["logs"])]
    assert sets == [["app.log.3.gz", "app.log.2", "app.log.1", "app.log"], ["app.log.old"]]
