"""What stands at the other end of our streams: a terminal or not, how wide, in colour or not."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from ..report import Style

LONG = 1.0
"""Seconds of work before a progress bar shows; below, it would only flicker."""

_EVERY = 0.1


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


def width() -> int:
    """COLUMNS, else the terminal's width, else 80."""
    return shutil.get_terminal_size((80, 24)).columns


_WIDEST = 1000
"""Columns that are believed of a COLUMNS."""


def style_for(*, to_file: bool, color: bool, quiet: bool) -> Style:
    """How a text report looks on standard output, or in a file, which has no terminal's ways."""
    from ..report import Style, ascii_only

    if to_file:
        columns = os.environ.get("COLUMNS", "")
        return Style(
            width=min(int(columns[:5]), _WIDEST) if columns.isdecimal() else 80, quiet=quiet
        )
    return Style(
        width=width(),
        color=in_color(os.environ, allowed=color, terminal=is_terminal(sys.stdout)),
        quiet=quiet,
        ascii=ascii_only(getattr(sys.stdout, "encoding", None)),
    )


class Bar:
    """A progress bar on standard error, which shows once the work proves long.

    It is called with bytes read and events found, and leaves nothing behind.
    """

    def __init__(
        self,
        total: int | None,
        *,
        shown: bool,
        console: Callable[[], Console] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`total` bytes are expected, None if that is unknown."""
        self._total = total
        self._shown = shown
        self._console = console or _stderr
        self._clock = clock
        self._next = clock() + LONG
        self._progress: Progress | None = None

    def __call__(self, position: int, events: int) -> None:
        """Note how far the work is; drawn a few times a second at most."""
        if not self._shown or self._clock() < self._next:
            return
        if self._progress is None:
            self._progress = _progress(self._console())
            self._progress.add_task("checking", total=self._total, events="0")
            self._progress.start()
        self._next = self._clock() + _EVERY
        task = self._progress.task_ids[0]
        self._progress.update(task, completed=position, events=f"{events:,}")
        self._progress.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()


def _stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True)


def _progress(console: Console) -> Progress:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[events]} events"),
        console=console,
        transient=True,
        # Drawn when we are told something: no thread beside those that read and judge.
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
