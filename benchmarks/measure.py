"""Run commands in turn and measure each: wall clock, processor time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Check = Callable[[str, Mapping[str, int]], list[str]]
    """What takes what a command printed and the planted counts, and returns its complaints."""

# Linux counts ru_maxrss in KiB, macOS in bytes.
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class BenchmarkError(Exception):
    """A command failed, or did not give the numbers that were planted."""


@dataclass(frozen=True)
class Log:
    """A generated log, and the exact counts of what is planted in it."""

    path: Path
    counts: Mapping[str, int]


def nothing_wrong(_printed: str, _counts: Mapping[str, int]) -> list[str]:
    """Complain of nothing, where nothing is planted."""
    return []


@dataclass(frozen=True)
class Contender:
    """A command that is measured.

    `command` lacks the path of the log, which comes last; None means that it is not installed.
    `check` takes what it printed and the planted counts, and returns its complaints.
    """

    name: str
    command: tuple[str, ...] | None
    check: Check = nothing_wrong
    exits: frozenset[int] = frozenset({0})
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """One run: wall clock and processor time in seconds, peak memory in bytes.

    The peak is that of the largest process of the command. It cannot be less than that of the
    process that started it (about 20 MB): a new process begins as its parent.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Job:
    """A contender and the log that it is run on; without a log it is run as it is."""

    contender: Contender
    log: Log | None = None


@dataclass(frozen=True)
class Measured:
    """The samples of one job, the warm-up not among them; none if it is not installed."""

    job: Job
    samples: Sequence[Sample]

    @property
    def seconds(self) -> float:
        """The median of the wall clock."""
        return median(sample.seconds for sample in self.samples)

    @property
    def cpu_seconds(self) -> float:
        """The median of user and system time together."""
        return median(sample.cpu_seconds for sample in self.samples)

    @property
    def peak_bytes(self) -> int:
        """The largest peak of all runs."""
        return max(sample.peak_bytes for sample in self.samples)


def measure(jobs: Sequence[Job], runs: int, workdir: Path) -> list[Measured]:
    """Run every job once to warm up and `runs` times to measure, all jobs in each round.

    Rounds spread a slow moment of the machine over all contenders; they go to and fro, so that
    none comes always after the same other one.
    """
    samples: list[list[Sample]] = [[] for _ in jobs]
    for turn in range(runs + 1):
        pairs = list(zip(jobs, samples, strict=True))
        for job, taken in pairs if turn % 2 else reversed(pairs):
            if job.contender.command is None:
                continue
            sample = run_once(job, workdir)
            say(f"{'warm-up' if turn == 0 else f'run {turn}'}: {describe(job, sample)}")
            if turn > 0:
                taken.append(sample)
    return [Measured(job, taken) for job, taken in zip(jobs, samples, strict=True)]


def run_once(job: Job, workdir: Path) -> Sample:
    """Run one job, check what it printed, and return what it cost."""
    contender, log = job.contender, job.log
    command = [*(contender.command or ()), *([str(log.path)] if log else [])]
    printed, complained = workdir / "printed.txt", workdir / "complained.txt"
    with printed.open("wb") as output, complained.open("wb") as errors:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(  # noqa: S603 - the commands are those of the caller
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                cwd=workdir,
                env={**environment(), **contender.environment},
            )
        except OSError as error:
            message = f"{contender.name} cannot be started: {error}"
            raise BenchmarkError(message) from None
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in contender.exits:
        tail = complained.read_text(encoding="utf-8", errors="replace")[-2000:]
        message = f"{contender.name} ended with exit code {process.returncode}:\n{tail}"
        raise BenchmarkError(message)
    check_printed(job, printed)
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * MAXRSS_UNIT)


def environment() -> dict[str, str]:
    """Ours, in which Python keeps what it compiled, as after an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def check_printed(job: Job, printed: Path) -> None:
    """Refuse a run that did not give the planted numbers."""
    if job.log is None:
        return
    complaints = job.contender.check(printed.read_text(encoding="utf-8"), job.log.counts)
    if complaints:
        listed = "\n  ".join(complaints)
        message = f"{job.contender.name} is wrong about {job.log.path.name}:\n  {listed}"
        raise BenchmarkError(message)


def describe(job: Job, sample: Sample) -> str:
    """Say in one line what a run was and how long it took."""
    log = f" on {job.log.path.name}" if job.log else ""
    return f"{job.contender.name}{log}: {sample.seconds:.2f} s"


def say(text: str) -> None:
    """Tell the person who waits; the tables alone go to the standard output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
