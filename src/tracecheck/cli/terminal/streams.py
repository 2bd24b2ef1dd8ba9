"""What stands at the other end of our streams: a terminal or not, how wide, in colour or not."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import sys
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...report import Style


def is_terminal(stream: Any) -> bool:
    """Whether somebody may be looking at the stream (None: it is closed)."""
    try:
        return bool(stream is not None and stream.isatty())
    except ValueError:
        return False


def stdin_is_piped() -> bool:
    """Whether something was piped or redirected into us."""
    status = stdin_status()
    return status is not None and (stat.S_ISFIFO(status.st_mode) or stat.S_ISREG(status.st_mode))


def stdin_status() -> os.stat_result | None:
    """The status of standard input; None if it is closed, or a stand-in without a file."""
    if sys.stdin is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        return os.fstat(sys.stdin.fileno())
    return None


def stay_interruptible() -> None:
    """Let Ctrl-C end a read that waits for input, and the run in peace.

    The engine, once loaded, has interrupted system calls start over, so that a pipe that is
    silent could only be ended by a kill. A second Ctrl-C would only tear the clearing up apart.
    """
    with contextlib.suppress(ValueError, OSError):  # not the main thread's business
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupt_once)
        signal.siginterrupt(signal.SIGINT, True)  # noqa: FBT003


def _interrupt_once(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def in_color(environ: Mapping[str, str], *, allowed: bool, terminal: bool) -> bool:
    """Colour or not: --no-color, then NO_COLOR, then FORCE_COLOR, then what the terminal can."""
    if not allowed or environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR")
    if forced is not None and forced != "":
        return forced != "0"
    return terminal and environ.get("TERM") != "dumb"


_WIDEST = 1000
"""Columns that are believed of a COLUMNS."""


def style_for(*, to_file: bool, color: bool, quiet: bool) -> Style:
    """How a text report looks on standard output, or in a file, which has no terminal's ways."""
    from ...report import Style, ascii_only

    if to_file:
        columns = os.environ.get("COLUMNS", "")
        return Style(
            width=min(int(columns[:5]), _WIDEST) if columns.isdecimal() else 80, quiet=quiet
        )
    return Style(
        width=shutil.get_terminal_size().columns,  # COLUMNS, else the terminal's, else 80
        color=in_color(os.environ, allowed=color, terminal=is_terminal(sys.stdout)),
        quiet=quiet,
        ascii=ascii_only(getattr(sys.stdout, "encoding", None)),
    )
