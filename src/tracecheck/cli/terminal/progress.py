"""A progress bar on standard error."""

# ruff: noqa: PLC0415 - heavy rooms are loaded where they are needed, so that --help is quick

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


LONG = 1.0
"""Seconds of work before a progress bar shows; below, it would only flicker."""

_EVERY = 0.1


class Bar:
    """A progress bar on standard error, which shows once the work proves long.

    It is called with bytes read and events found, and leaves nothing behind.
    """

    def __init__(
        self,
        total: int | None,
        *,
        shown: bool,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`total` bytes are expected, None if that is unknown."""
        self._total = total
        self._shown = shown
        self._console = console
        self._clock = clock
        self._next = clock() + LONG
        self._progress: Progress | None = None

    def __call__(self, position: int, events: int) -> None:
        """Note how far the work is; drawn a few times a second at most."""
        if not self._shown or self._clock() < self._next:
            return
        if self._progress is None:
            self._progress = _progress(self._console)
            self._progress.add_task("checking", total=self._total, events="0")
            self._progress.start()
        self._next = self._clock() + _EVERY
        task = self._progress.task_ids[0]
        self._progress.update(task, completed=position, events=f"{events:,}")
        self._progress.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()


def _progress(console: Console | None) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[events]} events"),
        console=console or Console(stderr=True),
        transient=True,
        # Drawn when we are called: no thread beside those that read and judge.
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
