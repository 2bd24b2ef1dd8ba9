"""The screen owns a terminal, draws only when it must, and gives the terminal back."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report.snapshots import LOST, MISMATCH, STANDING

from tracecheck.cli.terminal.keyboard import Keyboard
from tracecheck.cli.terminal.screen import BUSY, STALE, Screen, usable
from tracecheck.report import Style

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"
TIMEOUT = 60
CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A terminal with a person at it: what is typed, and what there is to be seen."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.openpty()
        self.now = 1.0
        self.resize(120, 40)
        self.before = termios.tcgetattr(self.theirs)
        self.output = os.fdopen(self.theirs, "w", encoding="utf-8", closefd=False)

    def screen(self, **style: Any) -> Screen:
        keyboard = Keyboard(self.theirs)
        return Screen(Style(**style), output=self.output, keyboard=keyboard, clock=lambda: self.now)

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, data: bytes) -> None:
        os.write(self.ours, data)

    def seen(self) -> bytes:
        """What was drawn since."""
        os.set_blocking(self.ours, False)
        data = b""
        with contextlib.suppress(OSError):
            while part := os.read(self.ours, 65_536):
                data += part
        os.set_blocking(self.ours, True)
        return data

    def read(self) -> str:
        return " ".join(CONTROL.sub(b"", self.seen()).decode().split())


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    one = Terminal()
    yield one
    assert termios.tcgetattr(one.theirs) == one.before
    os.close(one.ours)
    with contextlib.suppress(OSError):
        one.output.close()
    os.close(one.theirs)


def test_a_screen_is_its_own_and_is_left_as_if_nothing_was(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        entered = terminal.seen()
        assert ENTER in entered
        assert HIDE in entered
        screen.show(STANDING)
        assert "FAIL so far" in terminal.read()
        assert termios.tcgetattr(terminal.theirs) != terminal.before
    left = terminal.seen()
    assert left.count(LEAVE) == 1
    assert SHOW in left
    assert b"\x1b[?7h" in left


def test_a_screen_is_left_on_an_error_too(terminal: Terminal) -> None:
    def interrupted() -> None:
        with terminal.screen() as screen:
            screen.show(STANDING)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert LEAVE in terminal.seen()


def test_a_terminal_that_is_gone_does_not_hide_the_error() -> None:
    def left_alone() -> None:
        with another.screen() as screen:
            screen.show(STANDING)
            os.close(another.ours)
            raise ZeroDivisionError

    another = Terminal()
    with pytest.raises(ZeroDivisionError):
        left_alone()
    os.close(another.theirs)


def test_it_is_drawn_when_something_changed_or_a_second_passed(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(STANDING)
        assert terminal.read()
        terminal.now += BUSY
        screen.show(replace(STANDING))
        screen.keys()
        assert not terminal.read()
        screen.show(replace(STANDING, lag=77))
        assert "77 bytes" in terminal.read()
        screen.show(replace(STANDING, lag=78))
        assert not terminal.read()  # too soon after the last
        terminal.now += BUSY
        screen.keys()
        assert "78 bytes" in terminal.read()
        terminal.now += STALE
        screen.show(replace(STANDING, lag=78))
        assert "78 bytes" in terminal.read()
        terminal.seen()


def test_a_resized_terminal_is_filled_anew(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(STANDING)
        terminal.seen()
        terminal.resize(60, 10)
        terminal.now += BUSY
        screen.show(STANDING)
        drawn = CONTROL.sub(b"", terminal.seen()).decode().splitlines()
        assert len([line for line in drawn if line]) == 10
        assert max(map(len, drawn)) == 60


def test_a_paused_screen_stands_and_then_shows_what_was_missed(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(STANDING)
        terminal.type(b"p")
        assert screen.keys() is None
        assert "paused" in terminal.read()
        terminal.now += STALE
        screen.show(replace(STANDING, lag=99))
        assert "99 bytes" not in terminal.read()
        terminal.type(b"p")
        screen.keys()
        told = terminal.read()
        assert "99 bytes" in told
        assert "paused" not in told


def test_q_is_told_to_the_caller(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(STANDING)
        assert screen.keys() is None
        terminal.type(b"q")
        assert screen.keys() == "quit"


def test_arrows_go_through_the_findings_and_escape_leaves_them(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(STANDING)
        terminal.seen()
        terminal.type(b"j")
        screen.keys()
        assert "> critical no-default-or-thread-instance" in terminal.read()
        terminal.type(b"\x1b[B\x1b[")
        screen.keys()
        assert (
            "> 2025-12-18T12:00:00.250Z critical every-plan-is-delivered mismatch"
            in terminal.read()
        )
        terminal.type(b"B")
        screen.keys()
        assert "> 2025-12-18T12:00:00Z critical every-plan-is-delivered lost" in terminal.read()
        terminal.type(b"\x1b")
        screen.keys()
        terminal.now += BUSY
        screen.keys()
        assert "Esc back" not in terminal.read()


def test_the_finding_that_is_looked_at_stays_when_others_come(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(replace(STANDING, recent=(LOST, MISMATCH)))
        terminal.type(b"jj")
        screen.keys()
        assert "> 2025-12-18T12:00:00Z critical every-plan-is-delivered lost" in terminal.read()
        terminal.now += BUSY
        screen.show(replace(STANDING, recent=(MISMATCH, LOST, MISMATCH, MISMATCH)))
        assert "> 2025-12-18T12:00:00Z critical every-plan-is-delivered lost" in terminal.read()
        terminal.now += BUSY
        screen.show(replace(STANDING, recent=(MISMATCH,)))
        assert (
            "> 2025-12-18T12:00:00.250Z critical every-plan-is-delivered mismatch"
            in terminal.read()
        )
        terminal.now += BUSY
        screen.show(replace(STANDING, recent=()))
        assert "Esc back" not in terminal.read()


def test_the_finding_that_is_looked_at_may_turn_into_another(terminal: Terminal) -> None:
    late = replace(LOST, finding=replace(LOST.finding, class_="late"))
    with terminal.screen() as screen:
        screen.show(replace(STANDING, recent=(MISMATCH, LOST, MISMATCH)))
        terminal.type(b"jj")
        screen.keys()
        assert "> 2025-12-18T12:00:00Z critical every-plan-is-delivered lost" in terminal.read()
        terminal.now += BUSY
        screen.show(replace(STANDING, recent=(MISMATCH, MISMATCH, late)))
        assert "> 2025-12-18T12:00:00Z critical every-plan-is-delivered late" in terminal.read()


def test_without_colour_there_is_none(terminal: Terminal) -> None:
    with terminal.screen() as screen:
        screen.show(STANDING)
        assert not re.search(rb"\x1b\[[0-9;]*3[0-9]", terminal.seen())
    with terminal.screen(color=True) as screen:
        screen.show(STANDING)
        assert re.search(rb"\x1b\[[0-9;]*31m", terminal.seen())


def test_a_dumb_terminal_or_none_is_not_used(terminal: Terminal) -> None:
    assert usable(terminal.output, {"TERM": "xterm"})
    assert not usable(terminal.output, {"TERM": "dumb"})
    assert not usable(terminal.output, {})
    with Path(os.devnull).open("w") as nowhere:
        assert not usable(nowhere, {"TERM": "xterm"})


def test_drawing_costs_little(terminal: Terminal) -> None:
    def once(lag: int) -> float:
        terminal.now += BUSY
        before = time.perf_counter()
        screen.show(replace(STANDING, lag=lag))
        spent = time.perf_counter() - before
        assert terminal.seen()
        return spent

    with terminal.screen(color=True) as screen:
        best = min(once(lag) for lag in range(20))
    assert best < 0.03  # some 5 ms where nothing else runs


# --- stopped and continued --------------------------------------------------------------------

CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
from report.snapshots import STANDING
from tracecheck.cli.terminal.screen import Screen
from tracecheck.report import Style
with Screen(Style()) as screen:
    screen.show(STANDING)
    while screen.keys() is None:
        screen.show(STANDING)
"""


