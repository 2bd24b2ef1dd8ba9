"""How a run ends: the exit code of a verdict or an error, and the message of an error."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING

import typer

from ..errors import Complaint, RuleFileError, TracecheckError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model.verdict import Verdict


_MOST_COMPLAINTS = 100


class ExitCode(IntEnum):
    """What the command line returns; an error is never 1."""

    PASS = 0
    FAIL = 1
    ERROR = 2
    INCONCLUSIVE = 3
    INTERNAL = 4
    INTERRUPTED = 130


def exit_code(ended: Verdict | BaseException) -> ExitCode:
    """The exit code of a verdict or an error; nothing else maps them."""
    if isinstance(ended, TracecheckError | typer.TyperException | OSError):
        return ExitCode.ERROR
    if isinstance(ended, KeyboardInterrupt | typer.Abort):
        return ExitCode.INTERRUPTED
    if isinstance(ended, BaseException):
        return ExitCode.INTERNAL
    return ExitCode(ended.exit_code)


def report_error(error: BaseException, *, debug: bool) -> None:
    """Say on standard error what went wrong: one line, or one a complaint with its excerpt."""
    if exit_code(error) is ExitCode.INTERRUPTED:
        return
    if debug and exit_code(error) is ExitCode.INTERNAL:
        import traceback

        from ..text.safe import many_lines

        _put(many_lines("".join(traceback.format_exception(error)).rstrip("\n")) + "\n")
    for line in _error_lines(error):
        say(line)


def say(text: str) -> None:
    """One line on standard error, whatever the text holds. A closed one is no reason to fail."""
    from ..text.safe import one_line

    _put(f"tracecheck: {one_line(text)}\n")


def complaint_lines(complaints: Sequence[Complaint]) -> list[str]:
    """Complaints and their excerpts, safe to print; of very many the first."""
    shown = [line for one in complaints[:_MOST_COMPLAINTS] for line in _complaint_lines(one)]
    more = len(complaints) - _MOST_COMPLAINTS
    return [*shown, f"and {more:,} more complaints"] if more > 0 else shown


def _complaint_lines(complaint: Complaint) -> list[str]:
    """A complaint and its excerpt; only we break its lines."""
    from ..text.safe import one_line

    excerpt = complaint.excerpt.replace("\t", "    ").split("\n") if complaint.excerpt else []
    return [one_line(str(replace(complaint, excerpt=""))), *(one_line(f"  {e}") for e in excerpt)]


def _error_lines(error: BaseException) -> list[str]:
    if isinstance(error, RuleFileError):
        return complaint_lines(error.complaints)
    if isinstance(error, TracecheckError):
        return [str(error)]
    if isinstance(error, typer.TyperException):
        message = " ".join(error.format_message().split()).rstrip(".")
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "tracecheck"
        # A message of typer, written as ours are.
        return [f"{message[:1].lower()}{message[1:]} (see {command} --help)"]
    if isinstance(error, OSError):  # what nobody expected of a disk or a terminal
        return [f"the system refused: {error.strerror or error}"]
    what = type(error).__name__ + (f": {error}" if str(error) else "")
    return [f"internal error: {what}: please report it; --debug shows the traceback"]


def _put(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
