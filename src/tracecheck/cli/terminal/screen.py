"""The live screen on a real terminal: drawn when something changed, left as it was found."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import FrameType
from typing import Any, Literal, Self, TextIO

from rich.console import Console
from rich.live import Live

from ...model.live import Snapshot, Violation
from ...model.verdict import Evidence
from ...report import Style
from ...report.screen import View, screen
from .keyboard import Key, Keyboard
from .signals import handled
from .streams import is_terminal

STALE = 1.0
"""Seconds after which a screen is drawn again although nothing changed."""

BUSY = 0.1
"""Seconds between two drawings of what a log brings; keys are answered at once."""

_FALLBACK = (80, 24)

# The alternate screen, no cursor, and lines that end at the edge although a terminal may take a
# character for wider than we do; and the way back.
_CUT = b"\x1b[?7l"
_PLAIN = b"\x1b[0m\x1b[?7h"
_ENTER = b"\x1b[?1049h\x1b[H\x1b[?25l" + _CUT
_LEAVE = _PLAIN + b"\x1b[?25h\x1b[?1049l"


def usable(stream: Any, environ: Mapping[str, str] | None = None) -> bool:
    """Whether a screen can be drawn there: on a terminal that can move its cursor."""
    environ = os.environ if environ is None else environ
    return is_terminal(stream) and environ.get("TERM", "dumb") not in {"dumb", "unknown", ""}


class Screen:
    """Owns the terminal while it is entered, and gives it back whatever happens."""

    def __init__(
        self,
        style: Style,
        *,
        output: TextIO | None = None,
        keyboard: Keyboard | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Draw on `output` (standard output), listen to `keyboard` (the terminal's)."""
        self._style = style
        self._output = sys.stdout if output is None else output
        self._keyboard = Keyboard.find() if keyboard is None else keyboard
        self._clock = clock
        self._live = Live(
            console=_console(self._output, style), screen=True, auto_refresh=False,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._undo = ExitStack()
        self._latest: Snapshot | None = None
        self._shown: Snapshot | None = None  # not the latest one while paused
        self._view = View()
        self._drawn: tuple[Snapshot, View, tuple[int, int]] | None = None
        self._when = 0.0
        self._away = False  # the terminal is the shell's

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.enter_context(self._keyboard)
            undo.callback(self._end)
            self._live.start()
            self._write(_CUT)
            for number, handle in ((signal.SIGTSTP, self._stop), (signal.SIGCONT, self._go_on)):
                undo.enter_context(handled(number, handle))
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    # --- what is shown ----------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Note how the run stands; drawn at once, but not more often than can be read."""
        self._latest = snapshot
        if not self._view.paused:
            self._present(snapshot)
        self._draw(at_once=False)

    def keys(self) -> Literal["quit"] | None:
        """Do what was asked for by keys since; to leave is the caller's to do."""
        pressed = self._keyboard.read(self._clock())
        if "quit" in pressed:
            return "quit"
        for key in pressed:
            self._press(key)
        self._draw(at_once=bool(pressed))
        return None

    def _present(self, snapshot: Snapshot) -> None:
        """Take over a snapshot; the finding that is looked at stays the one it is."""
        looked_at = self._selected()
        self._shown = snapshot
        at = next((at for at, one in enumerate(snapshot.recent) if one is looked_at), None)
        if looked_at is not None and at is None:
            same = _at_fault(looked_at)
            at = next(
                (at for at, one in enumerate(snapshot.recent) if _at_fault(one) == same), None
            )
        if looked_at is not None and at is None:
            # It is not among the recent ones any more: the oldest of them is nearest to it.
            at = 0 if snapshot.recent else None
        self._view = replace(self._view, selected=at)

    def _selected(self) -> Violation | None:
        at = self._view.selected
        return None if self._shown is None or at is None else self._shown.recent[at]

    def _press(self, key: Key) -> None:
        if key == "pause":
            self._view = replace(self._view, paused=not self._view.paused)
            if not self._view.paused and self._latest is not None:
                self._present(self._latest)
        elif key == "back":
            self._view = replace(self._view, selected=None)
        elif self._shown is not None and self._shown.recent:
            newest, at = len(self._shown.recent) - 1, self._view.selected
            step = 1 if key == "up" else -1  # the newest is at the top
            at = newest if at is None else min(max(at + step, 0), newest)
            self._view = replace(self._view, selected=at)

    # --- the terminal -----------------------------------------------------------------------

    def _draw(self, *, at_once: bool) -> None:
        if self._shown is None:
            return
        size = self._size()
        wanted = (self._shown, self._view, size)
        past = self._clock() - self._when
        if self._drawn is not None and (
            past < STALE if wanted == self._drawn else past < BUSY and not at_once
        ):
            return
        self._live.console.size = size
        self._live.update(screen(self._shown, self._view, *size, self._style), refresh=True)
        self._drawn, self._when = wanted, self._clock()

    def _size(self) -> tuple[int, int]:
        with contextlib.suppress(OSError, ValueError):
            size = os.get_terminal_size(self._output.fileno())
            if size.columns > 0 and size.lines > 0:
                return size.columns, size.lines
        return _FALLBACK

    def _write(self, data: bytes) -> None:
        # Past Python's buffers, which a signal may have found half full.
        with contextlib.suppress(OSError, ValueError):
            os.write(self._output.fileno(), data)

    def _end(self) -> None:
        way_back = _LEAVE
        try:
            with contextlib.suppress(OSError, ValueError):  # the terminal may be gone by now
                self._live.stop()
                way_back = _PLAIN  # the rest is done
        finally:
            self._write(way_back)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: hand the terminal to the shell, and stop."""
        self._give_up()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        signal.signal(number, self._stop)  # somebody has us go on, or we could not be stopped
        if self._away:
            self._take_over()

    def _go_on(self, _number: int, _frame: FrameType | None) -> None:
        if not self._away:  # stopped unasked: what was shown is mixed with what others wrote
            self._give_up()
        self._take_over()

    def _give_up(self) -> None:
        self._write(_LEAVE)
        self._keyboard.release()
        self._away = True

    def _take_over(self) -> None:
        self._keyboard.listen()
        self._write(_ENTER)
        self._away, self._drawn = False, None


def _at_fault(one: Violation) -> tuple[str, tuple[Evidence, ...]]:
    """The rule and the line at fault: what was told as lost may have come late since."""
    return one.rule.id, one.finding.evidence[:1]


def _console(output: TextIO, style: Style) -> Console:
    return Console(
        file=output, force_terminal=True, force_interactive=True, color_system="standard",
        no_color=not style.color, legacy_windows=False, markup=False, highlight=False, emoji=False,
        _environ={},
    )  # fmt: skip
