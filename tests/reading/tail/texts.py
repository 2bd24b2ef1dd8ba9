"""What stands in logs that are hard to tell from each other."""

from __future__ import annotations

from random import Random
from typing import Protocol

TEXTS = ("unique", "unique", "header", "header, cut", "constant")

TOLD_BY = 8
"""So many first bytes of a line tell it from any other, where it has a number."""

_HEADER = b"".join(
    b"INFO app.core.start: starting component number %d of 25 ...... ok\n" % number
    for number in range(1, 26)
)
_BEAT = b"INFO app.core.beat: all is well\n"


class Lines(Protocol):
    """What is written to a log."""

    number: int

    def lines(self, *, is_new: bool) -> bytes:
        """The next ones; `is_new`: of a file that is empty."""

    @property
    def may_be_cut(self) -> bool:
        """Whether any part of the start of a file may be written, or read, alone."""


class Text:
    """Lines, each with a number of its own; or like that.

    `header`: each file begins with the same lines, more than what a file is known by, which are
    written and read at once, but for `header, cut`. `constant`: lines are alike, but for the first
    one of each file and a rare one.
    """

    def __init__(self, sort: str, rng: Random) -> None:
        self.sort = sort
        self.number = 0
        self._rng = rng

    def lines(self, *, is_new: bool) -> bytes:
        count = self._rng.choice((1, 1, 2, 5, 30))
        if self.sort == "constant":
            beats = (self._rng.random() < 0.05 for _ in range(count))
            rest = b"".join(self._line() if is_rare else _BEAT for is_rare in beats)
            return (self._line() if is_new else b"") + rest
        lines = b"".join(self._line() for _ in range(count))
        return _HEADER + lines if self._has_header and is_new else lines

    @property
    def may_be_cut(self) -> bool:
        return self.sort != "header"

    @property
    def _has_header(self) -> bool:
        return self.sort.startswith("header")

    def _line(self) -> bytes:
        self.number += 1
        return b"%06d 2025-12-18T21:00:00Z line %s\n" % (
            self.number,
            b"x" * self._rng.choice((0, 5, 60)),
        )
