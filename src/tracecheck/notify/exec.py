"""`--exec CMD`: a command of the user runs for each finding, and reads it as JSON.

No shell stands in between, and no text of a log is ever an argument: it goes to standard input.
What the command prints is not passed on, as it would disturb a live screen or JSON lines; the
first line of it is in the message if the command fails.
"""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Sequence

from ..errors import UsageError
from ..text.safe import clipped
from ..text.wording import quoted
from .child_process import Child, Ended
from .worker import WAITING, Worker

TIMEOUT = 30.0
"""Seconds for one run of the command."""

_MESSAGE = 200
"""Characters of what a command says that a message holds."""

_BY_HAND = "run it by hand with a finding on its standard input"


class Commands(Worker):
    """Runs `command` once for each text, one after the other; a text is one JSON object.

    Raises UsageError if the command is none, or its program is not found.
    """

    def __init__(
        self,
        command: str,
        *,
        timeout: float = TIMEOUT,
        limit: int = WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._arguments = _split(command)
        self._program = _found(self._arguments[0])
        self._timeout = timeout
        self._clock = clock
        self._child: Child | None = None
        # The program alone: arguments may hold a secret.
        super().__init__(f"--exec {quoted(self._arguments[0])}", limit=limit)

    def close(self, timeout: float) -> None:
        """Run it for what is waiting for at most `timeout` seconds; then what runs is killed."""
        super().close(timeout)
        child = self._child
        if child is not None:
            child.kill()

    def _deliver(self, texts: Sequence[str]) -> str | None:
        # One object is one line; outside of its strings, JSON takes a blank for a line break.
        line = " ".join(texts).replace("\n", " ") + "\n"
        try:
            child = Child(self._arguments, self._program)
        except OSError as error:
            return _not_started(error)
        self._child = child
        try:
            if self._given_up.is_set():  # while it started, so that nobody else kills it
                child.kill()
            data = line.encode("utf-8", "backslashreplace")
            ended = child.run(data, self._clock() + self._timeout, self._clock)
        finally:
            self._child = None
        return self._complaint(ended)

    def _complaint(self, ended: Ended) -> str | None:
        if ended.code == 0:
            return None
        message = f" ({clipped(ended.message, _MESSAGE)})" if ended.message else ""
        if ended.code is None:
            return (
                f"it took longer than {self._timeout:g} s and was killed{message};"
                " make it quicker, or let it work in the background"
            )
        if ended.code < 0:
            return f"it was ended by {_signal(-ended.code)}{message}; {_BY_HAND}"
        return f"it failed with exit code {ended.code}{message}; {_BY_HAND}"


def _split(command: str) -> list[str]:
    if "\0" in command:
        raise UsageError("--exec: there is a NUL character in the command; remove it")
    try:
        arguments = shlex.split(command)
    except ValueError:
        raise UsageError(
            "--exec: a quote or a backslash at the end of the command is left open;"
            " close the quote, or put a backslash before it"
        ) from None
    if not arguments or not arguments[0]:
        raise UsageError("--exec: no command is given; name a program and its arguments")
    return arguments


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is not None:
        return found
    if os.path.isdir(program):
        mend = "it is a directory; name a program in it"
    elif os.path.isfile(program):
        run = "" if os.path.dirname(program) else f" and name it {quoted('./' + program)}"
        mend = f"it is a file; make it executable (chmod +x){run}"
    elif os.path.dirname(program):
        mend = "there is no such file; name one that can be run"
    else:
        mend = "it is not in PATH; install it, or name the path to it"
    raise UsageError(f"--exec: {quoted(program)} cannot be run: {mend}")


def _not_started(error: OSError) -> str:
    if error.errno == errno.ENOEXEC:
        return "it cannot be started: it is no program; a script begins with #! and its interpreter"
    why = error.strerror or type(error).__name__
    return f"it cannot be started: {why}; {_BY_HAND}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # one that has no name
        return f"signal {number}"