def _until(descriptor: int, sign: bytes) -> bytes:
    data = b""
    while sign not in data:
        assert select.select([descriptor], [], [], TIMEOUT)[0], data
        data += os.read(descriptor, 65_536)
    return data


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_a_run_that_is_stopped_gives_the_terminal_back_until_it_goes_on(number: int) -> None:
    ours, theirs = os.openpty()
    before = termios.tcgetattr(theirs)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(Path(__file__).parents[2])],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm"},
        process_group=0,  # a group of its own, with us as its parent: it can be stopped
    ) as running:
        try:
            _until(ours, b"q quit")
            assert termios.tcgetattr(theirs) != before
            running.send_signal(number)
            assert os.WIFSTOPPED(os.waitpid(running.pid, os.WUNTRACED)[1])
            if number == signal.SIGTSTP:
                assert termios.tcgetattr(theirs) == before
                assert LEAVE in _until(ours, LEAVE)
            running.send_signal(signal.SIGCONT)
            assert b"q quit" in _until(ours, ENTER) + _until(ours, b"q quit")
            assert termios.tcgetattr(theirs) != before
            os.write(ours, b"q")
            assert LEAVE in _until(ours, LEAVE)
            assert running.wait(timeout=TIMEOUT) == 0
        finally:
            running.kill()
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)
