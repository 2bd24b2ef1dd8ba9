"""Waiting that a signal ends: Ctrl-C and its like ask a run to close, a second Ctrl-C ends it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self

_ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def handled(number: int, handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """A signal handled, if it is not ignored on purpose (nohup), and signals are ours to handle."""
    before = signal.getsignal(number)
    with contextlib.ExitStack() as undo:
        if before is not signal.SIG_IGN and before is not None:
            with contextlib.suppress(ValueError):  # not the main thread
                signal.signal(number, handle)
                undo.callback(signal.signal, number, before)
        yield


class Signals:
    """While it is entered, a signal that would end the process only sets `asked`."""

    def __init__(self) -> None:
        self.asked = False
        self._undo = contextlib.ExitStack()
        self._wakes: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        # A signal writes a byte there: it also ends a wait that begins after it.
        wakes = os.pipe()
        for end in wakes:
            os.set_blocking(end, False)
            self._undo.callback(os.close, end)
        before = signal.set_wakeup_fd(wakes[1], warn_on_full_buffer=False)
        self._undo.callback(signal.set_wakeup_fd, before)
        self._wakes = wakes
        for number in _ASKING:
            self._undo.enter_context(handled(number, self._ask))
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def wait(self, seconds: float, ready: Callable[..., object] = select.select) -> None:
        """Wait for so long, or until a signal comes."""
        if self._wakes is None or self.asked:
            return
        ready([self._wakes[0]], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakes[0], 64)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True
