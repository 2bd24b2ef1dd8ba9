"""Measure this checkout against another commit: both in turn, in one run, on the same logs.

Both are copied first and run by this Python, with the libraries that it has, so that they differ
in nothing but their source. This checkout is measured as it lies there, committed or not.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tables
from measure import BenchmarkError, Contender, Job, Measured, measure, nothing_wrong
from pairs import cpu_seconds, pairs, ratio, seconds
from planted import check_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from measure import Check, Log

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("src", "rules")
THIS = "this checkout"


@dataclass(frozen=True)
class Command:
    """What tracecheck is called with, and how it may end."""

    arguments: tuple[str, ...]
    exits: frozenset[int] = frozenset({0, 1, 3})


CHECK = Command(("check", "--format", "json"))


class Against:
    """Two sources of tracecheck: that of a commit, and that of this checkout."""

    def __init__(self, revision: str, copies: Path, workdir: Path, root: Path = ROOT) -> None:
        """Copy both to `copies`. Raises BenchmarkError if there is no such commit."""
        self.workdir = workdir
        self.name = git(root, "rev-parse", "--short", "--verify", f"{revision}^{{commit}}").strip()
        self.sources = {self.name: copies / "other", THIS: copies / "this"}
        archive = copies / "other.tar"
        git(root, "archive", f"--output={archive}", self.name, *NEEDED)
        with tarfile.open(archive) as tar:
            tar.extractall(self.sources[self.name], filter="data")
        for part in NEEDED:
            kept = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / part, self.sources[THIS] / part, ignore=kept)

    def logs(self, logs: Mapping[str, Log], runs: int) -> str:
        """Measure both on whole logs, each with its name; the table."""
        jobs = [
            Job(self._contender(source, name, CHECK, check_report), log)
            for name, log in logs.items()
            for source in self.sources
        ]
        return self._table(measure(jobs, runs, self.workdir))

    def commands(self, commands: Mapping[str, Command], runs: int) -> str:
        """Measure both on short commands, each with its name; the table."""
        jobs = [
            Job(self._contender(source, name, command))
            for name, command in commands.items()
            for source in self.sources
        ]
        return self._table(measure(jobs, runs, self.workdir))

    def _contender(
        self, source: str, name: str, command: Command, check: Check = nothing_wrong
    ) -> Contender:
        return Contender(
            f"{name}, {source}",
            (sys.executable, "-m", "tracecheck", *command.arguments),
            check,
            command.exits,
            {"PYTHONPATH": str(self.sources[source] / "src")},
        )

    def _table(self, measured: Sequence[Measured]) -> str:
        heads = ("", f"{self.name} s", f"{THIS} s", "ratio", "ratio of user + sys", "of memory")
        return tables.table(heads, [row(*pair) for pair in pairs(measured)])


def row(other: Measured, this: Measured) -> list[str]:
    """Return one row of the table: what this checkout takes in multiples of the other commit."""
    return [
        other.job.contender.name.rpartition(", ")[0],
        f"{other.seconds:.3f}",
        f"{this.seconds:.3f}",
        str(ratio(this, other, seconds)),
        str(ratio(this, other, cpu_seconds)),
        f"{this.peak_bytes / other.peak_bytes:.2f}",
    ]


def git(root: Path, *arguments: str) -> str:
    """What git says. Raises BenchmarkError where it refuses, or is not installed."""
    program = shutil.which("git")
    if program is None:
        message = "git is not installed, and --against needs it"
        raise BenchmarkError(message)
    done = subprocess.run(  # noqa: S603 - the revision is the caller's own
        [program, "-C", str(root), *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"git {arguments[0]}: {done.stderr.strip()}"
        raise BenchmarkError(message)
    return done.stdout
