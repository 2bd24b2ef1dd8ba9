"""Where a finished report is delivered: to a file that it may replace, or standard output."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from ..errors import UsageError
from .terminal import stdin_status

STDIN = STDOUT = "-"


def hold_output(target: str, logs: Sequence[str], rule_files: Sequence[str]) -> None:
    """Refuse now what would be refused after a long run, or would destroy what is read."""
    from ..output import hold_writable

    hold_writable(target)
    try:
        status = os.stat(target)
    except OSError:
        return  # nothing stands there yet
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        return
    for path, what in [(p, "a log") for p in logs] + [(p, "a rule file") for p in rule_files]:
        read = stdin_status() if path == STDIN else status_of(path)
        if read is not None and os.path.samestat(read, status):
            raise UsageError(f"--output {target} is {what} of this run; name another file")


def status_of(path: str) -> os.stat_result | None:
    """The status of a file; None if nothing stands there."""
    try:
        return os.stat(path)
    except OSError:
        return None


def deliver(report: str, target: str | None) -> None:
    """Write the report to a file, or to standard output if there is none."""
    from ..output import write_stdout, write_whole

    if target is None:
        write_stdout(report)
    else:
        write_whole(target, report)


def hold_apart(target: str, files: Sequence[str]) -> None:
    """Refuse to write over what a run follows: its files, those they are rotated to, its state."""
    from ..lines.members import same_set

    place = os.path.realpath(target)
    for path in files:
        if path != STDIN and (
            os.path.realpath(path) == place or same_set(os.path.realpath(path), place)
        ):
            raise UsageError(f"--output {target} belongs to {path} of this run; name another file")
