"""The text of one rule file, how it is got, and where in it a fault is."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ..errors import UsageError
from ..text.wording import quoted

LARGEST = 1 << 20
"""The most bytes of a rule file: far above any real one, far below what would hurt."""


class NoRegularFileError(OSError):
    """A pipe, a device or a socket: reading it may wait for ever, or take what is others'."""


_NOT_TO_BE_READ: Mapping[type[OSError], tuple[str, str]] = {
    FileNotFoundError: (
        "no such file",
        "give a path, or the name of a shipped file such as golive",
    ),
    PermissionError: ("permission denied", "run as a user who may, or change its mode"),
    NoRegularFileError: (
        "it is no regular file, but a pipe, a device or a socket",
        "write the rules to a file",
    ),
    IsADirectoryError: ("it is a directory", "name a file in it"),
    NotADirectoryError: ("no such file", "a part of this path is no directory"),
}
_HANDED_OVER = "/dev/fd/"
_JOIN = re.compile(r"(\\\r?\n[ \t]*)+")  # a line end that a backslash takes away
_BEFORE, _WIDTH = 60, 100  # what an excerpt shows of a long line


@dataclass(frozen=True)
class RuleText:
    """A rule file as text, with its path as given."""

    path: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a character."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def excerpt(self, offset: int) -> str:
        """The line of the character and a caret below it; empty if there is nothing to show."""
        _, column = self.position(offset)
        before = min(column - 1, _BEFORE)
        window = self.text[offset - before : offset - before + _WIDTH]
        whole = re.split(r"[\r\n]", window, maxsplit=1)[0]
        shown = "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in whole)
        if not shown.strip():
            return ""
        pad = "".join("\t" if char == "\t" else " " for char in shown[:before])
        return f"{shown}\n{pad.ljust(before)}^"


def aligned(value: str, raw: str, style: str | None) -> list[int] | None:
    r"""For each character of a scalar's value its offset in the text it was read from.

    One further entry stands for the end. White space may be folded, a quote doubled, and a
    character escaped; None if the two cannot be laid side by side.
    """
    place = raw.find("\n") + 1 if style in ("|", ">") else 1 if style else 0
    places = []
    for char in value:
        if style == '"' and (join := _JOIN.match(raw, place)):
            place = join.end()
        while not char.isspace() and raw[place : place + 1].isspace():
            place += 1
        places.append(place)
        here = raw[place : place + 1]
        if style == '"' and here == "\\":
            place += {"x": 4, "u": 6, "U": 10}.get(raw[place + 1 : place + 2], 2)
        elif here == char:
            place += 2 if style == "'" and char == "'" else 1
        elif not char.isspace():
            return None
        elif here.isspace():
            place += 1
    return [*places, place]


def read_bytes(path: str) -> bytes:
    """The bytes of a regular file, one more than is allowed at most. Raises OSError."""
    _ensure_regular(os.stat(path))
    # Should it have become a pipe since, opening it does not wait for a writer.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        _ensure_regular(os.fstat(file.fileno()))
        return file.read(LARGEST + 1)


def _ensure_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError
    if not stat.S_ISREG(status.st_mode):
        raise NoRegularFileError


def read_named(path: str) -> bytes:
    """The bytes of a rule file that the user named, or that a shell hands over: `<(command)`."""
    try:
        if path.startswith(_HANDED_OVER) and stat.S_ISFIFO(os.stat(path).st_mode):
            with open(path, "rb") as file:
                return file.read(LARGEST + 1)
        return read_bytes(path)
    except OSError as error:
        reason, mend = why_unreadable(error)
        raise UsageError(f"cannot read the rule file {path}: {reason}; {mend}") from None
    except ValueError:
        raise UsageError(f"cannot read the rule file {quoted(path)}: not a path") from None


def why_unreadable(error: OSError) -> tuple[str, str]:
    """Why a file cannot be read, and how to mend it."""
    other = (error.strerror or str(error), "check the path and its disk")
    return _NOT_TO_BE_READ.get(type(error), other)
