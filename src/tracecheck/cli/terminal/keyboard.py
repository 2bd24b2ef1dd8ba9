"""Keys that a person presses while a screen is shown: read without waiting, one name each."""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import termios
import tty
from dataclasses import dataclass
from typing import Any, Literal, Self

from .streams import is_terminal

Key = Literal["quit", "pause", "up", "down", "back"]

_NAMES: dict[bytes, Key] = {
    b"q": "quit", b"Q": "quit", b"p": "pause", b"P": "pause",
    b"k": "up", b"j": "down", b"\x1b": "back",
}  # fmt: skip
_ARROWS: dict[bytes, Key] = {b"A": "up", b"B": "down"}

_ESCAPE = b"\x1b"
# A sequence is `ESC [`, parameters, and its last byte; or `ESC O` and one byte.
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*([@-~])|O([ -~]))")
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O)?\Z")
_LONGEST = 32  # bytes of a sequence whose end is still awaited

PATIENCE = 0.05
"""Seconds in which the rest of an escape sequence comes; an `ESC` alone is then the key."""

_AT_ONCE = 1024


@dataclass(slots=True)
class Keys:
    """Bytes of a terminal into keys; a sequence that was cut is kept until its rest comes."""

    begun: bytes = b""
    since: float = 0.0

    def feed(self, data: bytes, now: float) -> list[Key]:
        """The keys that are known by now; other keys are passed over."""
        if not data and self.begun and now - self.since >= PATIENCE:
            alone, self.begun = self.begun, b""
            return [_NAMES[_ESCAPE]] if alone == _ESCAPE else []
        before = self.begun
        data, self.begun = before + data, b""
        found: list[Key] = []
        at = 0
        while at < len(data):
            if _BEGUN.match(data, at) and len(data) - at <= _LONGEST:
                self.begun = data[at:]
                break
            sequence = _SEQUENCE.match(data, at)
            one = data[at : at + 1]
            key = _ARROWS.get(sequence[1] or sequence[2]) if sequence else _NAMES.get(one)
            found += [key] if key else []
            at = sequence.end() if sequence else at + 1
        if self.begun != before:
            self.since = now
        return found


class Keyboard:
    """The keyboard of a terminal, each key known as it is pressed, and not shown; or none.

    While it is entered, the terminal hands over keys one by one (Ctrl-C and Ctrl-Z still mean
    what they mean). After it, the terminal is as it was.
    """

    def __init__(self, descriptor: int | None, *, owned: bool = False) -> None:
        """Take the keyboard of a descriptor, which is closed at the end if it is `owned`."""
        self._descriptor = descriptor
        self._owned = owned
        self._before: list[Any] | None = None
        self._keys = Keys()

    @classmethod
    def find(cls, *, log_on_stdin: bool = False) -> Self:
        """Standard input if it is a terminal, else the terminal that controls us, else none.

        There is none, too, where the log itself is typed at the terminal.
        """
        if is_terminal(sys.stdin):
            return cls(None if log_on_stdin else sys.stdin.fileno())
        try:
            return cls(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY), owned=True)
        except OSError:
            return cls(None)

    def __enter__(self) -> Self:
        if self._descriptor is not None:
            try:
                self._before = termios.tcgetattr(self._descriptor)
            except (termios.error, OSError):
                self._descriptor = None  # no terminal after all
            self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        if self._owned and self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def listen(self) -> None:
        """Have each key at once; again after the terminal was another's."""
        if self._descriptor is not None and self._before is not None:
            with contextlib.suppress(termios.error, OSError):
                tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def release(self) -> None:
        """Give the terminal back as it was, without keys that nobody asked about."""
        if self._descriptor is not None and self._before is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._before)

    def read(self, now: float) -> list[Key]:
        """The keys that were pressed since; never waits. `now` is in seconds."""
        return self._keys.feed(self._waiting(), now)

    def _waiting(self) -> bytes:
        if self._descriptor is None or self._before is None:
            return b""
        try:
            if not select.select([self._descriptor], [], [], 0)[0]:
                return b""
            data = os.read(self._descriptor, _AT_ONCE)
        except (OSError, ValueError):
            data = b""
        if not data:  # it was readable and has nothing: the terminal is gone
            self._before = None
        return data
